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

// Two falling tones when somebody is named who was not named before. What was there when the page was loaded is no news.
const STARTS_MS = 2000; // so long a browser may take until its sound runs
let named = null;
let audio, audioSince;

function ring() {
  const list = main.querySelector("[data-rings]");
  if (!list) return;
  const names = list.dataset.rings.split(" ").filter((name) => name);
  const isNews = named !== null && names.some((name) => !named.includes(name));
  named = names;
  if (isNews && allowed()) for (const [hz, after] of [[659.26, 0], [523.25, 0.45]]) tone(hz, audio.currentTime + after);
}

function tone(hz, at) {
  const oscillator = new OscillatorNode(audio, { frequency: hz });
  const gain = new GainNode(audio, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.5, at + 0.01);
  gain.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.6);
  main.dataset.rung = Number(main.dataset.rung || 0) + 1;
}

// A browser that was not told otherwise makes no sound before somebody has touched it.
function allowed() {
  if (!audio) {
    audio = new AudioContext();
    audioSince = Date.now();
  }
  if (audio.state === "suspended") audio.resume();
  return audio.state === "running";
}

function sound() {
  if (!main.querySelector("[data-rings]")) return "";
  if (allowed()) return "sound=on";
  return Date.now() - audioSince > STARTS_MS ? "sound=blocked" : "";
}

// The smallest capital letters of what must be read, and the screen, for the agent to judge. A window that somebody has
// opened to have a look does not count.
function measured() {
  if (innerWidth < screen.width || innerHeight < screen.height) return "";
  const context = document.createElement("canvas").getContext("2d");
  const caps = [...main.querySelectorAll("[data-read]")].map((mark) => {
    const style = getComputedStyle(mark);
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    return context.measureText("H").actualBoundingBoxAscent;
  });
  if (!caps.length) return "";
  return `cap_px=${Math.min(...caps)}&width_px=${screen.width}&height_px=${screen.height}`;
}

function tellSeen() {
  navigator.sendBeacon(`${main.dataset.seen}?${[measured(), sound()].filter((it) => it).join("&")}`);
}

function follow() {
  const source = new EventSource(main.dataset.live);
  source.addEventListener("version", (event) => {
    if (event.data !== main.dataset.version) location.reload();
  });
  source.addEventListener("picture", (event) => {
    heard();
    main.innerHTML = event.data; // escaped by the agent's templates
    ring();
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
ring();
follow();
