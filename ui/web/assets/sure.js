// A button that asks once more. Event to Python: "sure".
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const button = element.querySelector("button");
const words = button.textContent;

function ask(isAsking) {
  button.toggleAttribute("data-sure", isAsking);
  button.textContent = isAsking ? `${words}?` : words;
}

button.addEventListener("click", () => {
  const isSure = button.hasAttribute("data-sure");
  ask(!isSure);
  if (isSure) trigger("sure");
});
button.addEventListener("focusout", () => ask(false));
