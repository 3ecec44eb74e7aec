// Every page works without this script: a mark in the text is a link to the page with its variant open, a form sends itself.
// With it the variant, and the copies, come beside the text without a new page.
"use strict";

const panel = document.getElementById("variant");
const copies = document.getElementById("copies");
let opener = null; // the mark that the reader came from
const NOT_HAD = "It could not be had; is copydesk open still running?";
// How often a variant, and the copies, were asked for: an answer that comes after the next question is not shown.
let variants_asked = 0;
let copies_asked = 0;

async function part(address, asked) {
  const told = { headers: { accept: "text/html" } };
  if (asked) Object.assign(told, { method: "POST", body: JSON.stringify(asked) }).headers["content-type"] = "application/json";
  const answer = await fetch(address, told);
  if (!answer.ok) throw new Error(asked ? (await answer.json()).error : answer.status);
  return answer.text();
}

function mark(n) {
  return document.querySelector(`.m[data-n~="${n}"]`);
}

async function open_variant(n) {
  const asked = new URLSearchParams({ id: panel.dataset.story, n, version: panel.dataset.version });
  const own = ++variants_asked;
  panel.setAttribute("aria-busy", "true");
  let answer = null;
  try {
    answer = await part(`/part/variant?${asked}`);
  } catch {
    // said below
  }
  if (own !== variants_asked) return;
  if (answer === null) panel.textContent = NOT_HAD;
  else panel.innerHTML = answer;
  panel.removeAttribute("aria-busy");
  document.querySelectorAll(".m[aria-current]").forEach((one) => one.removeAttribute("aria-current"));
  document.querySelectorAll(`.m[data-n~="${n}"]`).forEach((one) => one.setAttribute("aria-current", "true"));
  panel.hidden = false;
  document.body.classList.add("open");
  const here = mark(n);
  if (here) {
    opener = here;
    show(here);
  }
  const address = new URL(location);
  address.searchParams.set("variant", n);
  address.hash = "";
  history.replaceState(null, "", address);
  panel.focus({ preventScroll: true });
}

function show(here) {
  const place = here.getBoundingClientRect();
  const sheet = getComputedStyle(panel).position === "fixed" ? panel.getBoundingClientRect().top : innerHeight;
  if (place.top < 70 || place.bottom > sheet - 20) here.scrollIntoView({ block: sheet < innerHeight ? "start" : "center" });
}

function close_variant() {
  variants_asked += 1;
  panel.removeAttribute("aria-busy");
  panel.hidden = true;
  panel.replaceChildren();
  document.body.classList.remove("open");
  document.querySelectorAll(".m[aria-current]").forEach((one) => one.removeAttribute("aria-current"));
  const address = new URL(location);
  address.searchParams.delete("variant");
  address.hash = "";
  history.replaceState(null, "", address);
  if (opener) opener.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a");
  if (!link) return;
  if (panel && link.matches(".close")) {
    event.preventDefault();
    close_variant();
  } else if (panel && link.matches("a.m[data-n], .steps a[data-n]")) {
    if (link.matches(".steps a") && !mark(link.dataset.n)) return; // it is in another part of the text
    event.preventDefault();
    open_variant(link.dataset.n.split(" ")[0]);
  } else if (copies && link.matches("#copies .pager a")) {
    event.preventDefault();
    show_copies(link.getAttribute("href"));
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel && !panel.hidden) close_variant();
});

async function show_copies(address) {
  const own = ++copies_asked;
  copies.setAttribute("aria-busy", "true");
  let answer = null;
  try {
    answer = await part(address);
  } catch {
    // said below
  }
  if (own !== copies_asked) return;
  copies.removeAttribute("aria-busy");
  if (answer === null) {
    copies.textContent = NOT_HAD;
    return;
  }
  copies.innerHTML = answer;
  const form = copies.querySelector("form");
  (form ? form.querySelector("input[type=search]") : copies.querySelector("h2")).focus?.({ preventScroll: true });
  copies.scrollIntoView({ block: "nearest" });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches(".of-copies")) {
    event.preventDefault();
    await show_copies(`/part/copies?${new URLSearchParams(new FormData(form))}`);
  } else if (form.matches(".look")) {
    event.preventDefault();
    await look(form);
  } else if (form.dataset.call) {
    event.preventDefault();
    await decide(form);
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches(".of-copies select")) event.target.form.requestSubmit();
});

// A text is longer than an address may be, so it is sent.
async function look(form) {
  const said = form.querySelector(".said");
  const found = document.getElementById("found");
  const button = form.querySelector("button");
  button.disabled = true;
  said.textContent = "looking …";
  try {
    found.innerHTML = await part("/part/find", { text: form.elements.text.value });
    said.textContent = "";
    found.focus({ preventScroll: true });
    found.scrollIntoView({ block: "nearest" });
  } catch (error) {
    found.replaceChildren();
    said.textContent = error instanceof TypeError ? NOT_HAD : error.message;
  }
  button.disabled = false;
}

async function decide(form) {
  const { call, n, reading, no } = form.dataset;
  const said = form.querySelector(".said");
  const asked = no ? { no: Number(no) } : { id: panel.dataset.story, version: Number(panel.dataset.version), n: Number(n), reading: Number(reading) };
  if (form.elements.note) asked.note = form.elements.note.value;
  const button = form.querySelector("button");
  button.disabled = true;
  said.textContent = "editing this story again …";
  try {
    const answer = await fetch(call, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(asked) });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error);
    location.reload();
  } catch (error) {
    said.textContent = error.message;
    button.disabled = false;
  }
}

// Whether differences are marked is the reader's to say, and is remembered.
const marks = document.getElementById("marks");
if (marks) {
  try {
    marks.checked = localStorage.getItem("marks") === "on";
  } catch {
    // a browser that keeps nothing
  }
  marks.addEventListener("change", () => {
    try {
      localStorage.setItem("marks", marks.checked ? "on" : "off");
    } catch {
      // a browser that keeps nothing
    }
  });
}
if (panel && !panel.hidden) {
  document.body.classList.add("open");
  const here = document.querySelector('.m[aria-current="true"]');
  if (here) {
    opener = here;
    show(here);
  }
}
