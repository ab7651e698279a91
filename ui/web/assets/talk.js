// A conversation. Events to Python: "act" (again, anyway), "edit", "stop", "ask" (an example), "cite" (a turn's sources).
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const evidence = () => document.querySelector("#nh-evidence");
const calm = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");
const NEAR_PX = 40;
let wanted;

function sourceOf(turn, n) {
  const place = n === undefined ? `[data-turn="${turn}"]` : `[data-turn="${turn}"][data-n="${n}"]`;
  return evidence()?.querySelector(`li${place}`);
}

function show(source) {
  for (const each of evidence().querySelectorAll("li")) each.toggleAttribute("data-selected", each === source);
  source.scrollIntoView({ behavior: calm(), block: "nearest" });
}

// The sources of an earlier answer have to be fetched first.
function cite(turn, n) {
  const source = sourceOf(turn, n);
  wanted = undefined;
  if (source) show(source);
  else {
    wanted = { turn, n };
    trigger("cite", { turn: Number(turn) });
  }
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.ask) trigger("ask", { text: button.dataset.ask });
  else if (button?.dataset.n) cite(button.dataset.turn, button.dataset.n);
  else if (button?.dataset.act === "sources") cite(button.dataset.turn);
  else if (button?.dataset.act) {
    // An edit may be left, and begun again.
    button.disabled = button.dataset.act !== "edit";
    if (["stop", "edit"].includes(button.dataset.act)) trigger(button.dataset.act, {});
    else trigger("act", { act: button.dataset.act });
  }
});

new MutationObserver(() => {
  const source = wanted && sourceOf(wanted.turn, wanted.n);
  if (!source) return;
  wanted = undefined;
  show(source);
}).observe(element.closest(".nh-columns"), { childList: true, subtree: true });

// What was unfolded stays so when the conversation is written anew.
const unfolded = new Set();

function nameOf(details) {
  const turn = details.closest(".nh-turn");
  const place = [...element.querySelectorAll(".nh-turn")].indexOf(turn);
  return [place, turn.querySelector(".nh-asked").textContent, details.className].join("\n");
}

element.addEventListener(
  "toggle",
  ({ target }) => unfolded[target.open ? "add" : "delete"](nameOf(target)),
  true,
);

// What is said last is in view, unless somebody has scrolled up to read.
let isFollowed = true;
let height = scrollY;
let asked = 0;
addEventListener("scroll", () => {
  const last = [...element.querySelectorAll(".nh-turn")].pop();
  if (!last || !element.offsetParent) return;
  if (last.getBoundingClientRect().bottom <= innerHeight + NEAR_PX) isFollowed = true;
  else if (scrollY < height) isFollowed = false;
  height = scrollY;
});
watch("value", () => {
  for (const details of element.querySelectorAll("details")) details.open = unfolded.has(nameOf(details));
  const turns = element.querySelectorAll(".nh-turn");
  if (turns.length !== asked) isFollowed = true;
  asked = turns.length;
  if (asked && isFollowed && element.offsetParent) {
    turns[asked - 1].scrollIntoView({ behavior: "auto", block: "nearest" });
  }
});
