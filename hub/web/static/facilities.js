// The title tells how full it is, and too many people are said once to a screen reader.
"use strict";

const said = document.getElementById("said");

place.addEventListener("shown", () => {
  const { title, say } = place.firstElementChild.dataset;
  if (title) document.title = title;
  if (said.textContent !== (say ?? "")) said.textContent = say ?? "";
});
