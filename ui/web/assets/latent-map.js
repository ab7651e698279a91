// A map of texts: points by WebGL2, what is written and pointed out above them; by mouse, touch and keyboard.
// Fetches nothing by itself: what it shows is given to it, and what is done on it is told.
import { Camera } from "./camera.js";
import { Grid } from "./grid.js";
import { followKeys } from "./map-keys.js";
import { followPointer } from "./map-pointer.js";
import { PHONE, boundsOf, followRatio, makeRoom } from "./map-room.js";
import { Overlay } from "./map-overlay.js";
import { Pace } from "./pace.js";
import { NO_GROUP, PointCloud, STATE } from "./point-cloud.js";
import { NONE } from "./map-data.js";

const REACH = { mouse: 10, pen: 14, touch: 22 };
// What the buttons cover, in pixels: the upper left, on a phone the bottom.
const FOOT = 56;
const BAR = { width: 58, height: 216 };
// How much of the points stays to be seen behind what is pointed out.
const DIMMED = 0.3;
// From this ratio of its sides on, a map is turned to lie along the longer side of its frame.
const OBLONG = 1.15;

export class LatentMap {
  // on: {pick(index), clear(), point(index or -1, isByKey), lasso(polygon), mode(isLassoing), move(), settle()}.
  constructor(host, on) {
    this.host = host;
    this.on = on;
    this.canvas = host.appendChild(document.createElement("canvas"));
    this.cloud = new PointCloud(this.canvas);
    this.camera = new Camera((isUnderway) => {
      if (isUnderway) this.move();
      this.drawPoints();
      this.on.move();
    });
    this.overlay = new Overlay(host, this);
    this.selected = this.pointed = -1;
    this.focus = null;
    this.lit = [];
    this.isLassoing = false;
    // What lies over its lower left, and over its upper left, in pixels.
    this.avoided = { width: 0, height: 0 };
    this.bar = { width: 0, height: 0 };
    this.pace = new Pace(() => {
      this.drawPoints();
      this.on.settle();
    });
    this.ending = new AbortController();
    this.#listen();
    this.resizing = new ResizeObserver(() => this.#resize());
    this.resizing.observe(host);
    followRatio(() => this.#resize(), this.ending.signal);
  }

  destroy() {
    this.ending.abort();
    this.resizing.disconnect();
    this.camera.stop();
    this.pace.stop();
    cancelAnimationFrame(this.frame);
    this.cloud.destroy();
    this.canvas.remove();
    this.overlay.canvas.remove();
  }

  // What it shows

  setData(data) {
    this.data = data;
    this.size = data.size;
    const [left, bottom, right, top] = boundsOf(data);
    const isWide = (right - left) / (top - bottom || 1);
    const isFrameWide = this.host.clientWidth > this.host.clientHeight;
    if (isFrameWide ? isWide < 1 / OBLONG : isWide > OBLONG) data.turn();
    this.bounds = boundsOf(data);
    this.grid = null;
    this.states = new Uint8Array(this.size);
    this.coloring = data.byCluster();
    this.chosen = new Set();
    this.hidesFaint = false;
    this.cloud.setPoints(data.x, data.y);
    this.#setGroups();
    this.#mixPaint();
    this.#setStates();
    this.camera.deepest = Math.min(200, Math.max(12, Math.sqrt(this.size) / 5));
    this.camera.hasNames = data.meta.small;
    this.camera.setBounds(this.bounds);
    this.ratio = null;
    this.#resize();
  }

  setColoring(coloring) {
    this.coloring = coloring;
    this.chosen = new Set();
    this.#setGroups();
    this.#mixPaint();
    this.#setStates();
  }

  // groups: those that are shown, all of them when there are none; NONE is of the points in no group.
  setFilter(groups, hidesFaint) {
    this.chosen = groups;
    this.hidesFaint = hidesFaint;
    this.#setStates();
  }

  // {point, near: [[index, isElsewhere]], place: {x, y, error, off}, lit: indices, text, numbered}, or null.
  // A selection is lit among the points themselves. A few neighbours are painted above them, all of which stand back
  // together: to draw a million anew takes a processor a quarter of a second.
  setFocus(focus) {
    const wasSelection = Boolean(this.focus?.lit);
    this.focus = focus;
    this.selected = focus?.point ?? -1;
    this.lit = focus?.lit ?? [this.selected, ...(focus?.near ?? []).map(([index]) => index)].filter((i) => i >= 0);
    this.canvas.style.opacity = focus && !focus.lit ? DIMMED : "";
    if (wasSelection || focus?.lit) this.#setStates();
    this.overlay.forget();
    if (this.selected >= 0) this.camera.reveal(this.data.x[this.selected], this.data.y[this.selected]);
    else if (focus?.place) this.camera.reveal(focus.place.x, focus.place.y);
    this.draw();
  }

  setPointed(index) {
    if (index === this.pointed) return;
    this.pointed = index;
    this.draw();
  }

  setLassoing(isOn) {
    this.isLassoing = isOn;
    this.lasso = null;
    this.#setCursor();
    this.on.mode(isOn);
    this.draw();
  }

  readColors() {
    this.#mixPaint();
    this.#setPaint();
  }

  #mixPaint() {
    this.overlay.readColors();
    const colors = this.coloring.scale ? this.overlay.ramp(this.coloring.groups.length) : this.overlay.palette();
    this.paint = this.coloring.groups.map((_, i) => colors[Math.min(i, colors.length - 1)]);
  }

  // As CSS has it; -1 is of those in no group.
  colorOf(group) {
    return `rgb(${(this.paint[group] ?? this.overlay.colors.none).join(" ")})`;
  }

  positionOf(index) {
    return this.camera.toScreen(this.data.x[index], this.data.y[index]);
  }

  isShown(index) {
    return !(this.states[index] & STATE.hidden);
  }

  // Diameter of a point in pixels.
  get diameter() {
    const usual = Math.max(1.6, 12.7 - 2.2 * Math.log10(Math.max(10, this.size)));
    return Math.min(15, usual * Math.max(1, this.camera.zoom) ** 0.36);
  }

  // Of each when so many are drawn.
  opacity(count) {
    const usual = Math.max(0.35, 1.15 - 0.13 * Math.log10(Math.max(10, count)));
    return Math.min(0.9, usual * Math.max(1, this.camera.zoom) ** 0.2);
  }

  #setGroups() {
    const { of } = this.coloring;
    this.groups = new Uint8Array(this.size);
    for (let i = 0; i < this.size; i++) this.groups[i] = of[i] === NONE ? NO_GROUP : Math.min(of[i], NO_GROUP - 1);
  }

