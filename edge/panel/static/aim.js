"use strict";

/* Lines and zones on the live picture, moved by finger, mouse or keyboard. What is drawn comes as data-drawing from the
   page; what was moved goes back as the event "drawn". */
{
  const SVG = "http://www.w3.org/2000/svg", STEP = 0.01, GRIP = 22;
  const make = (tag, attributes, parent) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    parent?.append(made);
    return made;
  };
  const within = (value) => Math.min(1, Math.max(0, value));

  class Board {
    constructor(place) {
      this.place = place;
      this.svg = make("svg", { class: "drawing" }, place);
      this.told = "";
      new ResizeObserver(() => this.draw()).observe(place);
    }

    /* Take what the page says there is. */
    read() {
      const told = this.place.dataset.drawing ?? "";
      if (told === this.told) return;
      this.told = told;
      this.drawing = JSON.parse(told);
      this.draw();
    }

    at([x, y]) {
      return [x * this.place.clientWidth, y * this.place.clientHeight];
    }

    draw() {
      if (!this.drawing) return;
      const held = this.svg.querySelector(":focus")?.dataset.grip;
      this.svg.replaceChildren();
      this.svg.setAttribute("viewBox", `0 0 ${this.place.clientWidth} ${this.place.clientHeight}`);
      for (const zone of this.drawing.zones) this.zone(zone);
      for (const line of this.drawing.lines) this.line(line);
      if (held) this.svg.querySelector(`[data-grip="${CSS.escape(held)}"]`)?.focus();
    }

    zone(zone) {
      const group = make("g", { class: "zone" }, this.svg);
      const points = () => zone.corners.map((corner) => this.at(corner).join(",")).join(" ");
      const area = make("polygon", { points: points(), class: "area" }, group);
      this.grips(area, zone.corners);
      this.name(group, zone.name, zone.corners[0]);
      zone.corners.forEach((corner, n) => this.grip(group, corner, `${zone.name} ${n}`, zone.say));
    }

    line(line) {
      const group = make("g", { class: "line" }, this.svg);
      const [[ax, ay], [bx, by]] = line.ends.map((end) => this.at(end));
      const long = Math.hypot(bx - ax, by - ay) || 1;
      const [nx, ny] = [(ay - by) / long, (bx - ax) / long], [mx, my] = [(ax + bx) / 2, (ay + by) / 2];
      const reach = Math.min(44, 14 + long / 6), [hx, hy] = [mx + nx * reach, my + ny * reach];
      const wing = (side) => `${hx - 10 * nx + side * 7 * ny},${hy - 10 * ny - side * 7 * nx}`;
      for (const under of ["under", "over"]) {
        make("line", { x1: ax, y1: ay, x2: bx, y2: by, class: under }, group);
        make("polyline", { points: `${mx},${my} ${hx},${hy}`, class: under }, group);
        make("polyline", { points: `${wing(1)} ${hx},${hy} ${wing(-1)}`, class: under }, group);
      }
      const anchor = nx > 0.4 ? "start" : nx < -0.4 ? "end" : "middle", away = reach + (anchor === "middle" ? 16 : 8);
      make("text", { x: mx + nx * away, y: my + ny * away, class: "way", "text-anchor": anchor }, group).textContent = this.drawing.in;
      this.grips(make("line", { x1: ax, y1: ay, x2: bx, y2: by, class: "body" }, group), line.ends);
      this.name(group, line.name, line.ends[1]);
      line.ends.forEach((end, n) => this.grip(group, end, `${line.name} ${n}`, line.say));
    }

    name(group, name, [x, y]) {
      const [px, py] = this.at([x, y]), wide = this.place.clientWidth;
      const anchor = px > wide * 0.7 ? "end" : "start";
      const above = py < 40 ? py + 34 : py - 18;
      make("text", { x: px + (anchor === "end" ? -8 : 8), y: above, class: "name", "text-anchor": anchor }, group).textContent = name;
    }

    grip(group, point, grip, said) {
      const [x, y] = this.at(point);
      const one = make("g", { class: "grip", tabindex: 0, role: "button", "aria-label": said, "data-grip": grip }, group);
      make("circle", { cx: x, cy: y, r: GRIP, class: "reach" }, one);
      make("circle", { cx: x, cy: y, r: 9, class: "knob" }, one);
      this.grips(one, [point]);
      one.addEventListener("keydown", (event) => {
        const way = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
        if (!way) return;
        event.preventDefault();
        this.move([point], way);
        this.done();
      });
    }

    /* Have some points follow the finger that takes hold of an element. */
    grips(element, points) {
      /* Whoever takes hold of something does not want to scroll. */
      element.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
      element.addEventListener("pointerdown", (down) => {
        if (down.button > 0) return;
        down.preventDefault();
        /* What was touched is drawn anew while it moves: the drawing as a whole keeps the finger. */
        this.svg.setPointerCapture(down.pointerId);
        let [x, y] = [down.clientX, down.clientY];
        const follow = (event) => {
          if (event.pointerId !== down.pointerId) return;
          this.move(points, [(event.clientX - x) / this.place.clientWidth, (event.clientY - y) / this.place.clientHeight]);
          [x, y] = [event.clientX, event.clientY];
        };
        const leave = (event) => {
          if (event.pointerId !== down.pointerId) return;
          removeEventListener("pointermove", follow);
          removeEventListener("pointerup", leave);
          removeEventListener("pointercancel", leave);
          this.done();
        };
        addEventListener("pointermove", follow);
        addEventListener("pointerup", leave);
        addEventListener("pointercancel", leave);
      });
    }

    /* Move points together; at the edge of the picture all of them stop. */
    move(points, [dx, dy]) {
      for (const [x, y] of points) {
        dx = within(x + dx) - x;
        dy = within(y + dy) - y;
      }
      for (const point of points) {
        point[0] += dx;
        point[1] += dy;
      }
      this.draw();
    }

    done() {
      const detail = { lines: this.drawing.lines.map((line) => line.ends), zones: this.drawing.zones.map((zone) => zone.corners) };
      this.place.dispatchEvent(new CustomEvent("drawn", { detail }));
    }
  }

  const boards = new WeakMap();
  const look = () => {
    for (const place of document.querySelectorAll("[data-drawing]")) {
      if (!boards.has(place)) boards.set(place, new Board(place));
      boards.get(place).read();
    }
  };
  new MutationObserver(look).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-drawing"] });
  look();
}
