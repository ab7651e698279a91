// What the colours stand for, with counts; a group that is pressed is shown, and those that are not step back.
import { make } from "./dom.js";
import { NONE } from "./map-data.js";
import { PHONE } from "./map-room.js";

const OFFERED = [
  { by: "cluster", name: "Cluster" },
  { by: "source", name: "Source" },
  { by: "trust", name: "Trust" },
];

export class Legend {
  // on: {color(by), filter(groups, hidesFaint)}.
  constructor(box, on) {
    this.box = box;
    this.on = on;
    this.select = make("select", "");
    this.select.setAttribute("aria-label", "Colour by");
    this.select.addEventListener("change", () => on.color(this.select.value));
    this.rows = make("div", "nh-map-groups");
    this.rows.setAttribute("role", "group");
    this.details = make("details", "");
    this.details.open = !matchMedia(PHONE).matches;
    this.details.append(make("summary", "", "Colours"), this.select, this.rows);
    box.append(this.details);
    new ResizeObserver(() => this.map?.avoid(this.covers())).observe(box);
  }

  hide() {
    this.map = null;
    this.box.hidden = true;
  }

  show(map, data) {
    [this.map, this.data] = [map, data];
    this.box.hidden = false;
    this.offer(OFFERED, "cluster");
    this.fill();
  }

  offer(offered, by = this.select.value) {
    this.select.replaceChildren(...offered.map((each) => new Option(each.name, each.by)));
    this.select.value = by;
  }

  // How much of the map's lower left it takes, in pixels.
  covers() {
    const isOver = getComputedStyle(this.box).position === "absolute" && this.details.open;
    return isOver ? { width: this.box.offsetWidth + 16, height: this.box.offsetHeight + 16 } : { width: 0, height: 0 };
  }

  // What the server has to know of a selection: which points there were to select from.
  state() {
    const { coloring, chosen, hidesFaint } = this.map;
    return { by: coloring.by, groups: [...chosen].map((group) => (group === NONE ? -1 : group)), hidesFaint };
  }

  fill() {
    const { coloring } = this.map;
    this.select.value = coloring.by;
    this.rows.setAttribute("aria-label", `Show only, by ${this.select.selectedOptions[0]?.textContent ?? ""}`);
    const rows = coloring.groups.map(({ name, count }, group) => this.#row(group, name, count));
    if (coloring.none) rows.push(this.#row(NONE, coloring.by === "cluster" ? "no cluster" : "without", coloring.none));
    const { most, count } = this.data.meta.faint;
    if (count) rows.push(this.#faint(most, count));
    this.rows.replaceChildren(...rows);
  }

  #button(name, count, isOn, style) {
    const button = make("button", "");
    button.type = "button";
    button.title = name;
    button.setAttribute("aria-pressed", String(isOn));
    const swatch = make("i", style);
    button.append(swatch, make("span", "", name), make("b", "", count.toLocaleString("en")));
    return [button, swatch];
  }

  #row(group, name, count) {
    const { chosen, hidesFaint } = this.map;
    const [button, swatch] = this.#button(name, count, chosen.has(group), "");
    swatch.style.background = this.map.colorOf(group === NONE ? -1 : group);
    button.addEventListener("click", () => {
      const now = new Set(chosen);
      if (!now.delete(group)) now.add(group);
      this.on.filter(now, hidesFaint);
      this.#refresh(button);
    });
    return button;
  }

  // Those whose place says little: faded on the map, and left out of it when this is pressed.
  #faint(most, count) {
    const { chosen, hidesFaint } = this.map;
    const near = most ? `${most} or none` : "none";
    const [button] = this.#button("faded: not to be trusted", count, hidesFaint, "nh-map-faint");
    button.title = `Of the ten true neighbours of these, ${near} is among the ten nearest on the map. Press to hide them.`;
    button.addEventListener("click", () => {
      this.on.filter(chosen, !hidesFaint);
      this.#refresh(button);
    });
    return button;
  }

  #refresh(button) {
    const place = [...this.rows.children].indexOf(button);
    this.fill();
    this.rows.children[place]?.focus({ preventScroll: true });
  }
}
