"use strict";

/* What the pages need in the browser beside their framework. */
globalThis.acm = {
  /* A colour of the theme by its name in panel.css. */
  colour: (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim(),

  /* A number as the page's language writes it; what is none stays as it is. */
  number: (value) =>
    typeof value === "number" ? value.toLocaleString(document.documentElement.lang || undefined) : (value ?? "–"),

  /* What a call that changes something has to bring. */
  csrf: () => document.querySelector('meta[name="csrf"]')?.content ?? "",

  /* A call to the API; gives what it answers, or throws its sentence. */
  async call(method, path, body) {
    const answer = await fetch(path, {
      method,
      headers: { "X-CSRF-Token": acm.csrf(), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error ?? answer.statusText);
    return told;
  },
};

/* The page is asked for again. Who follows a link meanwhile is not called back: the page stays where it was until the
   next one has come, or until it is clear that the link gave a file. */
let leaves = false;
addEventListener("beforeunload", () => {
  leaves = true;
  setTimeout(() => { leaves = false; }, 15_000);
});
acm.anew = (after_ms) => setTimeout(() => { if (!leaves) location.reload(); }, after_ms);

/* Charts are drawn in the colours of the theme there was: with another one the page is drawn anew. */
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  if (document.documentElement.dataset.theme === "auto") acm.anew(0);
});

/* The menu closes when one turns to something else. */
addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* The app on a phone: a page for the time without network, and the figures seen last. */
if ("serviceWorker" in navigator && isSecureContext) navigator.serviceWorker.register("/sw.js").catch(() => {});

acm.keep = (figures) => {
  try {
    localStorage.setItem("acm-last", JSON.stringify({ ...figures, at: Date.now() }));
  } catch {
    /* The browser keeps nothing. */
  }
};
