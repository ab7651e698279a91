// A map that is being fitted: how far it is, a way to stop it, and a way to begin anew.
import { make } from "./dom.js";
import { askJson } from "./map-data.js";

const EVERY_MS = 400;
const MOST_TRIES = 5;
const MOST_SEED = 2 ** 32 - 3;
const ANEW = "the server was started anew meanwhile";
const METHODS = { tsne: "t-SNE", umap: "UMAP", pca: "PCA" };

export class Fit {
  // on: {say(text, options): in the map's place, while there is none; done(): there is a new map; fail(error)}.
  constructor(box, on) {
    this.box = box;
    this.on = on;
    this.turn = 0;
    this.details = make("details", "nh-map-how");
    this.summary = make("summary", "");
    this.said = make("p", "nh-map-said");
    this.said.setAttribute("role", "status");
    this.details.append(this.summary, this.#form());
    box.append(this.details, this.said);
    this.details.hidden = true;
  }

  #form() {
    const form = make("form", "");
    this.method = make("select", "");
    for (const [value, name] of Object.entries(METHODS)) this.method.append(new Option(name, value));
    this.seed = Object.assign(make("input", ""), { type: "number", min: 0, max: MOST_SEED, value: 0, required: true });
    const labelled = (text, field) => {
      const label = make("label", "", `${text} `);
      label.append(field);
      return label;
    };
    const about = "Fitted anew, the map is laid on the one that is there, and says how much has moved.";
    const button = make("button", "nh-chip", "Draw anew");
    form.append(make("p", "", about), labelled("Method", this.method), labelled("Seed", this.seed), button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.details.open = false;
      this.begin(this.collection, { method: this.method.value, seed: Number(this.seed.value) });
    });
    return form;
  }

  // What the server said of a collection's map: {map, drawing}.
  follow(collection, { map, drawing }) {
    if (this.collection !== collection) this.said.textContent = "";
    this.collection = collection;
    this.details.hidden = !map;
    if (map) {
      this.summary.textContent = map.made;
      [this.method.value, this.seed.value] = [map.method, map.seed];
    }
    if (drawing?.state === "drawing") this.#watch(collection);
    else if (!map && drawing && drawing.state !== "done") this.#ended(collection, drawing);
  }

  async begin(collection, wish) {
    this.collection = collection;
    const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish ?? {}) };
    try {
      await askJson("fit", { collection }, options);
      await this.#watch(collection);
    } catch (error) {
      if (this.collection === collection) this.#ended(collection, { state: "failed", error: error.message });
    }
  }

  async #cancel(collection) {
    try {
      await askJson("fit", { collection }, { method: "DELETE" });
    } catch (error) {
      if (this.collection === collection) this.on.fail(error);
    }
  }

  async #watch(collection) {
    if (this.watched === collection) return;
    this.watched = collection;
    const mine = ++this.turn;
    const isHere = () => mine === this.turn && this.collection === collection;
    try {
      let drawing = await this.#progress(collection);
      while (drawing.state === "drawing" && isHere()) {
        this.#show(collection, drawing);
        await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
        drawing = await this.#progress(collection);
      }
      if (isHere()) this.#ended(collection, drawing);
    } catch (error) {
      if (isHere()) this.#ended(collection, { state: "failed", error: error.message });
    } finally {
      if (mine === this.turn) this.watched = null;
    }
  }

  // The fit goes on where an answer is lost on its way.
  async #progress(collection) {
    for (let tries = 1; ; tries++) {
      try {
        return await askJson("fit", { collection });
      } catch (error) {
        if (error.status || tries === MOST_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, tries * EVERY_MS));
      }
    }
  }

  #show(collection, { stage, part }) {
    const cancel = ["Cancel", () => this.#cancel(collection)];
    const text = `${stage}: ${Math.round(100 * part)} %`;
    this.on.say(`Drawing the map of ${collection}. ${text}`, { isBusy: true, part, action: cancel });
    if (this.details.hidden) return;
    const there = this.said.querySelector("button");
    if (there) {
      this.said.firstChild.data = `${text} `;
      there.onclick = cancel[1];
      return;
    }
    const button = Object.assign(make("button", "nh-chip", cancel[0]), { type: "button", onclick: cancel[1] });
    this.said.replaceChildren(`${text} `, button);
  }

  #ended(collection, { state, error = ANEW }) {
    this.said.textContent = { cancelled: "Cancelled: the map is as it was.", failed: error, none: error }[state] ?? "";
    const again = ["Draw the map", () => this.begin(collection)];
    if (state === "done") this.on.done();
    else if (state === "cancelled") this.on.say("No map of this collection was drawn yet.", { action: again });
    else this.on.say(`The map could not be drawn: ${error}`, { action: again });
  }
}
