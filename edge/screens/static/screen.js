// Keeps a screen fresh: takes each picture that the agent pushes, and shows the stale one when the agent is silent.
"use strict";

const SILENT_MS = 12000; // two pings of 5 s missed, and a little
const AGAIN_MS = 5000;
const main = document.querySelector("main");
let silence;

function heard() {
  clearTimeout(silence);
  silence = setTimeout(showStale, SILENT_MS);
}

function showStale() {
  const stale = main.querySelector("template");
  if (stale) main.replaceChildren(stale.content);
}

function follow() {
  const source = new EventSource(main.dataset.live);
  source.addEventListener("version", (event) => {
    if (event.data !== main.dataset.version) location.reload();
  });
  source.addEventListener("picture", (event) => {
    heard();
    main.innerHTML = event.data; // escaped by the agent's templates
    navigator.sendBeacon(main.dataset.seen);
  });
  source.addEventListener("ping", () => {
    heard();
    navigator.sendBeacon(main.dataset.seen);
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, AGAIN_MS);
  });
}

heard();
follow();
