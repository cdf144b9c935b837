// Keeps the page alive: takes each part that has changed, and lets paper, people and phones move as they do.
"use strict";

const stage = document.body;
const phone = document.getElementById("phone");
const handset = document.getElementById("handset");
const slips = document.getElementById("slips");
const monitor = document.getElementById("facilities");
const PHONE_WIDTH_PX = 390;
const MONITOR_WIDTH_PX = 1180; // as wide as the page is laid out, before it is made to fit
const NARROW_WIDTH_PX = 400;
const NARROW_PX = 480;
const MONITOR_AGAIN_MS = 1000; // the page is asked for this often at most
const PHONE_AGAIN_MS = 2500; // a page that has just come is left alone this long, so that it can be read
let wanted = phone.getAttribute("src");
let shown = wanted;
let phoneTimer;
let monitorBusy = false;
let monitorStale = false;

// --- parts ------------------------------------------------------------------------------------------------------

function show(id, part) {
  if (id === "phone") return followVisitor(part.page);
  const element = document.getElementById(id);
  if (!element) return;
  if (id === "slips") return print(part);
  if (id === "facilities") return lookAgain();
  if (typeof part === "string") {
    element.innerHTML = part; // made of pixels by the server
    return;
  }
  const before = { ...element.dataset };
  for (const [key, text] of Object.entries(part)) {
    element.dataset[key] = text;
    for (const child of element.querySelectorAll(`[data-text="${key}"]`)) child.textContent = text;
  }
  if ("people" in part) movePeople(element, before);
}

function movePeople(room, before) {
  const people = Number(room.dataset.people);
  room.querySelectorAll(".people svg").forEach((person, place) => person.classList.toggle("in", place < people));
  const door = room.querySelector(".door");
  const came = room.dataset.entered !== before.entered;
  if (!came && room.dataset.left === before.left) return;
  door.classList.remove("came", "went");
  void door.offsetWidth; // begin the movement anew
  door.classList.add(came ? "came" : "went");
}

function print(part) {
  if (part.name === slips.dataset.name) return;
  slips.dataset.name = part.name;
  for (const old of slips.querySelectorAll(".torn")) old.remove();
  for (const old of slips.children) old.classList.add("torn");
  const slip = document.createElement("div");
  slip.className = "slip fresh";
  slip.innerHTML = part.html; // escaped by the server
  slips.append(slip);
}

// --- the phone --------------------------------------------------------------------------------------------------

function followVisitor(page) {
  wanted = page || wanted;
  clearTimeout(phoneTimer);
  if (handset.classList.contains("own")) return;
  if (wanted === shown) return;
  phoneTimer = setTimeout(() => {
    shown = wanted;
    phone.contentWindow.location.replace(wanted);
  }, PHONE_AGAIN_MS);
}

function fit() {
  const box = phone.parentElement;
  box.style.setProperty("--scale", box.clientWidth / PHONE_WIDTH_PX);
  monitor.style.setProperty("--scale", monitor.clientWidth / (monitor.clientWidth < NARROW_PX ? NARROW_WIDTH_PX : MONITOR_WIDTH_PX));
}

for (const link of document.querySelectorAll("a[target=phone]")) {
  link.addEventListener("click", () => handset.classList.add("own"));
}
document.getElementById("give-back").addEventListener("click", () => {
  handset.classList.remove("own");
  shown = "";
  followVisitor(wanted);
});
new ResizeObserver(fit).observe(phone.parentElement);
new ResizeObserver(fit).observe(monitor);

// --- the facilities' screen --------------------------------------------------------------------------------------

// The hub's own page, without its script: its stream would be one too many for a browser, which opens six at most.
async function lookAgain() {
  if (monitorBusy) {
    monitorStale = true;
    return;
  }
  monitorBusy = true;
  monitorStale = false;
  try {
    const answer = await fetch(monitor.dataset.page);
    if (answer.ok) hang(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // The stream tells that the demo is gone.
  }
  setTimeout(() => {
    monitorBusy = false;
    if (monitorStale) lookAgain();
  }, MONITOR_AGAIN_MS);
}

function hang(page) {
  const frame = monitor.querySelector("iframe");
  const place = frame?.contentDocument?.querySelector("[data-live]");
  if (place) {
    const open = Array.from(place.querySelectorAll("details[open]"), (details) => details.id);
    place.innerHTML = page.querySelector("[data-live]").innerHTML;
    for (const id of open) frame.contentDocument.getElementById(id)?.setAttribute("open", "");
    return;
  }
  for (const its of page.querySelectorAll("script, noscript")) its.remove();
  const style = page.createElement("link");
  style.rel = "stylesheet";
  style.href = monitor.dataset.style;
  page.head.append(style);
  const fresh = document.createElement("iframe");
  fresh.title = monitor.dataset.title;
  fresh.srcdoc = `<!doctype html>${page.documentElement.outerHTML}`;
  monitor.replaceChildren(fresh);
}

// --- keys -------------------------------------------------------------------------------------------------------

for (const form of document.querySelectorAll(".desk form")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    fetch(form.action, { method: "POST", redirect: "manual" });
  });
}

// --- the stream -------------------------------------------------------------------------------------------------

const source = new EventSource(stage.dataset.live);
source.addEventListener("message", (event) => {
  for (const [id, part] of Object.entries(JSON.parse(event.data))) show(id, part);
});
source.addEventListener("open", () => stage.classList.remove("gone"));
source.addEventListener("error", () => stage.classList.add("gone"));
