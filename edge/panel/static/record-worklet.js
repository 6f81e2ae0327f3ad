"use strict";

/* Passes on what the microphone hears, as it comes. */
class Listener extends AudioWorkletProcessor {
  process([[heard]]) {
    if (heard) this.port.postMessage(heard.slice());
    return true;
  }
}
registerProcessor("acm-listener", Listener);
