"use strict";

/* The figures that were seen last on this device (panel.js keeps them). */
try {
  const last = JSON.parse(localStorage.getItem("acm-last") ?? "null");
  if (last) {
    for (const name of ["inside", "in", "out"]) document.getElementById(`last-${name}`).textContent = last[name];
    document.getElementById("last-when").textContent = new Date(last.at).toLocaleString(document.documentElement.lang);
    document.getElementById("last").hidden = document.getElementById("last-why").hidden = false;
  }
} catch {
  /* Nothing was kept, or the browser keeps nothing. */
}
