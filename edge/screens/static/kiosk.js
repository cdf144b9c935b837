// What a kiosk's page cannot do by links and forms alone: arrows, the reader of codes, reading aloud, beginning anew.
"use strict";

const STATE_MS = 2000;
const TAKEN_MS = 8000;
const WAIT_MS = 300; // while a slip is awaited
const SILENT_TIMES = 4; // of asking the agent in vain
const SCAN_GAP_MS = 80; // between two keys of a reader; nobody types so fast
const SCAN_CHARS_MIN = 8;
const body = document.body;
const { device } = body.dataset;
const start = new URL(device, location.href).pathname;
const idle = document.getElementById("idle");
let silent = 0;

// --- the agent -----------------------------------------------------------------------------------------------------

async function look() {
  let state;
  try {
    const answer = await fetch(`${device}/state?key=${encodeURIComponent(body.dataset.key)}`, { cache: "no-store" });
    if (answer.ok) state = await answer.json();
  } catch {
    // counted below
  }
  silent = state ? 0 : silent + 1;
  if (silent === SILENT_TIMES) {
    idle.close();
    document.querySelector("main").replaceWith(document.getElementById("broken").content.cloneNode(true));
    document.querySelector("nav").remove(); // every way from here leads to nowhere
    body.dataset.offer = ""; // once the agent answers again, the page is another
  }
  if (state && state.how === "TAKEN") {
    setTimeout(leave, TAKEN_MS); // with her slip in the hand she goes, and the next one comes
    return;
  }
  if (state && isAnother(state)) {
    if (silent === 0 && body.querySelector(".broken")) location.replace(start);
    else location.reload();
    return;
  }
  const waits = body.dataset.how === "SENT" || body.dataset.how === "PROMISED";
  setTimeout(look, waits ? WAIT_MS : STATE_MS);
}

function isAnother(state) {
  if (body.dataset.key) return state.how !== body.dataset.how;
  const mayChange = !body.classList.contains("at-appointment"); // nobody loses what she has typed
  return state.version !== body.dataset.version || (mayChange && state.offer !== body.dataset.offer);
}

// --- beginning anew ------------------------------------------------------------------------------------------------

const idleMs = body.dataset.idleS * 1000;
let left = 0;
let touched = setTimeout(() => {}, 0);
let ticking;

function touch() {
  clearTimeout(touched);
  if (idleMs && !idle.open) touched = setTimeout(warn, idleMs);
}

function warn() {
  left = Number(body.dataset.warningS);
  idle.showModal();
  if (reading()) speechSynthesis.cancel();
  tick();
}

function tick() {
  idle.querySelector(".left").textContent = left;
  if (left <= 0) leave();
  else ticking = setTimeout(tick, 1000);
  left -= 1;
}

function leave() {
  if (!body.dataset.key) {
    location.replace(start);
    return;
  }
  const done = new URLSearchParams({ do: "done", key: body.dataset.key });
  fetch(device, { method: "POST", body: done, redirect: "manual" }).finally(() => location.replace(start));
}

idle.querySelector("button").addEventListener("click", () => idle.close());
idle.addEventListener("close", () => {
  clearTimeout(ticking);
  touch();
});

// --- keys ----------------------------------------------------------------------------------------------------------

function targets() {
  return [...document.querySelectorAll("main a[href], main button, nav a[href], nav button")].filter(
    (it) => !it.disabled && it.getClientRects().length,
  );
}

/** The nearest target in that direction, sideways being farther than straight on. */
function next(from, key) {
  const box = from.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  let best;
  for (const it of targets()) {
    const other = it.getBoundingClientRect();
    const [dx, dy] = [other.x + other.width / 2 - x, other.y + other.height / 2 - y];
    const [on, aside] = { ArrowRight: [dx, dy], ArrowLeft: [-dx, dy], ArrowDown: [dy, dx], ArrowUp: [-dy, dx] }[key];
    const far = on + 3 * Math.abs(aside);
    if (it !== from && on > 4 && (!best || far < best.far)) best = { it, far };
  }
  return best && best.it;
}

let scanned = "";
let scannedAt = 0;

function read(event) {
  if (event.key === "Enter") {
    const code = scanned;
    scanned = "";
    if (code.length < SCAN_CHARS_MIN || event.timeStamp - scannedAt > SCAN_GAP_MS) return false;
    const form = document.getElementById("scan");
    form.elements.code.value = code;
    form.submit();
    return true;
  }
  if (event.key.length !== 1) return false;
  scanned = event.timeStamp - scannedAt > SCAN_GAP_MS ? event.key : scanned + event.key;
  scannedAt = event.timeStamp;
  return false;
}

document.addEventListener("keydown", (event) => {
  touch();
  if (idle.open) return;
  if (read(event)) {
    event.preventDefault();
  } else if (event.key === "Escape") {
    const back = document.querySelector("[data-escape]");
    if (back) back.click();
  } else if (event.key.startsWith("Arrow")) {
    const isTyping = document.activeElement.tagName === "INPUT" && /Left|Right/.test(event.key);
    if (isTyping) return;
    const from = document.activeElement === body ? null : document.activeElement;
    const to = from ? next(from, event.key) : targets()[0];
    if (to) to.focus();
    event.preventDefault();
  }
});
document.addEventListener("pointerdown", touch);

// --- typing by touch -----------------------------------------------------------------------------------------------

const code = document.getElementById("code");
if (code) {
  code.setSelectionRange(code.value.length, code.value.length);
  document.querySelector(".signs").addEventListener("click", (event) => {
    const sign = event.target.closest("button");
    if (!sign) return;
    event.preventDefault();
    code.value = sign.value === "back" ? code.value.slice(0, -1) : code.value + sign.value;
  });
}

// --- reading aloud -------------------------------------------------------------------------------------------------

const aloud = document.getElementById("read");

function reading() {
  return "speechSynthesis" in window;
}

function voice() {
  return speechSynthesis.getVoices().find((it) => it.lang.slice(0, 2) === body.dataset.language);
}

function offerReading() {
  aloud.disabled = !voice();
}

/** Sentence by sentence, so that a voice pauses between targets. */
function sentences() {
  const parts = document.querySelectorAll("main h1, main h2, main p, main li:not(:has(a, p)), main .big, main figcaption");
  return [...parts].filter((it) => !it.closest(".signs")).map((it) => it.innerText.replace(/\s+/g, " ").trim());
}

if (reading()) {
  offerReading();
  speechSynthesis.addEventListener("voiceschanged", offerReading);
  aloud.addEventListener("click", () => {
    speechSynthesis.cancel();
    for (const sentence of new Set(sentences())) {
      const said = new SpeechSynthesisUtterance(sentence);
      said.lang = body.dataset.language;
      said.voice = voice();
      said.addEventListener("end", touch);
      speechSynthesis.speak(said);
    }
  });
}

touch();
look();
