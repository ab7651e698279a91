// Says when typing in the field of tokens has paused. Event to Python: "typed".
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const PAUSE_MS = 120;
let waiting;

document.addEventListener("input", (event) => {
  if (!event.target.closest("#nh-token-text")) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => trigger("typed"), PAUSE_MS);
});

// Who comes by an address may be here before Gradio hears which tab is open.
new IntersectionObserver(([seen]) => {
  if (!seen.isIntersecting) return;
  setTimeout(() => element.textContent.trim() || trigger("typed"), 10 * PAUSE_MS);
}).observe(element.closest(".tabitem") ?? element);
