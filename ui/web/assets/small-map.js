// A small map beside a list: where its passages stand, or what there is at all. Pressed, it leads to the map itself.
// <nh-small-map collection passages='["id", ...]' text>: without passages, what the collection's clusters are called.
import { make } from "./dom.js";
import { placeLabels } from "./labels.js";
import { MapData, NONE, askJson, ask } from "./map-data.js";
import { boundsOf } from "./map-room.js";

// Any beginning of the points is a fair sample.
const MOST_DRAWN = 8_000;
const MOST_POINTS = 200_000;
const MARGIN = { x: 26, y: 22 };
const MOST_LABELS = 9;
const COLORS = 10;
const PAUSE_MS = 150;
const MOST_MARKED = 50;
const HINT = "Choose a passage to see what is near to it.";
const known = new Map();

for (const name of ["nh-collection", "nh-changed"]) window.addEventListener(name, () => known.clear());

// The points of a collection's map with its labels; null where it has none.
function mapOf(collection) {
  if (!known.has(collection)) known.set(collection, fetched(collection));
  return known.get(collection);
}

async function fetched(collection) {
  const { map } = await askJson("meta.json", { collection });
  if (!map || map.n < 2 || map.n > MOST_POINTS) return null;
  const data = await MapData.fetch(collection, map);
  const [left, bottom, right, top] = boundsOf(data);
  if (top - bottom > right - left) data.turn();
  await data.fetchLabels();
  return data;
}

class SmallMap extends HTMLElement {
  static observedAttributes = ["collection", "passages", "text"];

  connectedCallback() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    this.resizing = new ResizeObserver(() => this.#draw());
    // Nothing is fetched for who looks at another tab.
    this.seen = new ResizeObserver(() => this.offsetParent && this.#show());
    this.seen.observe(this);
    this.theme = new MutationObserver(() => this.#draw());
    this.theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.closest(".nh-columns")?.addEventListener("nh-look", ({ detail }) => this.#point(detail.id), { signal });
  }

  // Once typing pauses.
  attributeChangedCallback() {
    clearTimeout(this.waiting);
    if (this.isConnected) this.waiting = setTimeout(() => this.#show(), PAUSE_MS);
  }

  disconnectedCallback() {
    clearTimeout(this.waiting);
    this.ending.abort();
    this.resizing.disconnect();
    this.seen.disconnect();
    this.theme.disconnect();
  }

  get passages() {
    return JSON.parse(this.getAttribute("passages") || "[]");
  }

  async #show() {
    const collection = this.getAttribute("collection");
    const passages = this.passages.slice(0, MOST_MARKED);
    const { edition } = document.documentElement.dataset;
    const wanted = `${collection} ${edition} ${this.getAttribute("text")} ${passages}`;
    if (!this.offsetParent || this.wanted === wanted) return;
    this.wanted = wanted;
    if (!this.firstElementChild) this.#say(passages);
    try {
      const data = await mapOf(collection);
      const query = { collection, edition: data?.meta.edition, id: passages };
      const points = data && passages.length ? await (await ask("where.json", query)).json() : [];
      if (this.wanted !== wanted || !this.isConnected) return;
      Object.assign(this, { data, points });
    } catch {
      // It is an extra: a map that has changed meanwhile, or a server that was stopped, is told of elsewhere.
      known.delete(collection);
      if (this.wanted === wanted) this.wanted = null;
      return;
    }
    if (this.data) this.#build(passages);
    else this.#say(passages);
  }

  // Without a map.
  #say(passages) {
    this.canvas = null;
    this.replaceChildren(...(passages.length ? [make("p", "nh-hint", HINT)] : []));
  }

  #build(passages) {
    const button = make("button", "nh-small-map");
    button.type = "button";
    const there = this.points.filter((point) => point !== null).length;
    const n = this.data.size.toLocaleString("en");
    const said = passages.length ? `${there} of these among ${n} on the map` : `The map of its ${n} passages`;
    const text = this.getAttribute("text") ?? "";
    if (passages.length) button.dataset.showOnMap = JSON.stringify({ text, passages, title: text });
    else button.addEventListener("click", () => (location.hash = "map"));
    button.setAttribute("aria-label", `${said}: open the map`);
    this.canvas = button.appendChild(make("canvas", ""));
    const foot = make("span", "");
    foot.append(make("span", "", said), make("b", "", "Open the map →"));
    button.append(foot);
    this.replaceChildren(button, ...(passages.length ? [make("p", "nh-hint", HINT)] : []));
    this.resizing.disconnect();
    this.resizing.observe(this.canvas);
  }

  #point(id) {
    this.pointed = id === undefined ? -1 : this.passages.indexOf(id);
    if (this.canvas) this.#draw();
  }

