"use strict";

/* The service worker: pages come from the box, or, without it, the page that says so. Nothing of the shop is kept
   here but that page; figures seen last are kept by the page itself. */
const SHELL = "acm-shell-1";
const OFFLINE = "/offline";

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(SHELL).then(async (cache) => {
      const page = await fetch(OFFLINE, { cache: "reload" });
      const text = await page.clone().text();
      await cache.put(OFFLINE, page);
      /* What the page is made of, by the addresses in it. */
      const parts = [...text.matchAll(/(?:href|src)="(\/static\/[^"#]+)/g)].map((found) => found[1]);
      await cache.addAll([...new Set([...parts, "/static/icons.svg"])]);
    }),
  );
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (new URL(request.url).pathname.startsWith("/static/")) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  }
});

/* The box tells something: what, which page shows it, and of which kind; a newer one of its kind takes its place. */
self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data?.json() ?? {};
  } catch {
    /* Not of this box's making: the person is told that there is something, as the browser demands. */
  }
  event.waitUntil(
    self.registration.showNotification(String(told.title ?? "Customer Messenger"), {
      body: String(told.body ?? ""),
      icon: "/static/icon-192.png",
      badge: "/static/icon-192.png",
      tag: String(told.kind ?? "news"),
      renotify: true,
      data: { page: String(told.page ?? "/") },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const page = new URL(event.notification.data?.page ?? "/", self.location.origin);
  if (page.origin !== self.location.origin) return;
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then((open) => {
      const here = open.find((one) => new URL(one.url).pathname === page.pathname);
      return here ? here.focus() : self.clients.openWindow(page.href);
    }),
  );
});
