// The tab Compare: shows how near some texts are, each to each.
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const form = element.querySelector("form");
const { texts } = form.elements;
const shown = import("/page/asking.js").then(({ Shown }) => new Shown(element.querySelector(".nh-shown"), "/page/compare"));

async function ask(isNew = true) {
  const table = await shown;
  if (isNew || !table.has) await table.ask({ texts: texts.value });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
form.addEventListener("click", ({ target }) => {
  if (target.dataset.texts === undefined) return;
  texts.value = target.dataset.texts;
  ask();
});
// Enter alone begins a line.
texts.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.shiftKey || event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  ask();
});
new IntersectionObserver(([seen]) => seen.isIntersecting && ask(false)).observe(form);
