"use strict";

/* Live pictures: fetched one after the other while the page is seen, five a second for all of them together. */
{
  const PAUSE_MS = 200, TROUBLE_MS = 2000;
  const later = (ms) => new Promise((done) => setTimeout(done, ms));
  let number = 0;

  /* A place with data-camera has an img, and a p for what keeps the picture away. */
  const say = (place, sentence) => {
    const said = place.querySelector(".no-picture");
    if (said.textContent !== sentence) said.textContent = sentence;
    place.classList.toggle("without", sentence !== "");
  };

  const look = async (place) => {
    const asked = new URLSearchParams({ camera: place.dataset.camera, lines: place.dataset.lines ?? "true" });
    const answer = await fetch(`/pictures?${asked}`, { cache: "no-store", redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 401) return location.reload();
    if (!answer.headers.get("Content-Type")?.startsWith("image/")) return say(place, (await answer.json()).error);
    const image = place.querySelector("img"), before = image.src;
    const address = URL.createObjectURL(await answer.blob());
    image.src = address;
    await image.decode().catch(() => {});
    if (before.startsWith("blob:")) URL.revokeObjectURL(before);
    if (image.naturalWidth) place.style.setProperty("--aspect", String(image.naturalWidth / image.naturalHeight));
    place.dataset.seen = String(Number(place.dataset.seen ?? 0) + 1);
    say(place, "");
  };

  (async () => {
    for (;;) {
      const places = [...document.querySelectorAll("[data-camera]")];
      const began = performance.now();
      if (places.length && !document.hidden) {
        const place = places[number++ % places.length];
        try {
          await look(place);
        } catch {
          /* The box cannot be reached: the frame of the page says so. */
          await later(TROUBLE_MS);
        }
        if (place.classList.contains("without")) await later(TROUBLE_MS / Math.max(1, places.length));
      }
      await later(Math.max(20, PAUSE_MS - (performance.now() - began)));
    }
  })();
}
