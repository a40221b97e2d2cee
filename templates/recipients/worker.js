// Keeps the pages a person has read, for this visit alone, to be read without a network.
// A page of another visit, or of none (the entrance), empties what was kept.
"use strict";

const SHELL = "ecluse-shell-{{ version }}";
const PAGES = "ecluse-pages";
const SHELL_FILES = {{ shell | tojson }};
const HOME = {{ home | tojson }};
const OFFLINE = {{ offline | tojson }};
const STATIC = {{ static | tojson }} + "/";
const NEVER_KEPT = {{ never_kept | tojson }};
const NETWORK_MS = 15000;

// Answers come in any order: one that was asked for before the visit changed is not kept, and
// they are settled one at a time.
let asked = 0;
let changed = 0;
let settled = Promise.resolve();

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(SHELL).then((cache) => cache.addAll(SHELL_FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("ecluse-shell-") && name !== SHELL) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => {
  if (event.data === "leave") event.waitUntil(forget((asked += 1)));
  else if (event.data?.keep) event.waitUntil(readAndKeep(event.data.keep).catch(() => {}));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (request.method === "GET" && url.pathname.startsWith(STATIC) && url.searchParams.has("v")) {
    event.respondWith(file(request));
  }
});

const isSpace = (path) => path === HOME || path.startsWith(`${HOME}/`);

async function file(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) (await caches.open(SHELL)).put(request, answer.clone());
  return answer;
}

async function page(request) {
  const order = (asked += 1);
  let answer;
  try {
    answer = await fetchInTime(request);
  } catch {
    return offlinePage(request);
  }
  // The page is shown once what belongs to another visit is gone.
  await settle(request, answer, order);
  return answer;
}

async function fetchInTime(request) {
  if (request.method !== "GET") return fetch(request);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), NETWORK_MS);
  try {
    return await fetch(request, { signal: abort.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function readAndKeep(address) {
  const order = (asked += 1);
  const request = new Request(address, { credentials: "same-origin" });
  await settle(request, await fetch(request), order);
}

function settle(request, answer, order) {
  settled = settled.then(() => sort(request, answer, order)).catch(() => forget(order));
  return settled;
}

async function sort(request, answer, order) {
  const path = new URL(request.url).pathname;
  // A redirection says nothing yet: the page it leads to will. A failure neither.
  if (!isSpace(path) || answer.type === "opaqueredirect" || answer.status >= 500) return;
  if (order < changed) return;
  const visit = answer.redirected ? null : answer.headers.get("X-Visit");
  if (!visit || (await markKept()) !== visit) await forget(order);
  const until = Number(answer.headers.get("X-Keep"));
  const never = NEVER_KEPT.some((start) => path.startsWith(start));
  if (!visit || !until || never || request.method !== "GET") return;
  const text = await answer.clone().text();
  // Meanwhile « Sortir » may have been pressed.
  if (order < changed) return;
  const pages = await caches.open(PAGES);
  await pages.put(markAddress, new Response(visit));
  await pages.put(request.url, kept(text, visit, until));
}

const markAddress = "/moi/.visit";

async function markKept() {
  return (await (await caches.open(PAGES)).match(markAddress))?.text();
}

function kept(text, visit, until) {
  return new Response(text, {
    headers: { "Content-Type": "text/html; charset=utf-8", "X-Visit": visit, "X-Keep": until },
  });
}

async function forget(order) {
  changed = Math.max(changed, order);
  await caches.delete(PAGES);
}

async function offlinePage(request) {
  const found = request.method === "GET" ? await (await caches.open(PAGES)).match(request.url) : null;
  if (found && Number(found.headers.get("X-Keep")) * 1000 < Date.now()) await forget((asked += 1));
  else if (found && found.headers.get("X-Visit") === (await markKept())) return shownAsKept(found);
  return (await caches.match(OFFLINE)) || Response.error();
}

// The page says itself that it is not fresh, even where scripts do not run.
async function shownAsKept(found) {
  const text = (await found.text()).replace('role="status" hidden', 'role="status"');
  return new Response(text, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": {{ policy | tojson }},
      "X-Content-Type-Options": "nosniff",
    },
  });
}
