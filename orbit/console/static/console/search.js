// The key / leads to the search box of the page, but where something is being typed. It is heard
// before the lists of django-unfold hear it, which would take it for their own search.
"use strict";

const TYPED = "input, textarea, select, [contenteditable]";

window.addEventListener("keydown", (event) => {
  const box = document.querySelector("[data-search]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !box) return;
  if (event.target instanceof Element && event.target.closest(TYPED)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  box.focus();
  box.select();
}, true);