  #draw() {
    const { canvas, data } = this;
    if (!canvas?.clientWidth) return;
    const ratio = Math.min(2, devicePixelRatio || 1);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    [canvas.width, canvas.height] = [width * ratio, height * ratio];
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const [left, bottom, right, top] = boundsOf(data);
    const scale = Math.min((width - 2 * MARGIN.x) / (right - left || 1), (height - 2 * MARGIN.y) / (top - bottom || 1));
    const [middleX, middleY] = [(left + right) / 2, (bottom + top) / 2];
    const at = (x, y) => [width / 2 + (x - middleX) * scale, height / 2 - (y - middleY) * scale];
    const style = getComputedStyle(this);
    const look = { context, at, scale, width, height, color: (name) => style.getPropertyValue(`--nh-${name}`), font: style.fontFamily };
    this.#drawPoints(look);
    this.#drawLabels(look);
    this.#drawHits(look);
  }

  #drawPoints({ context, at, color }) {
    const { x, y, cluster, size } = this.data;
    const count = Math.min(size, MOST_DRAWN);
    const radius = Math.max(1.1, 4.2 - 0.9 * Math.log10(count));
    const colors = Array.from({ length: COLORS }, (_, i) => color(`c${i}`));
    context.globalAlpha = this.points.length ? 0.4 : 0.75;
    for (let i = 0; i < count; i++) {
      const [left, top] = at(x[i], y[i]);
      context.fillStyle = cluster[i] === NONE ? color("none") : colors[cluster[i] % COLORS];
      context.beginPath();
      context.arc(left, top, radius, 0, 2 * Math.PI);
      context.fill();
    }
    context.globalAlpha = 1;
  }

  #drawLabels({ context, at, scale, width, color, font }) {
    context.font = `700 12.5px ${font}`;
    const labels = this.data.labels.filter(({ level }) => level === 0).slice(0, MOST_LABELS);
    const sized = labels.map((label) => ({ ...label, width: context.measureText(label.text).width + 8, height: 17 }));
    Object.assign(context, { textBaseline: "middle", lineJoin: "round", lineWidth: 4, strokeStyle: color("card") });
    context.fillStyle = color(this.points.length ? "ink-2" : "ink");
    for (const { label, dx, dy } of placeLabels(sized, [], scale, 0)) {
      const [left, top] = at(label.x, label.y);
      const start = Math.max(8, Math.min(width - label.width, left + dx + 4));
      context.strokeText(label.text, start, top + dy + 8.5);
      context.fillText(label.text, start, top + dy + 8.5);
    }
  }

  // The last first, so that the nearest lies on top.
  #drawHits({ context, at, color, font }) {
    const { x, y } = this.data;
    context.textAlign = "center";
    for (let place = this.points.length - 1; place >= 0; place--) {
      const point = this.points[place];
      if (point === null) continue;
      const [left, top] = at(x[point], y[point]);
      const isPointed = place === this.pointed;
      context.beginPath();
      context.arc(left, top, isPointed ? 12 : 9, 0, 2 * Math.PI);
      context.fillStyle = color(isPointed ? "mark" : "mark-soft");
      Object.assign(context, { strokeStyle: color("mark"), lineWidth: 1.5 });
      context.fill();
      context.stroke();
      context.font = `700 11px ${font}`;
      context.fillStyle = color(isPointed ? "card" : "mark");
      context.fillText(String(place + 1), left, top + 0.5);
    }
    context.textAlign = "left";
  }
}

customElements.define("nh-small-map", SmallMap);
