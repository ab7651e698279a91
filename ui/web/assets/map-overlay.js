// What stands above the points: labels, lines to true neighbours, a placed text with its error, the lasso.
import { placeLabels } from "./labels.js";

const COLORS = 10;
// From afar clusters are named, and a few of their parts; from nearer by more of these, and then single passages.
const PARTS = 6;
const NAMES_FROM_ZOOM = 3;
const HEIGHTS = [19, 17, 16];
const MOST_NAMES = 60;
const MOST_OBSTACLES = 150;
const MOST_RINGS = 200;
// Room about a label for what keeps it apart from the points, in pixels.
const HALO = 4;
const MOST_STAMPS = 400;

export class Overlay {
  constructor(host, map) {
    this.host = host;
    this.map = map;
    this.canvas = host.appendChild(document.createElement("canvas"));
    this.canvas.setAttribute("aria-hidden", "true");
    this.context = this.canvas.getContext("2d");
    this.readColors();
  }

  // Colours

  readColors() {
    const style = getComputedStyle(this.host);
    const read = (name) => rgb(style.getPropertyValue(`--nh-${name}`).trim());
    this.colors = Object.fromEntries(["card", "ink", "ink-3", "mark", "accent", "none"].map((n) => [n, read(n)]));
    this.groups = Array.from({ length: COLORS }, (_, i) => read(`c${i}`));
    this.fontFamily = style.fontFamily;
    this.isDark = this.colors.card[0] < 128;
    this.stamps = new Map();
    this.forget();
    for (const label of this.map.data?.labels ?? []) label.width = undefined;
  }

  // Ten colours, then the same nearer to the ink; whatever comes after is in none.
  palette() {
    const shaded = this.groups.map((color) => mixed(color, this.colors.ink, 0.4));
    return [...this.groups, ...shaded, this.colors.none];
  }

  // From pale to strong.
  ramp(steps) {
    const pale = mixed(this.colors.none, this.colors.card, 0.25);
    return Array.from({ length: steps }, (_, i) => mixed(pale, this.colors.accent, steps < 2 ? 1 : i / (steps - 1)));
  }

  css(name, alpha = 1) {
    return `rgb(${this.colors[name].join(" ")} / ${alpha})`;
  }

  // Painting

  paint() {
    const { map, context } = this;
    const { camera, ratio } = map;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    if (map.focus) this.#paintFocus(map.focus);
    this.#paintLabels();
    if (map.focus?.place) this.#paintPlace(map.focus);
    if (map.pointed >= 0) this.#ring(map.positionOf(map.pointed), map.diameter / 2 + 3, "ink", 2);
    if (map.lasso) this.#paintLasso(map.lasso);
  }

