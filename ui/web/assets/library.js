// The tab Library: lists collections, shows one, and takes files in. It talks to /page/library and /page/intake.
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const PIECE = 2 ** 20;
const UNREAD = "What was dropped cannot be read. Choose the files instead.";
const NONE_FIT = "There is no file in it that can be taken in.";
const NOTHING = "Choose files first, or name a folder of the machine that serves.";
const page = import("/page/asking.js");
const shelf = element.querySelector(".nh-shelf");
const detail = element.querySelector(".nh-detail");
const form = element.querySelector(".nh-intake");
const picked = form.querySelector(".nh-picked");
const receipt = form.querySelector(".nh-receipt");
const gone = element.querySelector(".nh-gone");
const drop = form.querySelector(".nh-drop");
const submit = form.querySelector('[type="submit"]');
const input = form.querySelector('[type="file"]');
let files = [];
let plan = "";
let going = null;
let typed = false;
let shown = 0;
let described = "";
// Where what is being done is shown, by the collection that it is done to.
const atWork = new Map();

const chosen = () => document.documentElement.dataset.collection ?? "";
const address = (name, act = "") => `/page/library/${encodeURIComponent(name)}${act && `/${act}`}`;

async function refresh() {
  if (!element.offsetParent) return;
  const turn = ++shown;
  const { piece, quiet } = await page;
  const name = chosen();
  try {
    const html = await piece(`/page/library?chosen=${encodeURIComponent(name)}`);
    const about = name ? await piece(address(name)) : "";
    if (turn !== shown) return;
    const held = shelf.contains(document.activeElement) ? document.activeElement.dataset.choose : undefined;
    shelf.innerHTML = html;
    const rows = [...shelf.querySelectorAll("[data-choose]")];
    if (held) rows.find((each) => each.dataset.choose === held)?.focus({ preventScroll: true });
    describe(name, about);
  } catch (error) {
    if (turn === shown) shelf.replaceChildren(quiet(error.message));
    return;
  }
  detail.hidden = !detail.innerHTML;
  const names = [...shelf.querySelectorAll("[data-choose]")].map((button) => new Option("", button.dataset.choose));
  form.querySelector("datalist").replaceChildren(...names);
  if (!typed) form.elements.collection.value = name || "notes";
}

// What came of something stays for as long as the collection does; what is being done goes on to be shown in any case.
function describe(name, about) {
  if (shownName() === name && about === described) return;
  detail.innerHTML = described = about;
  const place = atWork.get(name);
  if (place) detail.querySelector(".nh-outcome")?.replaceWith(place);
  hold();
}

function changed(name) {
  gone.replaceChildren();
  window.dispatchEvent(new CustomEvent("nh-changed", { detail: { name } }));
  refresh();
}

// Files

const nameOf = (file) => file.path ?? (file.webkitRelativePath || file.name);

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(0)} KB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function choose(more) {
  const known = new Map([...files, ...more].map((file) => [nameOf(file), file]));
  files = [...known.values()];
  listFiles();
}

function listFiles() {
  const rows = files.slice(0, 8).map((file) => {
    const row = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = nameOf(file);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `Leave out ${nameOf(file)}`);
    remove.addEventListener("click", () => {
      files = files.filter((other) => other !== file);
      listFiles();
      input.focus();
    });
    const bytes = document.createElement("i");
    bytes.textContent = size(file.size);
    row.append(name, bytes, remove);
    return row;
  });
  if (files.length > 8) {
    const rest = document.createElement("li");
    rest.textContent = `and ${(files.length - 8).toLocaleString("en")} more`;
    rows.push(rest);
  }
  if (files.length > 1) rows.push(leaveAll());
  picked.replaceChildren(...rows);
  form.elements.path.disabled = files.length > 0;
}

function leaveAll() {
  const row = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "nh-leave-all";
  button.textContent = "Remove all";
  button.addEventListener("click", () => {
    files = [];
    listFiles();
    input.focus();
  });
  row.append(button);
  return row;
}

async function walk(entry, path = "") {
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) {
    const file = await new Promise((found, failed) => entry.file(found, failed));
    file.path = path + entry.name;
    return [file];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((read, failed) => reader.readEntries(read, failed));
    if (!some.length) return found;
    for (const child of some) found.push(...(await walk(child, `${path}${entry.name}/`)));
  }
}

