// Holds one page and its style for when there is no network: it says that nothing was sent. No other
// page and no answer is ever kept here.

const KEPT = "offline";
const PAGE = "/offline";

async function keep() {
  const cache = await caches.open(KEPT);
  const page = await fetch(PAGE);
  const style = (await page.clone().text()).match(/href="(\/static\/console[^"]+\.css)"/);
  await cache.put(PAGE, page);
  if (style) {
    await cache.add(style[1]);
  }
}

async function answer(request) {
  try {
    return await fetch(request);
  } catch {
    const kept = await caches.match(request.mode === "navigate" ? PAGE : request);
    return kept ?? Response.error();
  }
}

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const isStyle = new URL(request.url).pathname.startsWith("/static/console");
  if (request.method === "GET" && (request.mode === "navigate" || isStyle)) {
    event.respondWith(answer(request));
  }
});