  #paintFocus({ near = [], place }) {
    const { map, context } = this;
    const from = place ? map.camera.toScreen(place.x, place.y) : map.selected >= 0 && map.positionOf(map.selected);
    const rings = near.slice(0, MOST_RINGS);
    if (from) for (const [index, isElsewhere] of rings) this.#line(from, map.positionOf(index), isElsewhere);
    const radius = Math.max(3, map.diameter / 2);
    for (const [index] of rings) {
      const at = map.positionOf(index);
      this.#disc(at, radius + 0.5, map.colorOf(map.coloring.of[index]));
      this.#ring(at, radius + 2, "mark", 1.75);
    }
    if (map.selected >= 0) this.#disc(map.positionOf(map.selected), radius + 3.5, this.css("mark"));
    context.setLineDash([]);
  }

  #line(from, to, isElsewhere) {
    const { context } = this;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.setLineDash(isElsewhere ? [5, 4] : []);
    context.strokeStyle = this.css("mark", isElsewhere ? 0.85 : 0.6);
    context.lineWidth = isElsewhere ? 1.5 : 1.25;
    context.stroke();
  }

  #disc([left, top], radius, color) {
    const { context } = this;
    context.setLineDash([]);
    context.beginPath();
    context.arc(left, top, radius, 0, 2 * Math.PI);
    context.strokeStyle = this.css("card");
    context.lineWidth = 3;
    context.stroke();
    context.fillStyle = color;
    context.fill();
  }

  #ring([left, top], radius, color, width) {
    const { context } = this;
    context.setLineDash([]);
    context.beginPath();
    context.arc(left, top, radius, 0, 2 * Math.PI);
    context.strokeStyle = this.css(color);
    context.lineWidth = width;
    context.stroke();
  }

  // A text's place: where most of its neighbours stand, with a circle for how far off that may be.
  #paintPlace({ place }) {
    const { map, context } = this;
    const [left, top] = map.camera.toScreen(place.x, place.y);
    if (place.error !== null) {
      context.beginPath();
      context.arc(left, top, Math.max(13, place.error * map.camera.scale), 0, 2 * Math.PI);
      context.fillStyle = this.css("mark", 0.12);
      context.fill();
      context.setLineDash(place.off ? [3, 4] : []);
      context.strokeStyle = this.css("mark");
      context.lineWidth = 1.5;
      context.stroke();
    }
    context.setLineDash([]);
    context.save();
    context.translate(left, top);
    context.rotate(Math.PI / 4);
    context.fillStyle = place.off ? this.css("card") : this.css("mark");
    context.strokeStyle = place.off ? this.css("mark") : this.css("card");
    context.lineWidth = 2;
    context.fillRect(-5.5, -5.5, 11, 11);
    context.strokeRect(-5.5, -5.5, 11, 11);
    context.restore();
    if (place.off) {
      this.#write(context, "off the map", left + 12, top, `700 13px ${this.fontFamily}`, this.css("mark"));
    }
  }

  #paintLasso(path) {
    const { context } = this;
    context.beginPath();
    path.forEach((at, i) => (i ? context.lineTo(...at) : context.moveTo(...at)));
    context.closePath();
    context.fillStyle = this.css("mark", 0.1);
    context.fill();
    context.setLineDash([5, 4]);
    context.strokeStyle = this.css("mark");
    context.lineWidth = 1.5;
    context.stroke();
    context.setLineDash([]);
  }

  // Labels

  forget() {
    this.placedAt = null;
  }

  // Points whose names there is room for: those of the selection, and few that are in view.
  wanted() {
    const { map } = this;
    // Numbers stand for names.
    if (map.focus?.numbered) return [];
    const first = map.focus && !map.focus.lit ? map.lit.slice(0, MOST_NAMES) : [];
    const isNear = map.camera.zoom >= NAMES_FROM_ZOOM || map.data.meta.small;
    if (!isNear || map.data.labels.some((label) => label.point !== null)) return first;
    return [...new Set([...first, ...this.#inView()])];
  }

  #inView() {
    const { map } = this;
    const found = [];
    for (let i = 0; i < map.size && found.length < MOST_NAMES; i++) {
      const [left, top] = map.positionOf(i);
      const isInside = left > 0 && top > 0 && left < map.camera.width && top < map.camera.height;
      if (isInside && map.isShown(i)) found.push(i);
    }
    return found;
  }

  #labels() {
    const { data, camera } = this.map;
    const named = new Set(data.labels.map((label) => label.point).filter((point) => point !== null));
    const names = (this.names ?? [])
      .filter((index) => data.knownNames.get(index) && !named.has(index))
      .map((index) => ({ text: data.knownNames.get(index), x: data.x[index], y: data.y[index], level: 2, point: index }));
    // Beside the names of all points, those of parts would be too many.
    const most = data.meta.small ? 0 : PARTS * camera.zoom ** 2;
    const parts = data.labels.filter((label) => label.level === 1).slice(0, most);
    const shown = [...data.labels.filter((label) => label.level === 0), ...parts, ...this.#numbers()];
    const isFirst = (label) => label.point !== null && this.lit.has(label.point);
    const all = [...shown, ...names];
    return [...all.filter(isFirst), ...all.filter((label) => !isFirst(label))];
  }

  #numbers() {
    const { data, focus } = this.map;
    if (!focus?.numbered) return [];
    const label = (index, i) => ({ text: String(focus.numbered[i]), x: data.x[index], y: data.y[index], level: 2, point: index });
    return focus.near.map(([index], i) => ({ ...label(index, i), isNumber: true }));
  }

  #placeLabels() {
    const { map, context } = this;
    if (this.placedAt === map.camera.scale) return this.placed;
    this.lit = new Set(map.focus && !map.focus.lit ? map.lit : []);
    const labels = this.#labels();
    for (const label of labels) {
      context.font = this.#font(label);
      label.width ??= context.measureText(label.text).width + 4;
      label.height = HEIGHTS[label.level];
    }
    const { x, y, meta } = map.data;
    const hasNoObstacles = map.size > MOST_OBSTACLES || !meta.terms;
    const obstacles = hasNoObstacles ? [] : Array.from(x, (at, i) => [at, y[i]]);
    this.placed = placeLabels(labels, obstacles, map.camera.scale, map.diameter / 2);
    this.placedAt = map.camera.scale;
    return this.placed;
  }

  #font({ level, point, isNumber }) {
    if (isNumber) return `700 13px ${this.fontFamily}`;
    const [weight, size] = point !== null ? [400, 13] : level ? [400, 12.5] : [700, 14];
    return `${weight} ${size}px ${this.fontFamily}`;
  }

  #paintLabels() {
    const { map, context } = this;
    // What is pointed out has names of its own; a selection has none but those of the groups.
    const isDimmed = Boolean(map.focus) && !map.focus.lit;
    for (const { label, dx, dy } of this.#placeLabels()) {
      const [left, top] = map.camera.toScreen(label.x, label.y);
      if (left < -300 || top < -30 || left > map.camera.width + 300 || top > map.camera.height + 30) continue;
      const isLit = label.point !== null && this.lit.has(label.point);
      const isMarked = label.isNumber || (label.point !== null && label.point === map.selected);
      const color = isMarked ? "mark" : isDimmed && !isLit ? "ink-3" : "ink";
      // The name of a group stays whole as long as the group is in view.
      const isGroup = label.point === null && left > 0 && left < map.camera.width;
      const most = Math.max(4, map.camera.width - label.width - 4);
      // Part of a name is worse than none, but those of the selection are moved into view.
      if (!isGroup && !isLit && this.#isCut(left + dx, top + dy, label)) continue;
      const isMoved = isGroup || (isLit && left > 0 && left < map.camera.width);
      const start = isMoved ? Math.min(most, Math.max(this.#edge(top), left + dx)) : left + dx;
      const stamp = this.#stamp(label, color);
      // On whole pixels, so that it stays sharp.
      const [x, y] = [start - HALO, top + dy - HALO].map((at) => Math.round(at * map.ratio) / map.ratio);
      context.drawImage(stamp, x, y, stamp.width / map.ratio, stamp.height / map.ratio);
    }
  }

  // A label as it was written once: to write dozens in each frame takes longer than to draw the points.
  #stamp(label, color) {
    const { ratio } = this.map;
    const font = this.#font(label);
    const key = `${ratio} ${color} ${font} ${label.text}`;
    if (this.stamps.has(key)) return this.stamps.get(key);
    if (this.stamps.size >= MOST_STAMPS) this.stamps.clear();
    const sides = [label.width + 2 * HALO, label.height + 2 * HALO].map((side) => Math.ceil(side * ratio));
    const stamp = new OffscreenCanvas(...sides);
    const context = stamp.getContext("2d");
    context.scale(ratio, ratio);
    this.#write(context, label.text, HALO + 2, HALO + label.height / 2, font, this.css(color));
    // Its letters may still be on their way.
    if (document.fonts.check(font)) this.stamps.set(key, stamp);
    return stamp;
  }

  // Whether a name would end at the map's edge, or beneath what lies over it.
  #isCut(left, top, { width, height }) {
    const { avoided, camera } = this.map;
    const { bar } = this.map;
    const isUnderBar = left < bar.width && top < bar.height;
    const isUnderLegend = left < avoided.width && top + height > camera.height - avoided.height;
    return left < 2 || left + width > camera.width - 2 || isUnderBar || isUnderLegend;
  }

  // Where the map begins at the left, beside what lies over it.
  #edge(top) {
    const { avoided, camera } = this.map;
    return top > camera.height - avoided.height ? avoided.width : 4;
  }

  #write(context, text, left, top, font, color) {
    Object.assign(context, { font, textAlign: "left", textBaseline: "middle", lineJoin: "round", lineWidth: 4 });
    context.strokeStyle = this.css("card", 0.9);
    context.strokeText(text, left, top);
    context.fillStyle = color;
    context.fillText(text, left, top);
  }
}

const reader = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

function rgb(color) {
  reader.clearRect(0, 0, 1, 1);
  reader.fillStyle = color;
  reader.fillRect(0, 0, 1, 1);
  return [...reader.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

function mixed(a, b, part) {
  return a.map((value, i) => Math.round(value + (b[i] - value) * part));
}
