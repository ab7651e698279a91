// What stands in the map's tab: the map itself or what takes its place, legend, buttons, and what is said below it.
import { LatentMap } from "./latent-map.js";
import { MapAddress } from "./map-address.js";
import { MapColors } from "./map-colors.js";
import { MapData, NONE, StaleError, askJson } from "./map-data.js";
import { Fit } from "./map-fit.js";
import { Legend } from "./map-legend.js";
import { message, outcome, retold } from "./map-message.js";
import { Tip } from "./map-tip.js";
import { toolbar } from "./map-tools.js";
import { NoWebGLError } from "./point-cloud.js";

const KEYS =
  "Arrow keys go from point to point, Enter picks, plus and minus zoom, 0 shows all, L draws a lasso, " +
  "V selects what is in view, Escape clears. All of it is in the list beside the map, too.";
const REST_MS = 250;
const STALE_MS = 300;
const MOST_STALE_MS = 10_000;
const COMING = "Passages are coming in: the map is drawn when they are there.";
const NO_WEBGL =
  "This browser cannot draw the map: it has no WebGL2. The list beside says what is on it; Chrome, Firefox and Safari " +
  "of the last years have WebGL2, unless it is switched off.";

export class MapPage {
  constructor(element) {
    this.element = element;
    this.columns = element.closest(".nh-columns");
    this.host = element.querySelector(".nh-map-host");
    this.reading = element.querySelector(".nh-map-reading");
    this.fault = element.querySelector(".nh-map-fault");
    // What the list speaks of, and the way that led there.
    this.focus = null;
    this.way = [];
    this.turn = 0;
    this.pending = null;
    this.address = new MapAddress(this);
    this.fit = new Fit(element.querySelector(".nh-map-fit"), {
      say: (text, options) => this.#say(text, options),
      done: () => this.load(),
      fail: (error) => (this.fault.textContent = error.message),
    });
    this.legend = new Legend(element.querySelector(".nh-map-legend"), {
      color: (by) => this.colors.color(by),
      filter: (groups, hidesFaint) => this.map?.setFilter(groups, hidesFaint),
    });
    this.colors = new MapColors(this);
    this.host.tabIndex = 0;
    this.host.setAttribute("role", "application");
    this.host.setAttribute("aria-label", `Map of the collection. ${KEYS}`);
    this.#listen();
    this.update();
  }

