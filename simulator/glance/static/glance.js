// Keeps the page alive: takes each part that has changed, and lets paper, people and phones move as they do.
"use strict";

const stage = document.body;
const phone = document.getElementById("phone");
const handset = document.getElementById("handset");
const slips = document.getElementById("slips");
const PHONE_WIDTH_PX = 390;
const PHONE_AGAIN_MS = 2500; // a page that has just come is left alone this long, so that it can be read
let wanted = phone.getAttribute("src");
let shown = wanted;
let phoneTimer;

// --- parts ------------------------------------------------------------------------------------------------------

function show(id, part) {
  if (id === "phone") return followVisitor(part.page);
  const element = document.getElementById(id);
  if (!element) return;
  if (id === "slips") return print(part);
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
