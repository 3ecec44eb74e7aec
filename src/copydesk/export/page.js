// Without this script a mark is a link to its entry. With it a click or tap keeps the note open, and Escape closes it.
document.addEventListener("click", (event) => {
  const mark = event.target.closest("a.m");
  if (!mark || event.detail === 0 || event.ctrlKey || event.metaKey || event.shiftKey) return; // by keyboard: follow the link
  event.preventDefault();
  document.body.classList.remove("quiet");
  mark.focus({ preventScroll: true });
  mark.scrollIntoView({ block: "nearest" });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const note = document.activeElement.closest(".note");
  if (note) note.previousElementSibling.focus();
  document.body.classList.add("quiet");
});
for (const kind of ["focusin", "pointerover"]) {
  document.addEventListener(kind, (event) => {
    if (event.target.closest(".m")) document.body.classList.remove("quiet");
  });
}
