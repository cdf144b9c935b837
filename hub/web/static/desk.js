// Buttons without a page load, and a key for each.
"use strict";

const refused = document.getElementById("refused");
const said = document.getElementById("said");
const keys = document.getElementById("keys");
const alarmed = document.getElementById("alarmed");
let busy = false;

// A room above its limit is said once to a screen reader, however its number changes.
function sayAlarms() {
  const say = place.querySelector(".alarms").dataset.say.trim();
  if (alarmed.textContent !== say) alarmed.textContent = say;
}

place.addEventListener("shown", sayAlarms);
sayAlarms();

document.addEventListener("submit", async (event) => {
  const form = event.target;
  event.preventDefault();
  if (busy) return;
  busy = true;
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(event.submitter.getAttribute("formaction") || form.action, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
    });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(answer.statusText);
    const done = await answer.json();
    show(done.fragment, done.seq);
    refused.textContent = done.refused;
    said.textContent = done.said;
    if (!form.elements.code) return;
    form.elements.request_id.value = done.request_id;
    if (done.said) form.elements.code.value = "";
  } catch {
    refused.textContent = place.dataset.failed;
  } finally {
    busy = false;
    place.removeAttribute("aria-busy");
  }
});

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || !keys.checked) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
  const button = place.querySelector(`button[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
});

// Whoever speaks to the computer may need single keys to do nothing; the choice is kept.
keys.closest("label").hidden = false;
keys.checked = localStorage.getItem("keys") !== "off";
keys.addEventListener("change", () => localStorage.setItem("keys", keys.checked ? "on" : "off"));
