// What stands in the map's tab: the map itself or what takes its place, legend, buttons, and what is said below it.
import { make } from "./dom.js";
import { LatentMap } from "./latent-map.js";
import { MapData, StaleError, askJson } from "./map-data.js";
import { Fit } from "./map-fit.js";
import { Legend } from "./map-legend.js";
import { Tip } from "./map-tip.js";
import { toolbar } from "./map-tools.js";
import { NoWebGLError } from "./point-cloud.js";

const KEYS =
  "Arrow keys go from point to point, Enter picks, plus and minus zoom, 0 shows all, L draws a lasso, " +
  "V selects what is in view, Escape clears. All of it is in the list beside the map, too.";
const NO_WEBGL =
  "This browser cannot draw the map: it has no WebGL2. The list beside says what is on it; Chrome, Firefox and Safari " +
  "of the last years have WebGL2, unless it is switched off.";

export class MapPage {
  constructor(element, trigger) {
    this.element = element;
    this.trigger = trigger;
    this.host = element.querySelector(".nh-map-host");
    this.reading = element.querySelector(".nh-map-reading");
    this.value = {};
    this.pending = null;
    this.fit = new Fit(element.querySelector(".nh-map-fit"), {
      say: (text, options) => this.#say(text, options),
      done: () => this.#renew(),
    });
    this.legend = new Legend(element.querySelector(".nh-map-legend"), {
      color: (by) => this.color(by),
      filter: (groups, hidesFaint) => this.map?.setFilter(groups, hidesFaint),
    });
    this.#dressHost();
    this.#listen();
  }

