// Puts a latent map, its legend and its buttons into the tab. Events to Python: "pick", "clear".
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const ICONS = {
  in: "M12 5v14M5 12h14",
  out: "M5 12h14",
  fit: "M8 3H3v5M16 3h5v5M8 21H3v-5M16 21h5v-5",
};
const KEYS = "Arrow keys go from point to point, Enter picks, plus and minus zoom, 0 shows all, Escape clears.";
const SLOW = 400;
const host = element.querySelector(".nh-map-host");
const legend = element.querySelector(".nh-map-legend");
const reading = element.querySelector(".nh-map-reading");
let map = null;
let data = null;
let shown = "";
let fetching = null;

function make(tag, style, text = "") {
  const made = document.createElement(tag);
  made.className = style;
  made.textContent = text;
  return made;
}

const tip = make("div", "nh-map-tip");
const spoken = make("div", "nh-unseen");
spoken.setAttribute("aria-live", "polite");

function say(text, isBusy) {
  const message = make("div", `nh-map-message${isBusy ? " nh-busy" : ""}`);
  message.setAttribute("role", "status");
  message.append(make("p", "", text));
  host.replaceChildren(message);
}

function clear() {
  map?.destroy();
  map = data = null;
  reading.textContent = "";
  legend.hidden = true;
}

async function fetchMap(collection) {
  fetching?.abort();
  fetching = new AbortController();
  const reply = await fetch(`/page/map?collection=${encodeURIComponent(collection)}`, { signal: fetching.signal });
  const body = await reply.json();
  if (!reply.ok) throw new Error(body.error?.message ?? `the server answered ${reply.status}`);
  return body;
}

async function show(collection) {
  clear();
  const patience = props.value.version > SLOW ? " The first time, this takes some seconds." : "";
  say(`Drawing the map of ${collection} …${patience}`, true);
  try {
    data = await fetchMap(collection);
  } catch (error) {
    if (error.name === "AbortError") return;
    shown = "";
    say(`The map could not be drawn: ${error.message}`);
    return;
  }
  if (!data.x.length) return say("This collection is empty: there is nothing to draw.");
  const { LatentMap } = await import("/page/latent-map.js");
  host.replaceChildren();
  map = new LatentMap(host, data, {
    pick: (index) => trigger("pick", { id: data.id[index] }),
    clear: () => trigger("clear"),
    point,
  });
  element.latentMap = map;
  tip.hidden = true;
  host.append(toolbar(), tip, spoken);
  fillLegend();
  reading.textContent = data.reading;
  focusMap();
}

function point(index, isByKey) {
  tip.hidden = index < 0;
  if (index < 0) return;
  tip.replaceChildren(make("span", "", data.text[index]), make("i", "", data.source[index]));
  const [left, top] = map.positionOf(index);
  const isLeft = left + tip.offsetWidth + 24 > host.clientWidth;
  tip.style.left = `${Math.max(8, isLeft ? left - tip.offsetWidth - 14 : left + 14)}px`;
  tip.style.top = `${Math.max(8, Math.min(host.clientHeight - tip.offsetHeight - 8, top + 10))}px`;
  if (isByKey) spoken.textContent = data.text[index];
}

function fillLegend() {
  const buttons = data.groups.map(({ name, count }, group) => {
    const button = make("button", "");
    button.type = "button";
    button.title = name;
    button.setAttribute("aria-pressed", "false");
    const swatch = make("i", "");
    swatch.style.background = `var(--nh-c${group % 10})`;
    button.append(swatch, make("span", "", name), make("b", "", count.toLocaleString("en")));
    button.addEventListener("click", () => chooseGroup(button, group));
    return button;
  });
  legend.replaceChildren(...buttons);
  legend.hidden = buttons.length === 0;
}

function chooseGroup(button, group) {
  const isOn = button.getAttribute("aria-pressed") !== "true";
  for (const other of legend.children) other.setAttribute("aria-pressed", String(isOn && other === button));
  map.setGroup(isOn ? group : -1);
}

function toolbar() {
  const bar = make("div", "nh-map-bar");
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Map");
  const { camera } = map;
  const middle = () => [camera.width / 2, camera.height / 2];
  const tools = [
    ["in", "Zoom in (+)", () => camera.zoomAt(...middle(), 1.5)],
    ["out", "Zoom out (−)", () => camera.zoomAt(...middle(), 1 / 1.5)],
    ["fit", "Show all (0)", () => camera.fit()],
  ];
  for (const [icon, label, run] of tools) {
    const button = make("button", "");
    button.type = "button";
    button.title = label;
    button.setAttribute("aria-label", label);
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
    button.addEventListener("click", run);
    bar.append(button);
  }
  return bar;
}

function focusMap() {
  const { selected, neighbours = [] } = props.value ?? {};
  map?.setFocus(selected, neighbours);
}

// Drawn only when it can be seen, and anew when its collection has changed.
function update() {
  const { collection, version } = props.value ?? {};
  if (!host.offsetParent) return;
  if (!collection) {
    clear();
    say("There is nothing to draw yet: take texts in with nearhood ingest PATH -c NAME, or run nearhood demo.");
    return;
  }
  if (shown === `${version} ${collection}`) {
    focusMap();
    return;
  }
  shown = `${version} ${collection}`;
  show(collection);
}

host.tabIndex = 0;
host.setAttribute("role", "application");
host.setAttribute("aria-label", `Map of the collection. ${KEYS}`);
watch("value", update);
new ResizeObserver(update).observe(host);
new MutationObserver(() => map?.readColors()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
element.closest(".nh-columns").addEventListener("nh-look", (event) => {
  map?.setPointed(map.indexOf.get(event.detail.id) ?? -1);
});
update();
