// What the map shows, as values in the address and back: where it is looked at, its colours, and what was asked of it.
const DIGITS = 5;

export class MapAddress {
  constructor(page) {
    this.page = page;
    // What stood in the address, until the map is there to show it.
    this.wished = fromValues(window.nearhoodAddress?.values("map") ?? new URLSearchParams());
    this.forget();
    window.addEventListener("nh-address", ({ detail }) => {
      if (detail.tab !== "map") return;
      this.wished = fromValues(detail.values);
      this.page.visit();
    });
  }

  forget() {
    this.asked = null;
    this.how = "step";
  }

  // What the list beside the map speaks of now; undefined where that is as it was.
  ask(asked) {
    if (asked !== undefined) this.asked = asked;
    this.keep(this.how);
    this.how = "step";
  }

  keep(how = "same") {
    if (this.wished || !this.page.map) return;
    window.nearhoodAddress?.keep("map", this.#values(), how);
  }

  // The next map is to show what this one does.
  again() {
    if (this.page.map) this.wished ??= fromValues(new URLSearchParams(this.#values()));
  }

  #values() {
    const { map, data } = this.page;
    const { x, y, zoom, isFit } = map.camera;
    const [left, top] = data.toServer(x, y);
    const at = isFit ? null : { x: left, y: top, zoom };
    return toValues({ at, by: map.coloring.by, asked: this.asked });
  }

  // Returns what stood in the address, once; what comes of it is no step of its own.
  take() {
    const { wished } = this;
    this.wished = null;
    this.how = "same";
    return wished;
  }
}

// {x, y, zoom} in the map's own plane, or null for all of it; `asked` is an event to Python without its edition.
export function toValues({ at, by, asked }) {
  const values = {};
  if (at) values.at = [at.x, at.y, at.zoom].map((each) => Number(each.toPrecision(DIGITS))).join(",");
  if (by && by !== "cluster") values.by = by;
  if (!asked) return values;
  const { id, called, polygon, text, passages, title, numbers } = asked;
  if (id) values.point = id;
  else if (called) values.cluster = called;
  else if (polygon) {
    values.within = polygon.map((corner) => corner.map((each) => Number(each.toPrecision(DIGITS))).join(",")).join(" ");
    if (asked.groups?.length || asked.hidesFaint) {
      values.only = JSON.stringify({ by: asked.by, groups: asked.groups, hidesFaint: Boolean(asked.hidesFaint) });
    }
  } else {
    if (text) values.text = text;
    if (passages) values.passages = JSON.stringify(passages);
    if (title && title !== text) values.title = title;
    if (numbers?.some((number, i) => number !== i + 1)) values.numbers = numbers.join(",");
  }
  return values;
}

// The same from values that anybody may have written; `event` is its name.
export function fromValues(values) {
  const [x, y, zoom] = (values.get("at") ?? "").split(",").map(Number);
  const at = [x, y, zoom].every(Number.isFinite) && zoom > 0 ? { x, y, zoom } : null;
  return { at, by: values.get("by") ?? "cluster", ...question(values) };
}

function question(values) {
  if (values.get("point")) return { event: "pick", asked: { id: values.get("point") } };
  if (values.get("cluster")) return { event: "choose", asked: { called: values.get("cluster") } };
  const polygon = (values.get("within") ?? "").split(" ").map((corner) => corner.split(",").map(Number));
  if (polygon.length > 2 && polygon.flat().every(Number.isFinite)) {
    return { event: "choose", asked: { polygon, by: "cluster", groups: [], ...parsed(values.get("only"), {}) } };
  }
  const passages = parsed(values.get("passages"), []);
  const text = values.get("text") ?? "";
  if (!text && !passages.length) return { event: null, asked: null };
  if (!passages.length) return { event: "place", asked: { text } };
  const numbers = (values.get("numbers") ?? "").split(",").map(Number).filter(Number.isInteger);
  return { event: "place", asked: { text, passages, title: values.get("title") ?? text, numbers } };
}

function parsed(json, otherwise) {
  try {
    const value = JSON.parse(json ?? "null");
    return value && Array.isArray(value) === Array.isArray(otherwise) ? value : otherwise;
  } catch {
    return otherwise;
  }
}
