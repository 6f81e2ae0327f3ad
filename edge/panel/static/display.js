"use strict";

/* The wall: told by the box whenever the count changes; tries again for ever. */
const wall = document.getElementById("wall");

function show(told) {
  wall.dataset.state = told.state;
  const count = document.getElementById("count");
  count.textContent = told.count;
  count.classList.toggle("long", told.count.length > 2);
  document.getElementById("say").textContent = told.say;
  const limit = document.getElementById("limit");
  if (limit) limit.textContent = told.limit;
}

function listen() {
  const source = new EventSource("/display/now");
  source.onmessage = (message) => show(JSON.parse(message.data));
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return;
    /* Refused: the page itself tells why. */
    setTimeout(() => location.reload(), 15000);
  };
}

listen();
navigator.wakeLock?.request("screen").catch(() => {});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
});
document.querySelector("[data-full-screen]").addEventListener("click", () => {
  document.documentElement.requestFullscreen?.().catch(() => {});
});
