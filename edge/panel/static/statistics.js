"use strict";

/* Choices and days lead to the address that shows them. */
document.addEventListener("change", (event) => {
  const select = event.target.closest("select[data-choice]");
  if (select) {
    if (/^\/(statistics|reports)(?![^/?])/.test(select.value)) location.assign(select.value);
    return;
  }
  const days = event.target.closest("[data-go]");
  if (!days) return;
  const place = new URL(days.dataset.go, location.origin);
  const fields = [...days.querySelectorAll("input[data-name]")];
  if (!fields.every((field) => field.value && field.checkValidity())) return;
  const values = fields.map((field) => field.value);
  if (values.length === 2 && values[0] > values[1]) values.sort();
  fields.forEach((field, number) => place.searchParams.set(field.dataset.name, values[number]));
  location.assign(place);
});

addEventListener("click", (event) => {
  const taken = event.target.closest("[data-take=png]");
  if (taken) acm.png(taken.closest(".figure-card"), taken.dataset);
});

/* A heading puts the rows of its table in order: the most first, then the least first. What is not known comes last. */
addEventListener("click", (event) => {
  const button = event.target.closest("button[data-sorts]");
  if (!button) return;
  const heading = button.closest("th"), table = heading.closest("table"), body = table.tBodies[0];
  const down = heading.getAttribute("aria-sort") !== "descending";
  const value = (row) => {
    const cell = row.cells[heading.cellIndex];
    return cell.dataset.sort === undefined ? cell.textContent : cell.dataset.sort === "" ? null : Number(cell.dataset.sort);
  };
  const order = (one, other) => (typeof one === "number" && typeof other === "number" ? one - other : String(one).localeCompare(String(other)));
  const rows = [...body.rows].map((row) => [value(row), row]);
  rows.sort(([one], [other]) => (one === null) - (other === null) || (one === null ? 0 : order(one, other) * (down ? -1 : 1)));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  body.append(...rows.map(([, row]) => row));
});

/* One figure in another's place. */
addEventListener("click", (event) => {
  const turn = event.target.closest("button[data-turn]");
  if (!turn) return;
  const here = turn.closest(".figure-card");
  const there = document.querySelector(`.figure-card[data-figure="${turn.dataset.turn}"]`);
  if (!there || there === here) return;
  here.classList.add("turned-away");
  there.classList.remove("turned-away");
  there.querySelector(`button[data-turn="${turn.dataset.turn}"]`).focus();
});

/* The colour that is legible on a cell of a heat table, by its part of the most. */
acm.on_heat = (part) => {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark";
  return acm.colour(part > (dark ? 0.62 : 0.78) ? "accent-ink" : "ink");
};

/* What is shown where the finger is: names and numbers as they are told in the page's language. */
acm.tip = (params) => {
  const told = document.createElement("div");
  const number = (value) => Number(value).toLocaleString(document.documentElement.lang || undefined, { maximumFractionDigits: 1 });
  const row = (one, said) => {
    const made = document.createElement("div");
    made.className = "tip-row";
    made.insertAdjacentHTML("beforeend", one.marker ?? "");
    for (const part of [one.seriesName, said]) made.append(Object.assign(document.createElement("span"), { textContent: part }));
    told.append(made);
  };
  const list = Array.isArray(params) ? params : [params];
  const title = Object.assign(document.createElement("b"), { textContent: list[0]?.axisValueLabel ?? list[0]?.name ?? "" });
  if (list[0]?.componentType === "markPoint") return Object.assign(told, { textContent: list[0].data.said });
  told.append(title);
  for (const one of list) {
    if (one.seriesType === "boxplot") {
      if (Array.isArray(one.value) && one.value.length > 5) row(one, `${number(one.value[3])} (${number(one.value[2])} – ${number(one.value[4])})`);
    } else if (one.seriesType === "heatmap") row(one, number(one.value[2]));
    else if (one.value !== null && one.value !== undefined && one.value !== "-") row(one, number(one.value));
  }
  return told;
};

/* The tab one is on is in sight where they do not all have room. */
acm.show_tab = () => {
  const tab = document.querySelector(".tabs [aria-current]");
  if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - 16;
  return Boolean(tab);
};
const looking = setInterval(() => acm.show_tab() && clearInterval(looking), 100);

/* A figure as a picture to put into a letter: its title, white ground, the colours of the light theme. */
acm.png = async (card, { title, below, file }) => {
  const drawn = await acm.drawn(card);
  if (!drawn) return;
  const edge = 48, head = 128;
  const canvas = document.createElement("canvas");
  canvas.width = drawn.width + 2 * edge;
  canvas.height = drawn.height + head + edge;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#15211e";
  pen.font = "600 36px system-ui, sans-serif";
  pen.fillText(title, edge, 62, canvas.width - 2 * edge);
  pen.fillStyle = "#54635f";
  pen.font = "400 26px system-ui, sans-serif";
  pen.fillText(below, edge, 102, canvas.width - 2 * edge);
  pen.drawImage(drawn, edge, head);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};

/* What is drawn in a card: its chart drawn anew in light colours, or a canvas as it is. */
acm.drawn = async (card) => {
  const { echarts } = await import("nicegui-echart");
  const chart = card.querySelector(".chart") && echarts.getInstanceByDom(card.querySelector(".chart"));
  if (!chart) return card.querySelector("canvas[data-png]");
  const room = document.createElement("div");
  room.style.cssText = "position:fixed;left:-9999px;top:0;width:960px;height:480px";
  document.body.append(room);
  const printed = echarts.init(room, null, { renderer: "canvas" });
  try {
    printed.setOption({ ...acm.recoloured(chart.getOption(), acm.printed_colours()), animation: false });
    return printed.renderToCanvas({ pixelRatio: 2, backgroundColor: "#ffffff" });
  } finally {
    printed.dispose();
    room.remove();
  }
};

/* Each colour of the present theme with that of the light one. */
acm.printed_colours = () => {
  const names = ["ground", "surface", "raised", "sunken", "line", "ink", "muted", "accent", "accent-ink", "accent-soft", "second",
    "good", "good-soft", "warn", "warn-soft", "bad", "bad-soft"];
  const root = document.documentElement, look = root.dataset.look;
  const now = names.map(acm.colour);
  root.dataset.look = "light";
  const light = names.map(acm.colour);
  root.dataset.look = look;
  return new Map(now.map((colour, number) => [colour, light[number]]));
};

acm.recoloured = (told, colours) => {
  if (typeof told === "string") return colours.get(told) ?? told;
  if (Array.isArray(told)) return told.map((one) => acm.recoloured(one, colours));
  if (told === null || typeof told !== "object") return told;
  return Object.fromEntries(Object.entries(told).map(([key, one]) => [key, acm.recoloured(one, colours)]));
};
