// The field of Look up: lists what is nearest while one types, and says why once one stops.
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const WHY_MS = 450;
const MOST_IN_ADDRESS = 8_000;
import("/page/small-map.js");
const page = import("/page/asking.js");
const form = element.querySelector("form");
const { q, k, mode, where } = form.elements;
const columns = () => document.querySelector("#nh-look-up");
const summary = element.querySelector("summary span");
// What who does not see the list hears of it, once typing pauses.
const status = element.querySelector("[role=status]");
let wanted = null;
let flying = false;
let isExplaining = false;
let explaining;
let shown = "";
let last = "";
let changes = 0;

function asked() {
  const now = { q: q.value, collection: document.documentElement.dataset.collection ?? "" };
  if (k.value !== "10") now.k = k.value;
  if (mode.value) now.mode = mode.value;
  if (where.value.trim()) now.where = where.value.trim();
  return now;
}

function put(now) {
  q.value = now.get("q") ?? "";
  k.value = [5, 10, 20, 50].includes(Number(now.get("k"))) ? now.get("k") : "10";
  mode.value = now.get("mode") ?? "";
  if (!mode.value) mode.value = "";
  where.value = now.get("where") ?? "";
}

function fold() {
  const names = { dense: "by meaning", lexical: "by words", hybrid: "by meaning and words" };
  const parts = [names[mode.value], k.value !== "10" && `${k.value} passages`, where.value.trim()].filter(Boolean);
  summary.textContent = parts.length ? `: ${parts.join(" · ")}` : "";
}

// Beside the list: where its passages are on the map; without a query, the map itself.
function beside(html, query) {
  const list = document.createElement("template");
  list.innerHTML = html;
  const ids = [...list.content.querySelectorAll(".nh-card")].map((card) => card.dataset.id);
  const text = (query.get("q") ?? "").trim();
  if (!ids.length && !list.content.querySelector(".nh-start")) return "";
  const there = document.querySelector("#nh-near nh-small-map");
  const small = there ?? document.createElement("nh-small-map");
  small.setAttribute("collection", query.get("collection"));
  small.setAttribute("text", text);
  small.setAttribute("passages", JSON.stringify(ids));
  // What is there changes by itself.
  return there ? undefined : small.outerHTML;
}

function show(detail) {
  columns().dispatchEvent(new CustomEvent("nh-found", { detail }));
}

// What is long would not fit into an address: a character of some scripts takes nine there.
function find(piece, query) {
  if (query.length < MOST_IN_ADDRESS) return piece(`/page/look-up?${query}`);
  const wanted = Object.fromEntries(new URLSearchParams(query));
  const body = JSON.stringify({ ...wanted, k: Number(wanted.k ?? 10) });
  return piece("/page/look-up", { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

// One request at a time; what is typed meanwhile is asked next.
async function ask(how = "same") {
  clearTimeout(explaining);
  fold();
  const now = asked();
  window.nearhoodAddress?.keep("look-up", now, how);
  wanted = new URLSearchParams(now).toString();
  if (flying) return;
  flying = true;
  const { piece, quiet } = await page;
  while (wanted !== null) {
    const query = wanted;
    const before = changes;
    wanted = null;
    if (query === shown) continue;
    try {
      const html = await find(piece, query);
      // The same once more, since passages have come in: who has gone on from there stays where he is.
      const stays = query === last && document.querySelector("#nh-near .nh-trail");
      if (!stays) turn += 1;
      show(stays ? { html } : { html, near: beside(html, new URLSearchParams(query)) });
      last = query;
      // What was changed meanwhile is asked for once more.
      shown = before === changes ? query : "";
    } catch (error) {
      show({ html: quiet(error.message).outerHTML });
      shown = "";
    }
  }
  flying = false;
  clearTimeout(explaining);
  if (q.value.trim()) explaining = setTimeout(explain, WHY_MS);
}

// It takes the server much longer than the list: for the first ten alone, and never twice at once.
async function explain() {
  status.textContent = document.querySelector("#nh-hits :is(.nh-how, .nh-message, .nh-hint)")?.textContent ?? "";
  if (isExplaining) return;
  isExplaining = true;
  const query = shown;
  const { piece } = await page;
  const first = new URLSearchParams(query);
  first.set("k", Math.min(10, Number(first.get("k") ?? 10)));
  first.set("why", "true");
  const html = await find(piece, first.toString()).catch(() => "");
  isExplaining = false;
  if (query !== shown) explaining = setTimeout(explain, WHY_MS);
  else if (html && !flying) show({ html, same: true });
}

async function nameFields() {
  const collection = document.documentElement.dataset.collection;
  if (!collection) return;
  const { ask: send } = await page;
  const names = await send(`/page/fields?collection=${encodeURIComponent(collection)}`)
    .then((reply) => reply.json())
    .catch(() => []);
  if (collection !== document.documentElement.dataset.collection) return;
  element.querySelector("small").textContent = names.length ? `Fields: ${names.slice(0, 12).join(", ")}` : "";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask("step");
});
q.addEventListener("input", () => ask("typed"));
form.addEventListener("change", (event) => event.target !== q && ask("step"));
element.querySelector("details").addEventListener("toggle", (event) => event.target.open && nameFields());
q.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") {
    event.preventDefault();
    columns().querySelector("#nh-hits .nh-open")?.focus();
  } else if (event.key === "Escape" && q.value) {
    q.value = "";
    ask("step");
  }
});
window.addEventListener("nh-collection", () => {
  shown = "";
  changes += 1;
  ask();
  if (element.querySelector("details").open) nameFields();
});
window.addEventListener("nh-address", ({ detail }) => {
  if (detail.tab !== "look-up") return;
  put(detail.values);
  ask();
});
// What is near to a card, and so on; the way there is kept here.
let way = [];
let turn = 0;
async function go({ kind, what, isOn }) {
  const mine = ++turn;
  if (kind === "step" && !what.step) {
    way = [];
    show({ near: beside(document.querySelector("#nh-hits").innerHTML, new URLSearchParams(shown)) });
    return;
  }
  // From the list of results, a way begins anew.
  const from = kind === "pick" && !isOn ? [] : way;
  const id = kind === "step" ? way[what.step - 1][0] : what.id;
  const wanted = { collection: document.documentElement.dataset.collection ?? "", id, way: from };
  const { json, quiet } = await page;
  try {
    const found = await json("/page/near", "POST", wanted);
    if (mine !== turn) return;
    way = found.way;
    show({ near: found.html });
    status.textContent = `Nearest to ${found.way.at(-1)?.[1] ?? "it"}`;
  } catch (error) {
    if (mine === turn) show({ near: quiet(error.message).outerHTML });
  }
}

// The list may be laid out after this field.
const bound = new MutationObserver(bind);
function bind() {
  if (!columns()) return;
  bound.disconnect();
  columns().addEventListener("nh-example", ({ detail }) => {
    q.value = detail.text;
    ask("step");
  });
  columns().addEventListener("nh-leave", () => q.focus());
  columns().addEventListener("nh-act", ({ detail }) => go(detail));
}
bound.observe(document.body, { childList: true, subtree: true });
bind();
put(window.nearhoodAddress?.values("look-up") ?? new URLSearchParams());
if (document.documentElement.dataset.collection !== undefined) requestAnimationFrame(() => ask());
