// Lists of cards. Events to Python: "open" (a card), "step" (the trail), "example" (a chip).
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const PHONE = "(max-width: 799px)";
const columns = () => element.closest(".nh-columns");
const panel = element.closest("#nh-near, #nh-map-near");
const calm = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

function tell(name, id) {
  columns()?.dispatchEvent(new CustomEvent(name, { detail: { id } }));
}

function open(card) {
  card.toggleAttribute("data-waiting", true);
  trigger("open", { id: card.dataset.id });
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
  else if (button?.dataset.example) trigger("example", { text: button.dataset.example });
  else if (button?.dataset.step) trigger("step", { step: Number(button.dataset.step) });
  else {
    const card = event.target.closest(".nh-card");
    if (card && (button || !isSelecting())) open(card);
  }
});

element.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || !event.target.matches(".nh-open")) return;
  const buttons = [...element.querySelectorAll(".nh-open")];
  const next = buttons[buttons.indexOf(event.target) + by];
  if (next) {
    event.preventDefault();
    next.focus();
  }
});

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
watch("value", onNewContent);
if (!panel) columns()?.addEventListener("nh-center", (event) => showCenter(event.detail.id));
new ResizeObserver(measure).observe(element);
measure();
