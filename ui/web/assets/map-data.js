// What the map fetches: numbers once for each edition, texts as they are pointed at.
import { ask as send } from "./asking.js";

export const NONE = 65535;
const MOST_NAMES = 100;

export class StaleError extends Error {}

// A query's values may be lists.
export async function ask(path, query, options = {}) {
  const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  try {
    return await send(`/page/maps/${path}?${new URLSearchParams(pairs)}`, options);
  } catch (error) {
    throw error.status === 409 ? new StaleError(error.message) : error;
  }
}

export async function askJson(path, query, options) {
  return (await ask(path, query, options)).json();
}

export class MapData {
  // meta: as the server sends it; x, y: Float32Array; cluster: Uint16Array; trust: Uint8Array (of ten; 255 unknown).
  static async fetch(collection, meta, signal) {
    const data = new MapData(collection, meta);
    const n = meta.n;
    const buffer = await (await data.#ask("points.bin", {}, { signal })).arrayBuffer();
    data.x = new Float32Array(buffer, 0, n);
    data.y = new Float32Array(buffer, 4 * n, n);
    data.cluster = new Uint16Array(buffer, 8 * n, n);
    data.trust = new Uint8Array(buffer, 10 * n, n);
    return data;
  }

  constructor(collection, meta) {
    this.collection = collection;
    this.meta = meta;
    this.size = meta.n;
    this.labels = [];
    this.texts = new Map();
    this.knownNames = new Map();
    this.colorings = new Map();
  }

  #ask(path, query = {}, options = {}) {
    return ask(path, { collection: this.collection, edition: this.meta.edition, ...query }, options);
  }

  async #json(path, query) {
    return (await this.#ask(path, query)).json();
  }

  isFaint(index) {
    return this.trust[index] <= this.meta.faint.most;
  }

  // The points of a cluster.
  within(cluster) {
    const found = [];
    for (let i = 0; i < this.size; i++) if (this.cluster[i] === cluster) found.push(i);
    return found;
  }

  // Turned by a quarter where that fills its space better: what was right is up.
  turn() {
    this.isTurned = !this.isTurned;
    const before = this.x;
    this.x = this.y.map((y) => (this.isTurned ? -y : y));
    this.y = before.map((x) => (this.isTurned ? x : -x));
    for (const label of this.labels) Object.assign(label, this.fromServer(label.x, label.y));
  }

  fromServer(x, y) {
    return this.isTurned ? { x: -y, y: x } : { x, y };
  }

  toServer(x, y) {
    return this.isTurned ? [y, -x] : [x, y];
  }

  async fetchLabels() {
    const labels = await this.#json("labels.json");
    this.labels = labels.map((label) => ({ ...label, ...this.fromServer(label.x, label.y) }));
  }

  offered() {
    return this.#json("colorings.json");
  }

  // A legend with its groups: {by, groups: [{name, count}], none, scale, of: Uint16Array}.
  async coloring(by) {
    // A probe may have been fitted again since.
    if (!this.colorings.has(by) || by.startsWith("probe:")) {
      // One after the other: the server makes both of one colouring, and would make it twice.
      const legend = await this.#json("legend.json", { by });
      const reply = await this.#ask("groups.bin", { by });
      this.colorings.set(by, { ...legend, of: new Uint16Array(await reply.arrayBuffer()) });
    }
    return this.colorings.get(by);
  }

  byCluster() {
    const { clusters, none } = this.meta;
    return { by: "cluster", groups: clusters, none, scale: false, of: this.cluster };
  }

  // {text, source, cluster}
  text(index) {
    if (!this.texts.has(index)) this.texts.set(index, this.#json("text.json", { point: index }));
    return this.texts.get(index);
  }

  // Asks for those names that are not known yet, and returns whether there are any more than before.
  async fetchNames(indices) {
    const unknown = indices.filter((index) => !this.knownNames.has(index)).slice(0, MOST_NAMES);
    if (!unknown.length) return false;
    for (const index of unknown) this.knownNames.set(index, "");
    const found = await this.#json("names.json", { point: unknown });
    for (const [index, name] of Object.entries(found)) this.knownNames.set(Number(index), name);
    return true;
  }
}
