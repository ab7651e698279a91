// The tab Probe: fits probes and asks them. It talks to /page/probes.
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const PAUSE_MS = 150;
const SOON_MS = 500;
const page = import("/page/asking.js");
const saved = element.querySelector(".nh-saved");
const form = element.querySelector("form");
const fresh = element.querySelector(".nh-new");
const right = element.querySelector(".nh-probe-right");
const said = element.querySelector(".nh-said");
const worth = element.querySelector(".nh-worth");
const fitted = element.querySelector(".nh-fitted");
const text = element.querySelector('[name="text"]');
const dial = element.querySelector('[name="temperature"]');
const coverage = element.querySelector('[name="coverage"]');
let current = "";
let collection = "";
let waiting;
let asked;
let turn = 0;
let choice = 0;
let job = null;

const address = (...parts) => `/page/probes/${[collection, ...parts].map(encodeURIComponent).join("/")}`;
const temperature = () => 10 ** Number(dial.value);

async function refresh() {
  if (!element.offsetParent) return;
  const now = document.documentElement.dataset.collection ?? "";
  if (now !== collection) leave();
  collection = now;
  element.querySelector(".nh-nothing").hidden = Boolean(now);
  element.querySelector(".nh-columns").hidden = !now;
  if (now) await list();
}

// What was asked of a probe is not said of the next one.
function leave() {
  current = "";
  choice += 1;
  clearTimeout(waiting);
  asked?.abort();
  said.replaceChildren();
  worth.replaceChildren();
}

async function list() {
  const mine = ++turn;
  const { piece, quiet } = await page;
  try {
    const [html, fields] = await Promise.all([
      piece(`${address()}?chosen=${encodeURIComponent(current)}`),
      piece(address("fields")),
    ]);
    if (mine !== turn) return;
    saved.innerHTML = html;
    const field = form.elements.field.value;
    form.elements.field.innerHTML = fields;
    if ([...form.elements.field.options].some((option) => option.value === field)) form.elements.field.value = field;
  } catch (error) {
    if (mine === turn) saved.replaceChildren(quiet(error.message));
    return;
  }
  const first = saved.querySelector("[data-probe]");
  right.hidden = !first;
  if (!first) fresh.open = true;
  else if (!current) choose(first.dataset.probe);
}

async function choose(name) {
  const mine = ++choice;
  current = name;
  const { piece, quiet } = await page;
  if (mine !== choice) return;
  for (const button of saved.querySelectorAll("[data-probe]")) {
    button.parentElement.toggleAttribute("aria-current", false);
    if (button.dataset.probe === name) button.parentElement.setAttribute("aria-current", "true");
  }
  right.hidden = false;
  ask();
  try {
    const html = await piece(address(name));
    if (mine === choice) worth.innerHTML = html;
  } catch (error) {
    if (mine === choice) worth.replaceChildren(quiet(error.message));
  }
}

async function ask() {
  clearTimeout(waiting);
  asked?.abort();
  if (!text.value.trim() || !current) {
    said.replaceChildren();
    return;
  }
  asked = new AbortController();
  const { signal } = asked;
  const { ask: send, quiet } = await page;
  const body = JSON.stringify({ text: text.value, coverage: Number(coverage.value) });
  const options = { method: "POST", body, headers: { "Content-Type": "application/json" }, signal };
  try {
    said.innerHTML = await (await send(address(current), options)).text();
    draw();
  } catch (error) {
    if (!signal.aborted) said.replaceChildren(quiet(error.message));
  }
}

// The distribution at another temperature: powers of what it is at 1, made to sum to 1.
function draw() {
  const degrees = temperature();
  dial.parentElement.querySelector("output").textContent = degrees.toFixed(2);
  dial.setAttribute("aria-valuetext", degrees.toFixed(2));
  const bars = [...said.querySelectorAll(".nh-outcomes li")];
  if (!bars.length) return;
  const logs = bars.map((bar) => Number(bar.dataset.log) / degrees);
  const most = Math.max(...logs);
  const powers = logs.map((log) => Math.exp(log - most));
  const sum = powers.reduce((all, power) => all + power, 0);
  const shown = Number(said.querySelector(".nh-outcomes").dataset.most);
  bars.forEach((bar, place) => {
    const p = powers[place] / sum;
    bar.hidden = place >= shown;
    bar.querySelector("b").style.width = `${100 * p}%`;
    bar.querySelector("output").textContent = p.toFixed(3);
    if (place === 0) said.querySelector("[data-top]").textContent = p.toFixed(3);
  });
}

async function fit() {
  const { Meter, follow, json, quiet } = await page;
  const meter = new Meter(form.querySelector(".nh-progress"));
  const submit = form.querySelector('[type="submit"]');
  const there = collection;
  fitted.replaceChildren();
  submit.disabled = true;
  try {
    const begun = await json(address(), "POST", Object.fromEntries(new FormData(form)));
    job = begun.job;
    const done = await follow(job, (now) => meter.job(now, "Fitting"));
    if (done.status === "failed") throw new Error(done.error);
    if (done.status === "done") await show(begun.probe, there);
  } catch (error) {
    // The form is every collection's.
    fitted.replaceChildren(quiet(there === collection ? error.message : `${there}: ${error.message}`));
  }
  job = null;
  meter.hide();
  submit.disabled = false;
}

// A new probe; who has gone to another collection meanwhile stays there.
async function show(name, there) {
  if (there !== collection) return;
  current = name;
  await list();
  if (there !== collection) return;
  choose(name);
  fresh.open = false;
  text.focus();
}

async function drop(button, event) {
  const isSoon = event.timeStamp - button.dataset.since < SOON_MS;
  button.dataset.since = event.timeStamp;
  if (!button.hasAttribute("data-sure")) {
    button.setAttribute("data-sure", "");
    button.textContent = "Delete?";
    return;
  }
  // A double click, or Enter that is held, is no answer.
  if (isSoon) return;
  const there = collection;
  const { ask: send, quiet } = await page;
  try {
    await send(address(button.dataset.delete), { method: "DELETE" });
    if (there !== collection) return;
    leave();
    await list();
    if (there === collection) fresh.querySelector("summary").focus();
  } catch (error) {
    if (there === collection) saved.append(quiet(error.message));
  }
}

async function halt() {
  const { quiet, stop } = await page;
  const stopped = job;
  try {
    await stop(stopped);
  } catch (error) {
    if (job === stopped) fitted.replaceChildren(quiet(error.message));
  }
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.probe) choose(button.dataset.probe);
  else if (button?.dataset.delete) drop(button, event);
  else if (button?.hasAttribute("data-stop") && job) halt();
});
element.addEventListener("focusout", (event) => {
  if (!event.target.hasAttribute?.("data-sure")) return;
  event.target.removeAttribute("data-sure");
  event.target.textContent = "×";
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  fit();
});
form.addEventListener("change", () => {
  for (const field of form.querySelectorAll("[data-by]")) field.hidden = field.dataset.by !== form.elements.by.value;
});
text.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE_MS);
});
coverage.addEventListener("change", ask);
dial.addEventListener("input", draw);
window.addEventListener("nh-collection", refresh);
new IntersectionObserver(refresh).observe(element);