  #listen() {
    new ResizeObserver(() => this.update()).observe(this.host);
    window.addEventListener("nh-collection", () => this.update());
    const theme = new MutationObserver(() => this.#restyle());
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const form = this.element.querySelector(".nh-map-place");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = form.querySelector("input").value.trim();
      if (text) this.#place(text);
    });
    this.columns.addEventListener("nh-look", ({ detail }) => {
      this.map?.setPointed(this.focus?.listed?.[detail.id] ?? -1);
    });
    this.columns.addEventListener("nh-act", ({ detail }) => this.#act(detail.kind, detail.what));
    // From other tabs: {text, passages, title}.
    document.addEventListener("nh-show-on-map", () => this.#takeShown());
    this.#takeShown();
  }

  #takeShown() {
    if (window.nearhoodShown) this.#pend("place", window.nearhoodShown, document.documentElement.dataset.collection);
    window.nearhoodShown = null;
    if (this.data) this.#showPending();
  }

  // What is done once there is a map of its collection; with another one it is forgotten.
  #pend(kind, what, collection = this.shown) {
    this.pending = { kind, what, collection };
  }

  #showPending() {
    if (!this.pending || this.data.collection !== document.documentElement.dataset.collection) return;
    // It is what is wanted now, and no step after that of another tab.
    this.address.take();
    const { kind, what } = this.pending;
    this.pending = null;
    if (!what.at) return void this.#tell(kind, what);
    // On a map that has grown, no point has moved, but they are counted anew.
    const { x, y } = this.data.fromServer(...what.at);
    const point = this.data.x.findIndex((each, i) => each === x && this.data.y[i] === y);
    if (point >= 0) return void this.#tell(kind, { point });
    this.#tell("clear").then(() => (this.fault.textContent = "The map was drawn anew: choose the point again."));
  }

  // What is near a text is in the list even where no map can be drawn; on one that is still to come it is placed then.
  #place(text) {
    if (!this.shown) return void (this.fault.textContent = "There is no collection yet to place a text in.");
    if (!this.data) this.#pend("place", { text });
    this.#tell("place", { text });
  }

  async #act(kind, what) {
    if (kind !== "verb") return this.#tell(kind, what);
    const button = this.columns.querySelector(`form[data-verb="${what.verb}"] button`);
    const words = button.textContent;
    [button.disabled, button.textContent] = [true, "Being made …"];
    await this.#tell(kind, what);
    [button.disabled, button.textContent] = [false, words];
    return this.colors.offer();
  }

  // What is done on the map or in its list, answered with what the map points out and with the list.
  async #tell(kind, what = {}) {
    const turn = ++this.turn;
    const { data } = this;
    const event = { edition: data?.meta.edition, ...what };
    const body = JSON.stringify({ collection: this.shown ?? "", kind, event, way: this.way });
    const options = { method: "POST", headers: { "Content-Type": "application/json" }, body };
    try {
      const { focus, html, way } = await askJson("view", {}, options);
      // What comes late does not replace what is newer; what was made is said all the same.
      if (turn !== this.turn) return void (kind === "verb" && (this.fault.textContent = outcome(html)));
      this.fault.textContent = "";
      [this.focus, this.way] = [focus, way];
      this.columns.dispatchEvent(new CustomEvent("nh-found", { detail: { near: html } }));
      this.#focus(focus);
    } catch (error) {
      if (turn !== this.turn && kind !== "verb") return;
      // Of points, clusters and selections there are others on the next map.
      const isLasting = what.id || what.text || what.passages || what.polygon || what.called;
      if (error instanceof StaleError && isLasting) this.#pend(kind, what);
      else if (error instanceof StaleError && kind === "pick" && data) {
        this.#pend(kind, { at: data.toServer(data.x[what.point], data.y[what.point]) });
      }
      this.failed(error);
    }
  }

  // Drawn only when it can be seen, and anew when its collection has changed.
  update() {
    const { collection, edition } = document.documentElement.dataset;
    const wasSeen = this.isSeen;
    this.isSeen = Boolean(this.host.offsetParent);
    if (!this.isSeen || collection === undefined) return undefined;
    if (collection === this.shown) {
      // It is asked for again anyhow.
      if (this.waiting) return void (this.edition = edition);
      if (edition === this.edition) return wasSeen ? this.visit() : this.#return();
    }
    [this.shown, this.edition] = [collection, edition];
    if (collection) return this.load();
    this.#clear();
    this.#tell("clear");
    return this.#say("There is nothing to draw yet: take texts in with nearhood ingest PATH -c NAME, or nearhood demo.");
  }

  // What may have changed while another tab was looked at.
  #return() {
    if (this.hasFailed) return this.load();
    this.colors.offer();
    return this.visit();
  }

  async load() {
    const collection = this.shown;
    this.hasFailed = false;
    clearTimeout(this.waiting);
    this.waiting = null;
    this.loading?.abort();
    const { signal } = (this.loading = new AbortController());
    try {
      const known = await askJson("meta.json", { collection }, { signal });
      if (known.map) await this.#draw(collection, known.map, signal);
      else this.#without(collection, known);
      this.fit.follow(collection, known);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof StaleError) return this.#wait();
      this.#clear();
      this.#tell("clear");
      if (error instanceof NoWebGLError) return this.#say(NO_WEBGL);
      this.hasFailed = true;
      return this.#say(`The map could not be drawn: ${error.message}`, { action: ["Try again", () => this.load()] });
    }
    return undefined;
  }

  // It changes while it is asked for, as with each part of an ingest: ask again, each time later.
  #wait() {
    this.stale = (this.stale ?? 0) + 1;
    this.waiting ??= setTimeout(() => this.shown && this.load(), Math.min(MOST_STALE_MS, STALE_MS * 2 ** (this.stale - 1)));
    if (this.stale === 1) return;
    this.#say(COMING, { isBusy: true });
    if (this.data) this.fault.textContent = COMING;
  }

  #without(collection, { passages, drawing }) {
    this.#clear();
    this.#tell("clear");
    if (!passages) return this.#say("This collection is empty: there is nothing to draw.");
    if (!drawing || drawing.state === "done") return this.fit.begin(collection);
    return undefined;
  }

  async #draw(collection, meta, signal) {
    if (this.data?.collection === collection && this.data.meta.edition === meta.edition) return void (this.stale = 0);
    const data = await MapData.fetch(collection, meta, signal);
    // Passages have come in: what one looks at stays.
    if (this.data?.collection === collection) this.address.again();
    this.#clear();
    this.host.replaceChildren();
    if (!data.size) return this.#say("This collection is empty: there is nothing to draw.");
    this.map = new LatentMap(this.host, {
      pick: (index) => this.#tell("pick", { point: index }),
      clear: () => this.#tell("clear"),
      point: (index, isByKey) => this.tip.show(index, isByKey),
      lasso: (polygon) => this.#tell("choose", { polygon, ...this.legend.state() }),
      move: () => this.#rest(),
      mode: (isOn) => this.tools.setLassoing(isOn),
      settle: () => this.#name(),
    });
    this.data = data;
    this.map.setData(data);
    this.tools = toolbar(this.map);
    this.tip = new Tip(this.host, this.map, data, (error) => this.failed(error, data));
    this.host.append(this.tools.bar);
    this.legend.show(this.map, data);
    this.map.avoid(this.legend.covers());
    this.reading.textContent = meta.reading;
    this.#finish(data);
    return undefined;
  }

  // What the first picture does not need.
  async #finish(data) {
    // Another tab may have one for a collection that is yet to be shown.
    if (this.pending && this.pending.collection !== document.documentElement.dataset.collection) this.pending = null;
    if (this.pending) this.#showPending();
    else if (this.address.wished) this.visit();
    else this.#tell("clear");
    try {
      await data.fetchLabels();
      if (this.data !== data) return;
      this.map.overlay.forget();
      this.map.draw();
      this.#name();
      this.stale = 0;
    } catch (error) {
      this.failed(error, data);
    }
    await this.colors.offer();
  }

  // What went wrong with a map that is gone concerns nobody.
  failed(error, data = this.data) {
    if (this.data !== data) return;
    if (error instanceof StaleError) this.#wait();
    else this.fault.textContent = error.message;
  }

  // Names of points, when the map has come to rest.
  async #name() {
    const { map, data } = this;
    const wanted = map.overlay.wanted();
    const isNew = await data.fetchNames(wanted).catch((error) => this.failed(error, data));
    if (this.data !== data) return;
    if (!isNew && String(wanted) === String(map.overlay.names)) return;
    map.overlay.names = wanted;
    map.overlay.forget();
    map.draw();
  }

  // Show what stood in the address, once the map is there.
  async visit() {
    const { map, data, address } = this;
    if (!address.wished || !map) return;
    if (data.collection !== document.documentElement.dataset.collection) return;
    const before = JSON.stringify(address.asked);
    const { at, by, event, asked } = address.take();
    const place = at && data.fromServer(at.x, at.y);
    if (at) map.camera.lookAt(place.x, place.y, at.zoom);
    else map.camera.fit({ eased: false });
    const needed = asked?.groups?.length ? asked.by : by;
    if (needed !== map.coloring.by) await this.colors.color(needed);
    if (this.data !== data) return;
    if (asked?.groups && map.coloring.by === needed) {
      map.setFilter(new Set(asked.groups.map((group) => (group < 0 ? NONE : group))), asked.hidesFaint);
      this.legend.fill();
    }
    if (event && JSON.stringify(asked) !== before) this.#tell(event, asked);
    else if (!event) this.#tell("clear");
  }

  // Where the map is looked at, once it has come to rest there.
  #rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.address.keep(), REST_MS);
  }

  #focus(focus) {
    const { map, data } = this;
    if (!map) return;
    if (!focus) map.setFocus(null);
    // Of a map that was there before.
    else if (focus.edition !== data.meta.edition) return;
    else if (focus.kind === "selection") this.#select(focus);
    else map.setFocus({ ...focus, place: focus.place && { ...focus.place, ...data.fromServer(focus.place.x, focus.place.y) } });
    this.address.ask(focus ? focus.asked : null);
    this.#name();
  }

  // The points of a lasso follow from its corners, those of a cluster from its number.
  #select({ cluster, asked }) {
    if (asked?.polygon) {
      const corners = asked.polygon.map(([x, y]) => this.data.fromServer(x, y));
      this.map.setFocus({ lit: this.map.inside(corners.map(({ x, y }) => [x, y])) });
    }
    if (cluster !== undefined) this.map.setFocus({ lit: this.data.within(cluster) });
  }

  #restyle() {
    if (!this.map) return;
    this.map.readColors();
    this.legend.fill();
  }

  #clear() {
    this.map?.destroy();
    this.map = this.data = null;
    this.address.forget();
    this.reading.textContent = this.fault.textContent = "";
    this.legend.hide();
    this.host.replaceChildren();
  }

  // In the map's place.
  #say(text, options) {
    if (this.data || retold(this.host.firstElementChild, text, options)) return;
    this.host.replaceChildren(message(text, options));
  }
}
