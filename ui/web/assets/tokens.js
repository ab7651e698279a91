// The tab Tokens: shows the tokens of a text for the model that is chosen, once typing pauses.
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const PAUSE_MS = 120;
const form = element.querySelector("form");
const { text, model } = form.elements;
const shown = import("/page/asking.js").then(({ Shown }) => new Shown(element.querySelector(".nh-shown"), "/page/tokens"));
let waiting;

async function ask(isNew = true) {
  const tokens = await shown;
  if (isNew || !tokens.has) await tokens.ask({ text: text.value, model: model.value });
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, event.target === text ? PAUSE_MS : 0);
});
new IntersectionObserver(([seen]) => seen.isIntersecting && ask(false)).observe(form);
