// The collection selector: a native select. The component's value is the collection's name, null when there is none.
// Event to Python: "choose" (another one was chosen, or the one there is has changed).
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const SETTLED_MS = 30;
const BOUND_MS = 700;
const REMEMBERED = "nearhood-collection";
const select = element.querySelector("select");
const label = element.querySelector(".nh-selector");
const missing = element.querySelector(".nh-missing");
let choices = props.choices;
// What an address asked for, until it is known whether it is there.
let wanted = window.nearhoodAddress?.collection();
let current = wanted ?? localStorage.getItem(REMEMBERED) ?? props.value;
let known = "";
let telling;
let turn = 0;

function find(name) {
  return choices.find((choice) => choice.name === name);
}

function choose(name) {
  current = name;
  known = `${name} ${find(name)?.edition}`;
  document.documentElement.dataset.collection = name ?? "";
  document.documentElement.dataset.edition = find(name)?.edition ?? "";
  window.dispatchEvent(new CustomEvent("nh-collection", { detail: { name } }));
  // Two events within a millisecond may overtake each other on their way. And a value that is set before Gradio has
  // mounted this stays here: the event would bring the one that the server sent.
  clearTimeout(telling);
  telling = setTimeout(() => {
    props.value = name;
    telling = setTimeout(() => trigger("choose"), SETTLED_MS);
  }, SETTLED_MS);
}

// What is chosen stays so as long as it is there; one whose passages have changed is told anew.
function settle() {
  if (wanted && !find(wanted)) missing.textContent = `There is no collection ${wanted} any more.`;
  wanted = undefined;
  const names = [current, props.value, choices[0]?.name];
  const best = names.find(find) ?? null;
  current = best;
  select.value = best ?? "";
  if (`${best} ${find(best)?.edition}` !== known) choose(best);
}

function list() {
  select.replaceChildren(
    ...choices.map(({ name, passages }) => new Option(`${name} (${passages.toLocaleString("en")})`, name)),
  );
  label.hidden = choices.length === 0;
}

// Others may have taken in or dropped something since.
async function refresh() {
  const mine = ++turn;
  try {
    const reply = await fetch("/page/collections");
    if (!reply.ok) return;
    const now = await reply.json();
    if (mine !== turn) return;
    const isNew = JSON.stringify(now) !== JSON.stringify(choices);
    choices = now;
    if (isNew) list();
    settle();
  } catch {
    // The server has been stopped: what is there stays.
  }
}

function remember(name) {
  missing.textContent = "";
  localStorage.setItem(REMEMBERED, name);
  choose(name);
}

select.addEventListener("change", () => remember(select.value));
// Another part of the page chooses one, or says that one has changed.
window.addEventListener("nh-choose", (event) => {
  const { name } = event.detail;
  missing.textContent = "";
  current = name;
  if (name === select.value) return;
  if (find(name)) {
    select.value = name;
    remember(name);
  } else {
    wanted = name;
    refresh();
  }
});
window.addEventListener("nh-changed", (event) => {
  current = event.detail.name ?? current;
  refresh();
});
window.addEventListener("focus", refresh);
select.addEventListener("pointerdown", refresh);
list();
// The page may be older than the collection that is wanted.
if (!current || find(current)) settle();
refresh();
// What is set before Gradio is bound is lost on it: it is told once more.
setTimeout(() => {
  if (!known) return;
  const name = current;
  props.value = null;
  props.value = name;
  trigger("choose");
}, BOUND_MS);
