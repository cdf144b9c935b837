// Keeps the fragment of a page true: what the hub sends is swapped in. Without it the page asks again by itself.
"use strict";

const place = document.querySelector("[data-live]");
const lost = document.querySelector("[data-lost]");
const LOST_AFTER_MS = 5000;
const ASK_AGAIN_MS = 15000;
const SILENT_AFTER_MS = 15000; // The hub says every ten seconds that it is there.
let seq = Number(place.dataset.seq);
let lostTimer = 0;
let silenceTimer = 0;
let source = null;

// Shows a fragment, unless something newer is there already. The focus stays where it was, and what was open is open.
function show(html, newSeq) {
  if (newSeq < seq) return;
  seq = newSeq;
  const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
  const open = Array.from(place.querySelectorAll("details[open]"), (details) => details.id);
  place.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus();
  place.dispatchEvent(new Event("shown"));
}

function awaitNews() {
  clearTimeout(silenceTimer);
  silenceTimer = setTimeout(silent, SILENT_AFTER_MS);
}

// Nothing broke, and yet nobody speaks: what stands here may be old.
function silent() {
  lost.hidden = false;
  source.close();
  listen();
}

function heard() {
  awaitNews();
  clearTimeout(lostTimer);
  lostTimer = 0;
  lost.hidden = true;
}

function disconnected() {
  lostTimer ||= setTimeout(() => { lost.hidden = false; }, LOST_AFTER_MS);
  // A lost connection is opened again by the browser; a refused one is given up, so we ask whether the page is there.
  if (source.readyState === EventSource.CLOSED) setTimeout(askAgain, ASK_AGAIN_MS);
}

async function askAgain() {
  try {
    const answer = await fetch(location.href);
    if (answer.ok || answer.status === 404) return location.reload();
  } catch {
    // The hub cannot be reached; the page says so already.
  }
  setTimeout(askAgain, ASK_AGAIN_MS);
}

function listen() {
  source = new EventSource(place.dataset.live);
  source.onopen = heard;
  source.onerror = disconnected;
  source.addEventListener("alive", heard);
  source.onmessage = (event) => {
    heard();
    show(event.data, Number(event.lastEventId));
  };
  awaitNews();
}

listen();
// A phone that slept may hold a stream that is dead and does not know it.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  source.close();
  listen();
});