  #dressHost() {
    this.host.tabIndex = 0;
    this.host.setAttribute("role", "application");
    this.host.setAttribute("aria-label", `Map of the collection. ${KEYS}`);
  }

  #listen() {
    new ResizeObserver(() => this.update(this.value)).observe(this.host);
    const theme = new MutationObserver(() => this.#restyle());
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const form = this.element.querySelector(".nh-map-place");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = form.querySelector("input").value.trim();
      if (text && this.data) this.#tell("place", { text });
    });
    this.element.closest(".nh-columns").addEventListener("nh-look", (event) => this.#look(event.detail));
    // From other tabs: {text, passages, title}.
    document.addEventListener("nh-show-on-map", () => this.#takeShown());
    this.#takeShown();
  }

  #takeShown() {
    this.pending = window.nearhoodShown ?? this.pending;
    window.nearhoodShown = null;
    this.#showPending();
  }

  #showPending() {
    if (!this.pending || !this.data || this.data.collection !== this.value.collection) return;
    this.#tell("place", this.pending);
    this.pending = null;
  }

  // A passage in the list is pointed at.
  #look({ id }) {
    this.map?.setPointed(this.value.focus?.listed?.[id] ?? -1);
  }

  #tell(name, what = {}) {
    this.trigger(name, { edition: this.data?.meta.edition, ...what });
  }

  // Drawn only when it can be seen, and anew when its collection has changed.
  update(value) {
    // What the selector shows is known before Python has said anything.
    const { collection = document.querySelector("#nh-collection select")?.value, passages } = value;
    this.value = { ...value, collection };
    if (!this.host.offsetParent) return undefined;
    const isKnown = this.passages === undefined || passages === undefined || this.passages === passages;
    if (collection && collection === this.shown && isKnown) {
      this.passages ??= passages;
      return "focus" in value ? this.#focus(value.focus) : undefined;
    }
    [this.shown, this.passages] = [collection, passages];
    if (collection) return this.load();
    this.#clear();
    return this.#say("There is nothing to draw yet: take texts in with nearhood ingest PATH -c NAME, or nearhood demo.");
  }

  async load() {
    const { collection } = this.value;
    this.loading?.abort();
    const { signal } = (this.loading = new AbortController());
    try {
      const known = await askJson("meta.json", { collection }, { signal });
      if (known.map) await this.#draw(collection, known.map, signal);
      else this.#without(collection, known);
      this.fit.follow(collection, known);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error instanceof StaleError) return void setTimeout(() => this.#renew(), 300);
      this.shown = "";
      this.#clear();
      this.#say(error instanceof NoWebGLError ? NO_WEBGL : `The map could not be drawn: ${error.message}`);
    }
  }

  #without(collection, { passages, drawing }) {
    this.#clear();
    if (!passages) return this.#say("This collection is empty: there is nothing to draw.");
    if (!drawing || drawing.state === "done") return this.fit.begin(collection);
    return undefined;
  }

  async #draw(collection, meta, signal) {
    if (this.data?.collection === collection && this.data.meta.edition === meta.edition) return;
    const data = await MapData.fetch(collection, meta, signal);
    this.#clear();
    this.host.replaceChildren();
    if (!data.size) return this.#say("This collection is empty: there is nothing to draw.");
    this.map = new LatentMap(this.host, {
      pick: (index) => this.#tell("pick", { point: index }),
      clear: () => this.#tell("clear"),
      point: (index, isByKey) => this.tip.show(index, isByKey),
      lasso: (polygon) => this.#tell("choose", { polygon, ...this.legend.state() }),
      mode: (isOn) => this.tools.setLassoing(isOn),
      settle: () => this.#name(),
    });
    this.data = data;
    this.map.setData(data);
    this.tools = toolbar(this.map);
    this.tip = new Tip(this.host, this.map, data, (error) => this.#staleOr(error));
    this.host.append(this.tools.bar);
    this.legend.show(this.map, data);
    this.map.avoid(this.legend.covers());
    this.reading.textContent = meta.reading;
    this.#finish(data);
    return undefined;
  }

  // What the first picture does not need.
  async #finish(data) {
    if (this.pending) this.#showPending();
    else if (this.value.focus?.edition === data.meta.edition) this.#focus(this.value.focus);
    // The list was made when there was no map, or another one.
    else if (this.isNew) this.#tell("clear");
    this.isNew = false;
    try {
      await data.fetchLabels();
      if (this.data !== data) return;
      this.map.overlay.forget();
      this.map.draw();
      this.#name();
      this.legend.offer(await data.offered());
    } catch (error) {
      this.#staleOr(error);
    }
  }

  #renew() {
    this.isNew = true;
    return this.load();
  }

  #staleOr(error) {
    if (error instanceof StaleError) this.#renew();
    else console.warn(error.message);
  }

  async color(by) {
    const { data } = this;
    try {
      const coloring = by === "cluster" ? data.byCluster() : await data.coloring(by);
      if (this.data !== data) return;
      this.map.setColoring(coloring);
      this.legend.fill();
    } catch (error) {
      this.#staleOr(error);
    }
  }

  // Names of points, when the map has come to rest.
  async #name() {
    const { map, data } = this;
    const wanted = map.overlay.wanted();
    const isNew = await data.fetchNames(wanted).catch((error) => this.#staleOr(error));
    if (!isNew && String(wanted) === String(map.overlay.names)) return;
    map.overlay.names = wanted;
    map.overlay.forget();
    map.draw();
  }

  #focus(focus) {
    const { map, data } = this;
    if (!map) return;
    if (!focus) map.setFocus(null);
    // Of a map that was there before.
    else if (focus.edition !== data.meta.edition) return;
    else if (focus.kind === "selection") this.#select(focus);
    else map.setFocus({ ...focus, place: focus.place && { ...focus.place, ...data.fromServer(focus.place.x, focus.place.y) } });
    this.#name();
  }

  // The points of a lasso are known here since it was drawn; those of a cluster follow from its number.
  #select({ cluster }) {
    if (cluster === undefined) return;
    const lit = [];
    for (let i = 0; i < this.data.size; i++) if (this.data.cluster[i] === cluster) lit.push(i);
    this.map.setFocus({ lit });
  }

  #restyle() {
    if (!this.map) return;
    this.map.readColors();
    this.legend.fill();
  }

  #clear() {
    this.map?.destroy();
    this.map = this.data = null;
    this.reading.textContent = "";
    this.legend.hide();
    this.host.replaceChildren();
  }

  // In the map's place: {isBusy, part, action: [label, run]}.
  #say(text, { isBusy = false, part, action } = {}) {
    if (this.data) return;
    const message = make("div", `nh-map-message${isBusy ? " nh-busy" : ""}`);
    const said = make("p", "", text);
    said.setAttribute("role", "status");
    message.append(said);
    if (part !== undefined) message.append(Object.assign(make("progress", ""), { value: part, ariaLabel: text }));
    if (action) message.append(Object.assign(make("button", "nh-chip", action[0]), { type: "button", onclick: action[1] }));
    this.host.replaceChildren(message);
  }
}
