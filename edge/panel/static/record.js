"use strict";

/* Recording a greeting in the browser: heard, trimmed, made as loud as others, listened to, and sent to the box as WAV.
   What is worked out about samples stands in acm.sound and touches no page. */
acm.sound = (() => {
  const FRAME_S = 0.01, EDGE_S = 0.08, FADE_S = 0.005;
  const QUIET = 0.004, QUIET_PART = 0.08, LOUD = 0.1, MOST = 0.89;
  const level = (samples, from, to) => {
    let sum = 0;
    for (let at = from; at < to; at++) sum += samples[at] ** 2;
    return Math.sqrt(sum / Math.max(1, to - from));
  };

  return {
    level,

    /* Without the silence before and after; nothing if nothing was heard. */
    trimmed(samples, rate) {
      const step = Math.max(1, Math.round(rate * FRAME_S)), levels = [];
      for (let at = 0; at + step <= samples.length; at += step) levels.push(level(samples, at, at + step));
      const floor = Math.max(QUIET, QUIET_PART * Math.max(0, ...levels));
      const first = levels.findIndex((one) => one > floor), last = levels.findLastIndex((one) => one > floor);
      if (first < 0) return samples.slice(0, 0);
      const edge = Math.round(rate * EDGE_S);
      return samples.slice(Math.max(0, first * step - edge), (last + 1) * step + edge);
    },

    /* As loud as other chimes, its peaks whole, its ends without a click. */
    levelled(samples, rate) {
      const peak = samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
      if (!peak) return samples.slice();
      const gain = Math.min(LOUD / level(samples, 0, samples.length), MOST / peak), fade = Math.round(rate * FADE_S);
      return samples.map((one, at) => one * gain * Math.min(1, at / fade, (samples.length - 1 - at) / fade));
    },

    /* 16 bits, one channel. */
    wav(samples, rate) {
      const file = new DataView(new ArrayBuffer(44 + 2 * samples.length));
      const say = (at, text) => [...text].forEach((letter, place) => file.setUint8(at + place, letter.charCodeAt(0)));
      say(0, "RIFF"), file.setUint32(4, 36 + 2 * samples.length, true), say(8, "WAVEfmt ");
      file.setUint32(16, 16, true), file.setUint16(20, 1, true), file.setUint16(22, 1, true);
      file.setUint32(24, rate, true), file.setUint32(28, 2 * rate, true);
      file.setUint16(32, 2, true), file.setUint16(34, 16, true), say(36, "data"), file.setUint32(40, 2 * samples.length, true);
      samples.forEach((one, at) => file.setInt16(44 + 2 * at, Math.round(32767 * Math.min(1, Math.max(-1, one))), true));
      return new Blob([file], { type: "audio/wav" });
    },
  };
})();

