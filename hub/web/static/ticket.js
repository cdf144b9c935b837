// A call is seen, felt and heard: title, vibration, and the words for a screen reader.
"use strict";

const said = document.getElementById("said");
let call = place.firstElementChild.dataset.call;

place.addEventListener("shown", () => {
  const { title, say, call: newCall } = place.firstElementChild.dataset;
  document.title = title;
  if (said.textContent !== say) said.textContent = say;
  if (newCall && newCall !== call) {
    // Browsers let a page shake the phone once it has been touched, and complain if it tries before.
    if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.([400, 200, 400, 200, 800]);
    window.scrollTo(0, 0);
  }
  call = newCall;
});
