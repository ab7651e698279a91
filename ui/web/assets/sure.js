// A button that asks once more. Event to Python: "sure".
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const SOON_MS = 500;
const button = element.querySelector("button");
const words = button.textContent;

function ask(isAsking) {
  button.toggleAttribute("data-sure", isAsking);
  button.textContent = isAsking ? `${words}?` : words;
}

let since = 0;
button.addEventListener("click", (event) => {
  const isSure = button.hasAttribute("data-sure");
  const isSoon = event.timeStamp - since < SOON_MS;
  since = event.timeStamp;
  // A double click, or Enter that is held, is no answer.
  if (isSure && isSoon) return;
  ask(!isSure);
  if (isSure) trigger("sure");
});
button.addEventListener("focusout", () => ask(false));
