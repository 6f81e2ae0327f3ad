"use strict";

/* Being told by the box, in this browser: what its push service needs, and what the box needs of it. */
acm.notices = (() => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const able = () => isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const worker = () => navigator.serviceWorker.ready;

  return {
    /* What this browser can do, and where its messages are left now. */
    async state() {
      if (!able()) return { able: false, endpoint: "" };
      const asked = await (await worker()).pushManager.getSubscription();
      return { able: true, denied: Notification.permission === "denied", endpoint: asked?.endpoint ?? "" };
    },

    /* Ask the person, then the browser's push service; gives what the box needs, or why not. */
    async begin(key) {
      if (!able()) return { why: "unable" };
      if ((await Notification.requestPermission()) !== "granted") return { why: "denied" };
      try {
        const manager = (await worker()).pushManager, wanted = bytes(key);
        const before = await manager.getSubscription(), known = before?.options?.applicationServerKey;
        /* One that was asked for by another box, or by this one with another key, is of no use. */
        if (before && String(new Uint8Array(known ?? [])) !== String(wanted)) await before.unsubscribe();
        const asked = await manager.subscribe({ userVisibleOnly: true, applicationServerKey: wanted });
        return { asked: asked.toJSON() };
      } catch (error) {
        return { why: "failed", error: String(error.message ?? error).slice(0, 200) };
      }
    },

    async end() {
      if (!able()) return {};
      await (await (await worker()).pushManager.getSubscription())?.unsubscribe();
      return {};
    },
  };
})();
