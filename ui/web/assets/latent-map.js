// A map of texts on a canvas: pan, zoom, point at, pick; by mouse, touch and keyboard. Fetches nothing.
import { Camera } from "./camera.js";
import { followGestures } from "./gestures.js";
import { placeLabels } from "./labels.js";
import { boundsOf, nearest, nextPoint, upright } from "./points.js";

const COLORS = 10;
const LABEL_HEIGHT = 17;
const DIMMED = 0.3;
const MOST_OBSTACLES = 150;
const REACH = { mouse: 12, pen: 16, touch: 24 };
// Narrower, the buttons lie below.
const NARROW = 640;
const KEY_ZOOM = 1.4;
const KEY_PAN = 80;

export class LatentMap {
  // data: x, y, id, group, labels; on: {pick(index), clear(), point(index or -1, isByKey)}.
  constructor(host, data, on) {
    this.host = host;
    this.data = host.clientHeight > host.clientWidth ? upright(data) : data;
    this.on = on;
    this.size = data.x.length;
    this.indexOf = new Map(data.id.map((id, index) => [id, index]));
    this.selected = this.pointed = -1;
    this.neighbours = [];
    this.group = -1;
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    host.append(this.canvas);
    this.context = this.canvas.getContext("2d");
    this.camera = new Camera(() => this.draw());
    this.camera.setBounds(boundsOf(this.data.x, this.data.y));
    this.ending = new AbortController();
    this.#listen();
    this.readColors();
    this.resizing = new ResizeObserver(() => this.#resize());
    this.resizing.observe(host);
  }

  destroy() {
    this.ending.abort();
    this.resizing.disconnect();
    this.camera.stop();
    cancelAnimationFrame(this.frame);
    this.canvas.remove();
  }

  // What it shows

  setFocus(selected, neighbours) {
    this.selected = this.indexOf.get(selected) ?? -1;
    this.neighbours = neighbours.map((id) => this.indexOf.get(id)).filter((index) => index !== undefined);
    this.placedAt = null;
    if (this.selected >= 0) this.camera.reveal(this.data.x[this.selected], this.data.y[this.selected]);
    this.draw();
  }

  setGroup(group) {
    this.group = group;
    this.draw();
  }

  setPointed(index) {
    if (index === this.pointed) return;
    this.pointed = index;
    this.draw();
  }

  readColors() {
    const style = getComputedStyle(this.host);
    const read = (name) => style.getPropertyValue(`--nh-${name}`).trim();
    this.colors = { card: read("card"), ink: read("ink"), mark: read("mark"), quiet: read("ink-2") };
    this.palette = Array.from({ length: COLORS }, (_, i) => read(`c${i}`));
    this.fontFamily = style.fontFamily;
    this.placedAt = null;
    for (const label of this.data.labels) label.width = undefined;
    this.draw();
  }

  positionOf(index) {
    return this.camera.toScreen(this.data.x[index], this.data.y[index]);
  }

  get radius() {
    const usual = this.size < 150 ? 4.5 : this.size < 700 ? 3.6 : 2.8;
    return Math.min(8, usual * Math.max(1, this.camera.zoom) ** 0.3);
  }

  // Drawing

  draw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.#paint();
    });
  }

  #resize() {
    const { width, height } = this.host.getBoundingClientRect();
    if (!width || !height) return;
    const isFirst = !this.ratio;
    this.camera.covered = width < NARROW ? 56 : 0;
    this.ratio = Math.min(2, devicePixelRatio || 1);
    this.canvas.width = Math.round(width * this.ratio);
    this.canvas.height = Math.round(height * this.ratio);
    this.camera.resize(width, height);
    if (isFirst) this.camera.fit({ eased: false });
    // At once: a canvas is blank after its size is set.
    this.#paint();
  }

  #paint() {
    if (!this.ratio) return;
    const context = this.context;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.camera.width, this.camera.height);
    const isFocused = this.selected >= 0;
    this.#paintPoints(isFocused);
    if (isFocused) this.#paintFocus();
    this.#paintLabels(isFocused);
    if (this.pointed >= 0) this.#ring(this.pointed, this.radius + 3, this.colors.ink, 2);
  }

  #paintPoints(isFocused) {
    const { x, y, group } = this.data;
    const context = this.context;
    const radius = this.radius;
    const paths = this.palette.map(() => new Path2D());
    const faint = this.palette.map(() => new Path2D());
    for (let i = 0; i < this.size; i++) {
      const [left, top] = this.camera.toScreen(x[i], y[i]);
      if (left < -9 || top < -9 || left > this.camera.width + 9 || top > this.camera.height + 9) continue;
      const isOut = isFocused || (this.group >= 0 && group[i] !== this.group);
      const path = (isOut ? faint : paths)[group[i] % COLORS];
      path.moveTo(left + radius, top);
      path.arc(left, top, radius, 0, 2 * Math.PI);
    }
    context.lineWidth = 1.5;
    context.strokeStyle = this.colors.card;
    for (const [layer, opacity] of [[faint, DIMMED], [paths, 0.85]]) {
      context.globalAlpha = opacity;
      layer.forEach((path, i) => {
        context.stroke(path);
        context.fillStyle = this.palette[i];
        context.fill(path);
      });
    }
    context.globalAlpha = 1;
  }

  #paintFocus() {
    const context = this.context;
    const [left, top] = this.positionOf(this.selected);
    context.strokeStyle = this.colors.mark;
    context.lineWidth = 1.25;
    context.globalAlpha = 0.55;
    context.beginPath();
    for (const index of this.neighbours) {
      context.moveTo(left, top);
      context.lineTo(...this.positionOf(index));
    }
    context.stroke();
    context.globalAlpha = 1;
    for (const index of this.neighbours) {
      this.#disc(index, this.radius + 0.5, this.palette[this.data.group[index] % COLORS]);
      this.#ring(index, this.radius + 2, this.colors.mark, 1.75);
    }
    this.#disc(this.selected, this.radius + 3.5, this.colors.mark);
  }

  #disc(index, radius, color) {
    const context = this.context;
    context.beginPath();
    context.arc(...this.positionOf(index), radius, 0, 2 * Math.PI);
    context.strokeStyle = this.colors.card;
    context.lineWidth = 3;
    context.stroke();
    context.fillStyle = color;
    context.fill();
  }

  #ring(index, radius, color, width) {
    const context = this.context;
    context.beginPath();
    context.arc(...this.positionOf(index), radius, 0, 2 * Math.PI);
    context.strokeStyle = color;
    context.lineWidth = width;
    context.stroke();
  }

  #font(isOfPoint) {
    return `${isOfPoint ? 400 : 600} 13px ${this.fontFamily}`;
  }

  #placeLabels() {
    if (this.placedAt === this.camera.scale) return this.placed;
    const { x, y, labels } = this.data;
    for (const label of labels) {
      if (label.width !== undefined) continue;
      this.context.font = this.#font(label.point !== null);
      label.width = this.context.measureText(label.text).width + 4;
    }
    const first = new Set([this.selected, ...this.neighbours]);
    const isFirst = (label) => label.point !== null && first.has(label.point);
    const sorted = [...labels.filter(isFirst), ...labels.filter((label) => !isFirst(label))];
    const obstacles = this.size > MOST_OBSTACLES || labels[0]?.point === null ? [] : x.map((at, i) => [at, y[i]]);
    this.placed = placeLabels(sorted, obstacles, this.camera.scale, LABEL_HEIGHT, this.radius);
    this.placedAt = this.camera.scale;
    return this.placed;
  }

  #paintLabels(isFocused) {
    const context = this.context;
    const first = new Set([this.selected, ...this.neighbours]);
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    context.strokeStyle = this.colors.card;
    for (const { label, dx, dy } of this.#placeLabels()) {
      const [left, top] = this.camera.toScreen(label.x, label.y);
      if (left < -300 || top < -30 || left > this.camera.width + 300 || top > this.camera.height + 30) continue;
      const isLit = label.point !== null && first.has(label.point);
      context.globalAlpha = isFocused && !isLit ? 0.45 : 1;
      context.font = this.#font(label.point !== null);
      context.fillStyle = label.point !== null && label.point === this.selected ? this.colors.mark : this.colors.ink;
      // The name of a group stays whole as long as the group is in view.
      const isGroup = label.point === null && left > 0 && left < this.camera.width;
      const most = Math.max(4, this.camera.width - label.width - 4);
      const start = isGroup ? Math.min(most, Math.max(4, left + dx)) : left + dx;
      context.strokeText(label.text, start + 2, top + dy + LABEL_HEIGHT / 2);
      context.fillText(label.text, start + 2, top + dy + LABEL_HEIGHT / 2);
    }
    context.globalAlpha = 1;
  }

  // Pointing

  #point(index, isByKey = false) {
    this.setPointed(index);
    this.canvas.style.cursor = index >= 0 ? "pointer" : "grab";
    this.on.point(index, isByKey);
  }

  #listen() {
    const { signal } = this.ending;
    followGestures(this.canvas, signal, {
      point: (left, top) => this.#point(nearest(this.data, this.camera, left, top, REACH.mouse)),
      leave: () => this.#point(-1),
      press: (left, top, kind) => {
        const index = nearest(this.data, this.camera, left, top, REACH[kind] ?? REACH.mouse);
        this.#point(-1);
        if (index >= 0) this.on.pick(index);
        else if (this.selected >= 0) this.on.clear();
      },
      pan: (byLeft, byTop) => {
        this.#point(-1);
        this.camera.pan(byLeft, byTop);
      },
      zoom: (left, top, factor) => this.camera.zoomAt(left, top, factor),
    });
    this.host.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    this.host.addEventListener("blur", () => this.#point(-1), { signal });
  }

  #pickPointed() {
    const index = this.pointed;
    this.#point(-1);
    if (index >= 0) this.on.pick(index);
  }

  #onKey(event) {
    if (event.target !== this.host || event.ctrlKey || event.metaKey || event.altKey) return;
    const [centerLeft, centerTop] = [this.camera.width / 2, this.camera.height / 2];
    const go = (right, down) => {
      if (event.shiftKey) return this.camera.pan(-right * KEY_PAN, -down * KEY_PAN);
      const from = this.pointed >= 0 ? this.pointed : this.selected;
      const next = nextPoint(this.data, this.camera, from, right, down);
      this.camera.reveal(this.data.x[next], this.data.y[next]);
      return this.#point(next, true);
    };
    const keys = {
      ArrowLeft: () => go(-1, 0),
      ArrowRight: () => go(1, 0),
      ArrowUp: () => go(0, -1),
      ArrowDown: () => go(0, 1),
      "+": () => this.camera.zoomAt(centerLeft, centerTop, KEY_ZOOM),
      "=": () => this.camera.zoomAt(centerLeft, centerTop, KEY_ZOOM),
      "-": () => this.camera.zoomAt(centerLeft, centerTop, 1 / KEY_ZOOM),
      0: () => this.camera.fit(),
      Enter: () => this.#pickPointed(),
      Escape: () => (this.#point(-1), this.on.clear()),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }
}
