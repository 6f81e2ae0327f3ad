"use strict";

/* The browser knows the time zone; the box may not. */
const zone = document.getElementById("zone");
const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone.value === "UTC" && [...zone.options].some((option) => option.value === mine)) zone.value = mine;

/* Most days are like Monday. */
const days = [...document.querySelectorAll(".days input")];
days[0].addEventListener("change", () => {
  for (const day of days.slice(1, 5)) if (!day.value) day.value = days[0].value;
});
