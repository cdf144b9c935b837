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

// The smallest capital letters of what must be read, and the screen, for the agent to judge.
function measured() {
  const context = document.createElement("canvas").getContext("2d");
  const caps = [...main.querySelectorAll("[data-read]")].map((mark) => {
    const style = getComputedStyle(mark);
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    return context.measureText("H").actualBoundingBoxAscent;
  });
  if (!caps.length) return "";
  return `?cap_px=${Math.min(...caps)}&width_px=${screen.width}&height_px=${screen.height}`;
}

function tellSeen() {
  navigator.sendBeacon(main.dataset.seen + measured());
}

function follow() {
  const source = new EventSource(main.dataset.live);
  source.addEventListener("version", (event) => {
    if (event.data !== main.dataset.version) location.reload();
  });
  source.addEventListener("picture", (event) => {
    heard();
    main.innerHTML = event.data; // escaped by the agent's templates
    tellSeen();
  });
  source.addEventListener("ping", () => {
    heard();
    tellSeen();
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, AGAIN_MS);
  });
}

heard();
follow();