async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const plain = [...transfer.files];
  const read = (file) => input.accept.split(",").some((suffix) => nameOf(file).toLowerCase().endsWith(suffix));
  const { quiet } = await page;
  try {
    const all = entries.length ? (await Promise.all(entries.map((entry) => walk(entry)))).flat() : plain;
    // Of a folder, what can be read; a file by itself was meant, and the server says what is wrong with it.
    const isFolder = entries.some((entry) => entry.isDirectory);
    const fit = isFolder ? all.filter(read) : all;
    choose(fit);
    receipt.querySelector(".nh-message")?.remove();
    if (!fit.length) receipt.replaceChildren(quiet(NONE_FIT));
  } catch {
    receipt.replaceChildren(quiet(UNREAD));
  }
}

async function bring(meter) {
  const { ask, json } = await page;
  const { batch } = await json("/page/intake/files", "POST");
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let sent = 0;
  for (const file of files) {
    let start = 0;
    do {
      if (going === "stopped") return batch;
      meter.show(total ? sent / total : null, `Bringing ${nameOf(file)} …`);
      const where = `/page/intake/files/${batch}?start=${start}&name=${encodeURIComponent(nameOf(file))}`;
      const body = file.slice(start, start + PIECE);
      await ask(where, { method: "PUT", body, headers: { "Content-Type": "application/octet-stream" } });
      start += PIECE;
      sent += body.size;
    } while (start < file.size);
  }
  return batch;
}

// From the dry run to the report

function busy(isBusy) {
  submit.disabled = isBusy;
  form.toggleAttribute("data-busy", isBusy);
}

async function attempt(work) {
  const { Meter, quiet } = await page;
  const meter = new Meter(form.querySelector(".nh-progress"));
  busy(true);
  going = "going";
  receipt.replaceChildren();
  try {
    await work(meter);
  } catch (error) {
    receipt.replaceChildren(quiet(error.message));
  }
  meter.hide();
  busy(false);
  going = null;
}

async function ended(job) {
  const { piece } = await page;
  receipt.innerHTML = await piece(`/page/intake/${plan}`);
  receipt.querySelector("h2")?.focus();
  if (receipt.querySelector("[data-done]")) plan = "";
}

function look() {
  const { collection, kind, path } = form.elements;
  return attempt(async (meter) => {
    if (!files.length && !path.value.trim()) throw new Error(NOTHING);
    const { follow, json } = await page;
    const wish = { collection: collection.value.trim(), kind: kind.value || null, path: "", batch: null };
    if (files.length) wish.batch = await bring(meter);
    else wish.path = path.value.trim();
    if (going === "stopped") return;
    going = await json("/page/intake", "POST", wish);
    plan = going.id;
    await ended(await follow(going, (now) => meter.job(now, "Looking")));
  });
}

function begin() {
  const before = chosen();
  return attempt(async (meter) => {
    const { follow, json } = await page;
    going = await json(`/page/intake/${plan}`, "POST");
    const job = await follow(going, (now) => meter.job(now, "Taking in"));
    await ended(job);
    if (job.status === "done") {
      files = [];
      input.value = "";
      form.elements.path.value = "";
      listFiles();
    }
    typed = false;
    // Who has gone to another collection meanwhile stays there.
    changed(chosen() === before ? job.collection : undefined);
  });
}

async function cancel() {
  const { ask } = await page;
  const old = plan;
  plan = "";
  receipt.replaceChildren();
  submit.focus();
  if (old) await ask(`/page/intake/${old}`, { method: "DELETE" }).catch(() => {});
}

async function halt() {
  const stopped = going;
  if (!stopped?.id) {
    going = "stopped";
    return;
  }
  const { quiet, stop } = await page;
  try {
    await stop(stopped);
  } catch (error) {
    if (going === stopped) receipt.replaceChildren(quiet(error.message));
  }
}

// What is done to a collection: one thing at a time, each that takes a while with a way to stop it

const shownName = () => detail.querySelector("h2")?.textContent;

// Disabled in earnest, they would lose the focus.
function hold() {
  const isHeld = atWork.has(shownName());
  for (const button of detail.querySelectorAll(".nh-acts button")) button.setAttribute("aria-disabled", isHeld);
}