  #setStates() {
    const { states, data, chosen, coloring } = this;
    for (let i = 0; i < this.size; i++) {
      const isFaint = data.isFaint(i);
      const isLeftOut = (chosen.size && !chosen.has(coloring.of[i])) || (isFaint && this.hidesFaint);
      states[i] = (isLeftOut ? STATE.hidden : 0) | (isFaint ? STATE.faint : 0);
    }
    for (const i of this.focus?.lit ?? []) states[i] |= STATE.lit;
    this.#setPaint();
  }

  #setPaint() {
    const { none, card } = this.overlay.colors;
    this.cloud.setPaint(this.groups, this.states, this.paint, none, card, Boolean(this.focus?.lit));
    this.drawPoints();
  }

  // Drawing

  // What is above the points; these stay as they are painted.
  draw() {
    this.frame ??= requestAnimationFrame((now) => {
      this.frame = null;
      if (this.isStale) this.paintNow(now);
      else if (this.ratio && this.data) this.overlay.paint();
      if (this.pace.isMoving) this.drawPoints();
    });
  }

  drawPoints() {
    this.isStale = true;
    this.draw();
  }

  #resize() {
    // The host itself has a border.
    const { width, height } = this.canvas.getBoundingClientRect();
    if (!width || !height || !this.data) return;
    const isFit = !this.ratio || this.camera.isFit;
    const isPhone = matchMedia(PHONE).matches;
    this.camera.covered = { left: 0, bottom: isPhone ? FOOT : 0 };
    this.ratio = Math.min(2, devicePixelRatio || 1);
    for (const canvas of [this.canvas, this.overlay.canvas]) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(height * this.ratio);
    }
    this.camera.resize(width, height);
    this.bar = isPhone ? { width: 0, height: 0 } : BAR;
    makeRoom(this.camera, this.data, this.avoided);
    if (isFit) this.camera.fit({ eased: false });
    // At once: a canvas is blank after its size is set.
    this.paintNow();
  }

  // Something lies over the lower left of the map, which moves aside where points would be beneath.
  avoid({ width, height }) {
    this.avoided = { width, height };
    if (!this.ratio) return;
    const isFit = this.camera.isFit;
    makeRoom(this.camera, this.data, this.avoided);
    if (isFit) this.camera.fit({ eased: false });
  }

  paintNow(now = 0) {
    if (!this.ratio || !this.data) return;
    const count = this.pace.count(this.size, now);
    this.cloud.draw(this.camera, this.ratio, { size: this.diameter, opacity: this.opacity(count), count });
    this.isStale = false;
    this.overlay.paint();
    if (!this.hasPainted) performance.mark("nearhood-map-painted");
    this.hasPainted = true;
  }

  move() {
    this.pace.move();
  }

  // Pointing

  // The point under a place on the screen, or -1.
  at(left, top, kind = "mouse") {
    if (!this.data) return -1;
    this.grid ??= new Grid(this.data.x, this.data.y, this.bounds);
    const [x, y] = this.camera.toWorld(left, top);
    const reach = Math.max(REACH[kind] ?? REACH.mouse, this.diameter / 2) / this.camera.scale;
    return this.grid.nearest(x, y, reach, (index) => this.isShown(index));
  }

  point(index, isByKey = false) {
    this.setPointed(index);
    this.#setCursor();
    this.on.point(index, isByKey);
  }

  #setCursor() {
    this.overlay.canvas.style.cursor = this.isLassoing ? "crosshair" : this.pointed >= 0 ? "pointer" : "grab";
  }

  // A polygon of the map's plane.
  inside(polygon) {
    this.grid ??= new Grid(this.data.x, this.data.y, this.bounds);
    return this.grid.inside(polygon, (index) => this.isShown(index));
  }

  select(polygon) {
    this.setFocus({ lit: this.inside(polygon) });
    this.on.lasso(polygon.map(([x, y]) => this.data.toServer(x, y)));
  }

  // All that is in view: what a lasso does, for who cannot draw one.
  selectView() {
    const { width, height } = this.camera;
    const corners = [[0, 0], [width, 0], [width, height], [0, height]];
    this.select(corners.map(([left, top]) => this.camera.toWorld(left, top)));
  }

  #listen() {
    const { signal } = this.ending;
    followPointer(this, signal);
    followKeys(this, signal);
    this.host.addEventListener("blur", () => this.point(-1), { signal });
    this.canvas.addEventListener("webglcontextlost", (event) => event.preventDefault(), { signal });
    this.canvas.addEventListener("webglcontextrestored", () => this.#restore(), { signal });
  }

  #restore() {
    this.cloud.build();
    this.drawPoints();
  }

  zoomAt(left, top, factor) {
    this.point(-1);
    this.move();
    this.camera.zoomAt(left, top, factor);
  }

  zoomBy(factor) {
    this.zoomAt(this.camera.width / 2, this.camera.height / 2, factor);
  }

  fit() {
    this.move();
    this.camera.fit();
  }

  pickPointed() {
    const index = this.pointed;
    this.point(-1);
    if (index >= 0) this.on.pick(index);
  }
}
