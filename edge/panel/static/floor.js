"use strict";

/* Where people stand: heat over a still of the camera, on a canvas. What is drawn comes as data-floor from the page; the
   still is fetched once and lives in this page only. The colours are the same in light and dark, since they lie on the
   picture: Matplotlib's "inferno" (CC0), which people who see few colours can tell apart, too. */
{
  const PALETTE = [[27, 12, 65], [74, 12, 107], [120, 28, 109], [165, 44, 96], [207, 68, 70], [237, 105, 37], [251, 155, 6], [247, 209, 61], [252, 255, 164]];
  const GROUND = "#0c1110", VEIL = "rgb(12 17 16 / 45%)", INK = "#f2f6f4", UNDER = "#101614", ZONE = "#8fd0ea", LINE = "#ffdc3c";
  const FINE = 8, WIDE = 16 / 9, LEGEND = 64, EDGE = 12, TYPE = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
  const mixed = (one, other, part) => one + (other - one) * part;
  const colour = (part) => {
    const at = Math.min(1, Math.max(0, part)) * (PALETTE.length - 1), low = Math.min(PALETTE.length - 2, Math.floor(at));
    return PALETTE[low].map((value, n) => mixed(value, PALETTE[low + 1][n], at - low));
  };
  const strength = (part) => 0.9 * Math.min(1, Math.sqrt(Math.max(0, part)) * 1.3);

  class Floor {
    constructor(place) {
      this.place = place;
      this.canvas = place.querySelector("canvas");
      this.said = place.querySelector(".no-picture");
      this.told = JSON.parse(place.dataset.floor);
      this.heat = this.heated();
      new ResizeObserver(() => this.draw()).observe(place);
      this.look();
    }

    /* The still, if there is one and whoever looks may see it. */
    async look() {
      const asked = new URLSearchParams({ camera: this.told.camera, lines: "false" });
      try {
        const answer = await fetch(`/pictures?${asked}`, { cache: "no-store", redirect: "manual" });
        if (answer.headers.get("Content-Type")?.startsWith("image/")) {
          this.still = await createImageBitmap(await answer.blob());
        } else if (answer.type !== "opaqueredirect") {
          this.said.textContent = (await answer.json()).error;
        }
      } catch {
        /* The box cannot be reached: the frame of the page says so, and the heat lies on a plain ground. */
      }
      this.place.dataset.ground = this.still ? "picture" : "plain";
      this.draw();
    }

    /* The heat, finer than its fields: what is between their middles is in between. */
    heated() {
      const { columns, fields, most } = this.told, rows = fields.length / columns;
      const made = new OffscreenCanvas(columns * FINE, rows * FINE), context = made.getContext("2d");
      const image = context.createImageData(made.width, made.height);
      const field = (row, column) => fields[Math.min(rows - 1, Math.max(0, row)) * columns + Math.min(columns - 1, Math.max(0, column))];
      for (let y = 0; y < made.height; y++) {
        const down = (y + 0.5) / FINE - 0.5, row = Math.floor(down);
        for (let x = 0; x < made.width; x++) {
          const along = (x + 0.5) / FINE - 0.5, column = Math.floor(along);
          const above = mixed(field(row, column), field(row, column + 1), along - column);
          const below = mixed(field(row + 1, column), field(row + 1, column + 1), along - column);
          const part = mixed(above, below, down - row) / most;
          image.data.set([...colour(part), 255 * strength(part)], 4 * (y * made.width + x));
        }
      }
      context.putImageData(image, 0, 0);
      return made;
    }

    draw() {
      const wide = this.place.clientWidth;
      if (!wide) return;
      const aspect = this.still ? this.still.width / this.still.height : WIDE;
      const most = Math.max(240, 0.72 * innerHeight), long = Math.min(wide, most * aspect), high = long / aspect;
      const scale = Math.max(2, devicePixelRatio);
      this.canvas.width = Math.round(long * scale);
      this.canvas.height = Math.round((high + LEGEND) * scale);
      this.canvas.style.aspectRatio = `${this.canvas.width} / ${this.canvas.height}`;
      this.canvas.style.width = `${long}px`;
      const context = this.canvas.getContext("2d");
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.fillStyle = GROUND;
      context.fillRect(0, 0, long, high + LEGEND);
      this.ground(context, long, high);
      context.imageSmoothingQuality = "high";
      context.drawImage(this.heat, 0, 0, long, high);
      for (const zone of this.told.zones) this.zone(context, zone, long, high);
      for (const line of this.told.lines) this.line(context, line, long, high);
      this.legend(context, long, high);
      this.place.dataset.drawn = String(Number(this.place.dataset.drawn ?? 0) + 1);
    }

    /* The still without its colours and darker, so that the heat's are the only ones; or fields alone. */
    ground(context, long, high) {
      if (this.still) {
        context.drawImage(this.still, 0, 0, long, high);
        context.globalCompositeOperation = "saturation";
        context.fillStyle = "#808080";
        context.fillRect(0, 0, long, high);
        context.globalCompositeOperation = "source-over";
        context.fillStyle = VEIL;
        context.fillRect(0, 0, long, high);
        return;
      }
      const { columns, fields } = this.told, rows = fields.length / columns;
      context.strokeStyle = "rgb(255 255 255 / 9%)";
      context.lineWidth = 1;
      context.beginPath();
      for (let column = 1; column < columns; column++) context.rect((column * long) / columns, 0, 0, high);
      for (let row = 1; row < rows; row++) context.rect(0, (row * high) / rows, long, 0);
      context.stroke();
    }

    zone(context, { name, corners }, long, high) {
      const path = new Path2D();
      for (const [x, y] of corners) path.lineTo(x * long, y * high);
      path.closePath();
      this.stroke(context, path, ZONE, 2);
      const left = Math.min(...corners.map(([x]) => x)), top = Math.min(...corners.map(([, y]) => y));
      this.name(context, name, left * long + 8, top * high + 20, long);
    }

    line(context, { name, ends: [[ax, ay], [bx, by]] }, long, high) {
      const path = new Path2D();
      path.moveTo(ax * long, ay * high);
      path.lineTo(bx * long, by * high);
      this.stroke(context, path, LINE, 3);
      const [x, y] = ax < bx ? [ax, ay] : [bx, by];
      this.name(context, name, x * long + 8, Math.max(20, y * high - 8), long);
    }

    stroke(context, path, tint, width) {
      context.lineJoin = context.lineCap = "round";
      for (const [style, more] of [[UNDER, 3], [tint, 0]]) {
        context.strokeStyle = style;
        context.lineWidth = width + more;
        context.stroke(path);
      }
    }

    name(context, said, x, y, long) {
      context.font = `600 14px ${TYPE}`;
      this.written(context, said, Math.max(6, Math.min(x, long - context.measureText(said).width - 6)), y);
    }

    written(context, said, x, y) {
      context.textBaseline = "alphabetic";
      context.lineJoin = "round";
      context.lineWidth = 4;
      context.strokeStyle = UNDER;
      context.strokeText(said, x, y);
      context.fillStyle = INK;
      context.fillText(said, x, y);
    }

    /* What the colours mean, on the same dark ground in light and dark, so that it is in the picture taken away, too. */
    legend(context, long, high) {
      const { title, half, full } = this.told.legend, wide = Math.min(320, long - 2 * EDGE), top = high + 26;
      context.font = `500 13px ${TYPE}`;
      context.fillStyle = INK;
      context.fillText(title, EDGE, high + 18);
      const ramp = context.createLinearGradient(EDGE, 0, EDGE + wide, 0);
      for (let n = 0; n <= 32; n++) {
        const [red, green, blue] = colour(n / 32);
        ramp.addColorStop(n / 32, `rgb(${red} ${green} ${blue} / ${strength(n / 32)})`);
      }
      context.fillStyle = "#565c5a";
      context.fillRect(EDGE, top, wide, 12);
      context.fillStyle = ramp;
      context.fillRect(EDGE, top, wide, 12);
      context.fillStyle = INK;
      context.fillText("0", EDGE, top + 28);
      context.textAlign = "center";
      context.fillText(half, EDGE + wide / 2, top + 28);
      context.textAlign = "right";
      context.fillText(full, EDGE + wide, top + 28);
      context.textAlign = "left";
    }
  }

  const floors = new WeakMap();
  const look = () => {
    for (const place of document.querySelectorAll("[data-floor]")) if (!floors.has(place)) floors.set(place, new Floor(place));
  };
  new MutationObserver(look).observe(document.documentElement, { subtree: true, childList: true });
  look();
}
