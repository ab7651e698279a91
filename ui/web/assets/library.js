// The tab Library: lists collections, shows one, and takes files in. It talks to /page/library and /page/intake.
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const PIECE = 2 ** 20;
const NOTHING = "Choose files first, or name a folder of the machine that serves.";
const page = import("/page/asking.js");
const shelf = element.querySelector(".nh-shelf");
const detail = element.querySelector(".nh-detail");
const form = element.querySelector(".nh-intake");
const picked = form.querySelector(".nh-picked");
const receipt = form.querySelector(".nh-receipt");
const drop = form.querySelector(".nh-drop");
const submit = form.querySelector('[type="submit"]');
const input = form.querySelector('[type="file"]');
let files = [];
let plan = "";
let going = null;
let typed = false;
let shown = 0;
let described = "";

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
    shelf.innerHTML = html;
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
  const isSame = detail.querySelector("h2")?.textContent === name;
  if (isSame && about === described) return;
  const atWork = isSame && detail.querySelector(".nh-outcome:has(.nh-progress)");
  detail.innerHTML = described = about;
  if (atWork) detail.querySelector(".nh-outcome").replaceWith(atWork);
}

function changed(name) {
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
  picked.replaceChildren(...rows);
  form.elements.path.disabled = files.length > 0;
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
  const all = entries.length ? (await Promise.all(entries.map((entry) => walk(entry)))).flat() : plain;
  // Of a folder, what can be read; a file by itself was meant, and the server says what is wrong with it.
  choose(all.length > plain.length || all.some((file) => file.path?.includes("/")) ? all.filter(read) : all);
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

// What is done to a collection

async function act(name, kind) {
  const { Meter, follow, json, piece, quiet, stop } = await page;
  const place = detail.querySelector(".nh-outcome");
  const run = async (path, doing) => {
    place.innerHTML =
      '<div class="nh-progress"><progress aria-label="Progress"></progress><p role="status"></p>' +
      '<button type="button" class="nh-chip" data-act="halt">Stop</button></div>';
    const meter = new Meter(place.firstElementChild);
    const job = await json(path, "POST");
    place.firstElementChild.addEventListener("click", (event) => event.target.dataset.act && stop(job));
    const done = await follow(job, (now) => meter.job(now, doing));
    if (done.status === "failed") throw new Error(done.error);
    return done.status;
  };
  const made = { card: "card", recard: "card" };
  try {
    if (kind === "recard" || kind === "card") {
      const kept = kind === "card" && (await piece(address(name, "card")).catch(() => ""));
      if (kept) place.innerHTML = kept;
      else if ((await run(address(name, made[kind]), "Asking it")) === "done") place.innerHTML = await piece(address(name, "card"));
      else place.replaceChildren();
    } else if (kind === "reindex") {
      const status = await run(address(name, "reindex"), "Writing it anew");
      place.replaceChildren(quiet(status === "done" ? `${name} is written anew.` : "Stopped: it is as it was."));
      if (status === "done") window.dispatchEvent(new CustomEvent("nh-changed", { detail: {} }));
    } else if (kind === "duplicates") {
      place.innerHTML = '<div class="nh-progress"><progress></progress><p role="status">Comparing each with each …</p></div>';
      place.innerHTML = await piece(address(name, "duplicates"));
    } else if (kind === "drop") place.innerHTML = await piece(address(name, "drop"));
    else if (kind === "dropped") {
      receipt.innerHTML = await piece(address(name), { method: "DELETE" });
      // The selector chooses another one, and says so.
      window.dispatchEvent(new CustomEvent("nh-changed", { detail: {} }));
    } else place.replaceChildren();
  } catch (error) {
    place.replaceChildren(quiet(error.message));
  }
  const head = place.querySelector("h3");
  if (head) head.focus();
  else if (kind === "close") detail.querySelector("h2")?.focus();
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act], [data-choose]");
  const row = event.target.closest("tr[data-name]");
  if (button?.dataset.choose || (row && !button)) {
    const name = button?.dataset.choose ?? row.dataset.name;
    window.dispatchEvent(new CustomEvent("nh-choose", { detail: { name } }));
  } else if (!button) return;
  else if (detail.contains(button)) {
    if (button.dataset.act !== "halt") act(detail.querySelector("h2").textContent, button.dataset.act);
  } else if (button.dataset.act === "begin") begin();
  else if (button.dataset.act === "cancel") cancel();
  else if (["close", "more"].includes(button.dataset.act)) {
    receipt.replaceChildren();
    input.focus();
  }
  else if (button.dataset.act === "stop") {
    const job = going;
    if (job?.id) page.then(({ stop }) => stop(job));
    else going = "stopped";
  }
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