{
  const LONGEST_S = 15, LOUDEST = 0.3;
  const make = (tag, parent, attributes = {}, text = "") => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = text;
    parent.append(made);
    return made;
  };
  const drawing = (name) => {
    const SVG = "http://www.w3.org/2000/svg", made = document.createElementNS(SVG, "svg");
    made.setAttribute("class", "icon"), made.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `/static/icons.svg#${name}`), made.append(use);
    return made;
  };

  class Recorder {
    constructor(place) {
      this.place = place;
      this.says = JSON.parse(place.dataset.recorder);
      const row = make("div", place, { class: "row" });
      this.start = this.button(row, "start", "microphone", () => this.record());
      this.stop = this.button(row, "stop", "stop", () => this.end());
      this.listen = this.button(row, "listen", "play", () => this.play(), true);
      this.again = this.button(row, "again", "undo", () => this.record(), true);
      this.meter = make("div", place, { class: "loudness", "aria-hidden": "true" });
      this.bar = make("div", this.meter);
      this.said = make("p", place, { role: "status", class: "muted", "data-test": "recorder" });
      this.form = make("form", place, { class: "field" });
      make("label", this.form, { for: "greeting-name" }, this.says.name);
      this.name = make("input", this.form, { id: "greeting-name", maxlength: "40", required: "", autocomplete: "off" });
      make("p", this.form, { class: "hint" }, this.says.name_hint);
      const end = make("div", this.form);
      this.save = this.button(end, "save", "check", () => {});
      this.save.type = "submit";
      this.form.addEventListener("submit", (event) => (event.preventDefault(), this.send()));
      this.show("idle");
    }

    button(parent, name, picture, does, plain = false) {
      const made = make("button", parent, { type: "button", class: plain ? "button plain" : "button", "data-test": `record-${name}` });
      made.append(drawing(picture), this.says[name]);
      made.addEventListener("click", does);
      return made;
    }

    show(state, said = "") {
      this.start.hidden = state !== "idle";
      this.stop.hidden = this.meter.hidden = state !== "on";
      this.listen.hidden = this.again.hidden = this.form.hidden = state !== "done";
      this.said.textContent = said;
      this.place.dataset.state = state;
    }

    async record() {
      this.player?.pause();
      try {
        this.heard = [];
        const sound = { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: false };
        this.microphone = await navigator.mediaDevices.getUserMedia({ audio: sound });
        this.context = new AudioContext();
        await this.context.audioWorklet.addModule(this.place.dataset.worklet);
        const listener = new AudioWorkletNode(this.context, "acm-listener", { numberOfOutputs: 0 });
        this.context.createMediaStreamSource(this.microphone).connect(listener);
        listener.port.onmessage = (event) => this.hear(event.data);
        this.show("on", this.says.on);
      } catch (error) {
        this.let_go();
        this.show("idle", error.name === "NotAllowedError" ? this.says.denied : this.says.none);
      }
    }

    hear(samples) {
      if (!this.context) return;
      this.heard.push(samples);
      const lasted = this.heard.reduce((sum, one) => sum + one.length, 0) / this.context.sampleRate;
      this.bar.style.setProperty("--level", Math.min(1, acm.sound.level(samples, 0, samples.length) / LOUDEST));
      const left = String(Math.max(0, Math.ceil(LONGEST_S - lasted)));
      if (left !== this.left) this.said.textContent = this.says.left.replace("{s}", (this.left = left));
      if (lasted >= LONGEST_S) this.end();
    }

    let_go() {
      const rate = this.context?.sampleRate ?? 0;
      for (const track of this.microphone?.getTracks() ?? []) track.stop();
      this.context?.close();
      this.context = this.microphone = undefined;
      return rate;
    }

    end() {
      const rate = this.let_go(), whole = new Float32Array(this.heard.reduce((sum, one) => sum + one.length, 0));
      let at = 0;
      for (const one of this.heard) whole.set(one, at), (at += one.length);
      const kept = acm.sound.trimmed(whole.slice(0, Math.floor(LONGEST_S * rate) - 1), rate);
      if (!kept.length) return this.show("idle", this.says.silent);
      this.file = acm.sound.wav(acm.sound.levelled(kept, rate), rate);
      this.show("done", this.says.done.replace("{s}", (kept.length / rate).toFixed(1)));
      this.listen.focus();
    }

    play() {
      this.player?.pause();
      this.player = new Audio(URL.createObjectURL(this.file));
      this.player.play();
    }

    async send() {
      this.save.disabled = true;
      try {
        const path = `/api/v1/sounds?${new URLSearchParams({ name: this.name.value })}`;
        const headers = { "X-CSRF-Token": acm.csrf(), "Content-Type": "audio/wav" };
        const answer = await fetch(path, { method: "POST", headers, body: this.file });
        const told = await answer.json();
        if (!answer.ok) throw new Error(told.error ?? answer.statusText);
        location.reload();
      } catch (error) {
        this.save.disabled = false;
        this.said.textContent = error.message;
      }
    }
  }

  const made = new WeakSet();
  const look = () => {
    for (const place of document.querySelectorAll("[data-recorder]")) {
      if (!made.has(place)) made.add(place), new Recorder(place);
    }
  };
  new MutationObserver(look).observe(document.documentElement, { subtree: true, childList: true });
  look();
}