async function metered(place, stopped) {
  const { Meter, quiet } = await page;
  place.innerHTML =
    '<div class="nh-progress"><progress aria-label="Progress"></progress><p role="status"></p>' +
    '<button type="button" class="nh-chip" data-act="halt">Stop</button></div>';
  const [box] = place.children;
  box.lastElementChild.addEventListener("click", async () => {
    try {
      await stopped();
    } catch (error) {
      if (place.contains(box)) place.replaceChildren(box, quiet(error.message));
    }
  });
  return new Meter(box);
}

async function run(place, path, doing) {
  const { follow, json, stop } = await page;
  const job = await json(path, "POST");
  const meter = await metered(place, () => stop(job));
  const done = await follow(job, (now) => meter.job(now, doing));
  if (done.status === "failed") throw new Error(done.error);
  return done.status;
}

const acts = {
  async card(name, place) {
    const { piece } = await page;
    const kept = await piece(address(name, "card")).catch(() => "");
    if (kept) place.innerHTML = kept;
    else await acts.recard(name, place);
  },
  async recard(name, place) {
    const { piece } = await page;
    const status = await run(place, address(name, "card"), "Asking it");
    place.innerHTML = status === "done" ? await piece(address(name, "card")) : "";
  },
  async reindex(name, place) {
    const { quiet } = await page;
    const status = await run(place, address(name, "reindex"), "Writing it anew");
    place.replaceChildren(quiet(status === "done" ? `${name} is written anew.` : "Stopped: it is as it was."));
    if (status === "done") window.dispatchEvent(new CustomEvent("nh-changed", { detail: {} }));
  },
  async duplicates(name, place) {
    const { piece } = await page;
    const ending = new AbortController();
    const { signal } = ending;
    const meter = await metered(place, () => ending.abort());
    meter.show(null, "Comparing each with each …");
    try {
      place.innerHTML = await piece(address(name, "duplicates"), { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      place.replaceChildren();
    }
  },
  async drop(name, place) {
    const { piece } = await page;
    place.innerHTML = await piece(address(name, "drop"));
  },
  async dropped(name) {
    const { piece } = await page;
    gone.innerHTML = await piece(address(name), { method: "DELETE" });
    gone.querySelector("h2").focus();
    // The selector chooses another one, and says so.
    window.dispatchEvent(new CustomEvent("nh-changed", { detail: {} }));
  },
  async close(_name, place) {
    place.replaceChildren();
  },
};

async function act(name, kind) {
  if (!acts[kind] || atWork.has(name)) return;
  const place = detail.querySelector(".nh-outcome");
  atWork.set(name, place);
  hold();
  try {
    await acts[kind](name, place);
  } catch (error) {
    const { quiet } = await page;
    place.replaceChildren(quiet(error.message));
  }
  atWork.delete(name);
  hold();
  if (place.isConnected) focusOn(place);
}

// What came of it has the focus, unless that went elsewhere meanwhile.
function focusOn(place) {
  const { activeElement, body } = document;
  const head = place.querySelector("h3");
  if (activeElement === body) (head ?? detail.querySelector("h2")).focus();
  else if (detail.contains(activeElement)) head?.focus();
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act], [data-choose]");
  const row = event.target.closest("tr[data-name]");
  if (button?.dataset.choose || (row && !button)) {
    const name = button?.dataset.choose ?? row.dataset.name;
    gone.replaceChildren();
    window.dispatchEvent(new CustomEvent("nh-choose", { detail: { name } }));
  } else if (!button) return;
  else if (detail.contains(button)) act(shownName(), button.dataset.act);
  else if (gone.contains(button)) {
    gone.replaceChildren();
    (detail.querySelector("h2") ?? input).focus();
  } else if (button.dataset.act === "begin") begin();
  else if (button.dataset.act === "cancel") cancel();
  else if (["close", "more"].includes(button.dataset.act)) {
    receipt.replaceChildren();
    input.focus();
  } else if (button.dataset.act === "stop") halt();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  look();
});
form.elements.collection.addEventListener("input", () => (typed = true));
input.addEventListener("change", () => {
  choose(input.files);
  input.value = "";
});
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.toggleAttribute("data-over", name === "dragover");
    if (name === "drop") dropped(event.dataTransfer);
  });
}
if (!["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)) form.querySelector(".nh-path").hidden = true;
window.addEventListener("nh-collection", refresh);
new IntersectionObserver(refresh).observe(element);
