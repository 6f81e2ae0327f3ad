"use strict";

/* Light or dark, told before anything is painted: as somebody chose, or as their device has it. */
{
  const root = document.documentElement, device = matchMedia("(prefers-color-scheme: dark)");
  const look = () => {
    root.dataset.look = root.dataset.theme === "auto" ? (device.matches ? "dark" : "light") : root.dataset.theme;
  };
  root.dataset.theme = document.querySelector('meta[name="theme"]')?.content ?? "auto";
  look();
  device.addEventListener("change", look);
}
