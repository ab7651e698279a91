// A conversation. Events to Python: "act" (again, edit, anyway), "stop", "ask" (an example), "cite" (a turn's sources).
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const evidence = () => document.querySelector("#nh-evidence");
const calm = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");
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
    button.disabled = true;
    if (button.dataset.act === "stop") trigger("stop", {});
    else trigger("act", { act: button.dataset.act });
  }
});

new MutationObserver(() => {
  const source = wanted && sourceOf(wanted.turn, wanted.n);
  if (!source) return;
  wanted = undefined;
  show(source);
}).observe(element.closest(".nh-columns"), { childList: true, subtree: true });

// What is said last is in view.
watch("value", () => {
  const turns = element.querySelectorAll(".nh-turn");
  const last = turns[turns.length - 1];
  if (last && element.offsetParent) last.scrollIntoView({ behavior: "auto", block: "nearest" });
});
