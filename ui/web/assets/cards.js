// Lists of cards. What is done on them is told to the tab: "pick" (a card), "step" (the trail).
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const PHONE = "(max-width: 799px)";
const columns = () => element.closest(".nh-columns");
const panel = element.closest("#nh-near, #nh-map-near");
const calm = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

function say(name, detail) {
  columns()?.dispatchEvent(new CustomEvent(name, { detail }));
}

const tell = (name, id) => say(name, { id });
const act = (kind, what) => say("nh-act", { kind, what, isOn: Boolean(panel) });

function open(card) {
  card.toggleAttribute("data-waiting", true);
  act("pick", { id: card.dataset.id });
}

function toggleMore(button) {
  const isOpen = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", isOpen);
  button.textContent = isOpen ? "less" : "more";
  button.previousElementSibling.toggleAttribute("data-open", isOpen);
}

// A text has a "more" only where it does not fit.
function measure() {
  for (const button of element.querySelectorAll(".nh-more")) {
    const body = button.previousElementSibling;
    if (!body.hasAttribute("data-open")) button.hidden = body.scrollHeight <= body.clientHeight + 2;
  }
}

function closeAll() {
  for (const button of element.querySelectorAll('.nh-more[aria-expanded="true"]')) toggleMore(button);
}

function isSelecting() {
  const selection = getSelection();
  return !selection.isCollapsed && element.contains(selection.anchorNode);
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.matches(".nh-more")) toggleMore(button);
  else if (button?.dataset.example) say("nh-example", { text: button.dataset.example });
  else if (button?.dataset.step) act("step", { step: Number(button.dataset.step) });
  else if (!event.target.closest(".nh-why")) {
    const card = event.target.closest(".nh-card");
    if (card && (button || !isSelecting())) open(card);
  }
});

element.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") leave();
  if (!by || !event.target.matches(".nh-open")) return;
  const buttons = [...element.querySelectorAll(".nh-open")];
  const place = buttons.indexOf(event.target) + by;
  event.preventDefault();
  if (buttons[place]) buttons[place].focus();
  else if (place < 0) leave();
});

// Back to where the list came from: the card or the map beside it, or the field.
function leave() {
  if (panel) columns().querySelector(".nh-card[data-selected] .nh-open, .nh-map-host")?.focus();
  else say("nh-leave", {});
}

// A list that was fetched, or what is beside it; `same` when it is the one that is there, with more said of it.
columns()?.addEventListener("nh-found", ({ detail }) => {
  const html = panel ? detail.near : detail.html;
  if (html === undefined) return;
  if (detail.same) return complete(html);
  const wasWithin = element.contains(document.activeElement);
  props.value = html;
  requestAnimationFrame(() => {
    onNewContent();
    if (panel && wasWithin) keepFocus();
  });
});

// The button that was pressed is gone: who goes on by keyboard goes on where the new list begins.
function keepFocus() {
  if (element.contains(document.activeElement)) return;
  const start = element.querySelector(".nh-center, h2");
  start?.setAttribute("tabindex", "-1");
  start?.focus({ preventScroll: true });
}

function complete(html) {
  const fuller = document.createElement("template");
  fuller.innerHTML = html;
  for (const card of fuller.content.querySelectorAll(".nh-card")) {
    const here = element.querySelector(`.nh-card[data-id="${CSS.escape(card.dataset.id)}"]`);
    const why = card.querySelector(".nh-why");
    if (!here || !why || here.querySelector(".nh-why")) continue;
    here.querySelector(".nh-body").innerHTML = card.querySelector(".nh-body").innerHTML;
    here.append(why);
  }
  measure();
}

for (const name of ["pointerover", "focusin"]) {
  element.addEventListener(name, (event) => tell("nh-look", event.target.closest("[data-id]")?.dataset.id));
}
element.addEventListener("pointerleave", () => tell("nh-look", undefined));
element.addEventListener("focusout", () => tell("nh-look", undefined));

// The panel beside a list says whose neighbours it shows; the list marks it.
function showCenter(id) {
  for (const card of element.querySelectorAll(".nh-card")) {
    card.toggleAttribute("data-selected", card.dataset.id === id);
    card.removeAttribute("data-waiting");
  }
}

function onNewContent() {
  closeAll();
  measure();
  if (!panel) return;
  const center = element.querySelector(".nh-center");
  tell("nh-center", center?.dataset.id);
  panel.scrollTop = 0;
  if (!matchMedia(PHONE).matches || !columns()?.offsetParent) return;
  const target = center ? panel : columns();
  if (center || wasCentered) target.scrollIntoView({ behavior: calm(), block: "start" });
  wasCentered = Boolean(center);
}

let wasCentered = false;
if (!panel) columns()?.addEventListener("nh-center", (event) => showCenter(event.detail.id));
new ResizeObserver(measure).observe(element);
measure();
