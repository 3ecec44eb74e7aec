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
    const mark = event.target.closest("a.m");
    if (!mark) return;
    document.body.classList.remove("quiet");
    const note = mark.nextElementSibling; // in the margin it stands beside its line, but never below the window
    note.style.translate = "";
    const below = getComputedStyle(note).position === "absolute" ? note.getBoundingClientRect().bottom + 12 - innerHeight : 0;
    if (below > 0) note.style.translate = `0 ${-below}px`;
  });
}
