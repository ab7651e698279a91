// Where the map is looked at from: world to screen and back, zoom about a point, and moves that ease.

const EASE_MS = 350;
// Room for the labels of the outermost points.
const MARGIN_Y = 28;
// Nobody sees that a map was moved by less, in pixels.
const SAME = 0.5;

export class Camera {
  // onMove(whether it goes on by itself).
  constructor(onMove) {
    this.onMove = onMove;
    // What lies over the map at its left and its bottom, in pixels.
    this.covered = { left: 0, bottom: 0 };
    this.width = this.height = 1;
    this.x = this.y = 0;
    this.scale = this.fitScale = 1;
    // Whether names stand beside the outermost points.
    this.hasNames = false;
    // Farther in, what lies around is lost.
    this.deepest = 40;
  }

  // The world's bounds are [left, bottom, right, top].
  setBounds([left, bottom, right, top]) {
    this.bounds = [left, bottom, right, top];
    this.#measureFit();
  }

  resize(width, height) {
    [this.width, this.height] = [width, height];
    this.#measureFit();
  }

  // What lies over the map has changed; all of the map is shown beside it.
  cover(covered) {
    this.covered = covered;
    this.#measureFit();
    this.stop();
    Object.assign(this, this.#whole());
  }

  get marginX() {
    return this.hasNames ? Math.min(84, this.width * 0.1) : Math.min(44, this.width * 0.08);
  }

  get isFit() {
    const { x, y, scale } = this.#whole();
    const off = Math.hypot(this.x - x, this.y - y) * scale;
    return Math.abs(this.scale - scale) < 1e-9 && off < SAME;
  }

  #measureFit() {
    const [left, bottom, right, top] = this.bounds;
    const wide = (this.width - this.covered.left - 2 * this.marginX) / Math.max(right - left, 1e-6);
    const high = (this.height - this.covered.bottom - 2 * MARGIN_Y) / Math.max(top - bottom, 1e-6);
    this.fitScale = Math.max(Math.min(wide, high), 1e-6);
  }

  get zoom() {
    return this.scale / this.fitScale;
  }

  toScreen(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, this.height / 2 - (y - this.y) * this.scale];
  }

  toWorld(left, top) {
    return [this.x + (left - this.width / 2) / this.scale, this.y - (top - this.height / 2) / this.scale];
  }

  #whole() {
    const [left, bottom, right, top] = this.bounds;
    const x = (left + right) / 2 - this.covered.left / 2 / this.fitScale;
    const y = (bottom + top) / 2 - this.covered.bottom / 2 / this.fitScale;
    return { x, y, scale: this.fitScale };
  }

  fit({ eased = true } = {}) {
    const { x, y, scale } = this.#whole();
    this.moveTo(x, y, scale, { eased });
  }

  pan(byLeft, byTop) {
    this.stop();
    this.x -= byLeft / this.scale;
    this.y += byTop / this.scale;
    this.onMove();
  }

  zoomAt(left, top, factor) {
    this.stop();
    const [x, y] = this.toWorld(left, top);
    this.scale = this.#limited(this.scale * factor);
    this.x = x - (left - this.width / 2) / this.scale;
    this.y = y + (top - this.height / 2) / this.scale;
    this.onMove();
  }

  // At once, within what can be looked at.
  lookAt(x, y, zoom) {
    this.moveTo(x, y, this.#limited(zoom * this.fitScale), { eased: false });
  }

  // Far out shows nothing.
  #limited(scale) {
    return Math.min(this.fitScale * this.deepest, Math.max(this.fitScale * 0.5, scale));
  }

  // Bring a place into view when it lies outside or at the edge.
  reveal(x, y, options) {
    const [left, top] = this.toScreen(x, y);
    const edge = this.marginX / 2;
    const isInside = left > edge && left < this.width - edge && top > edge && top < this.height - edge;
    if (!isInside) this.moveTo(x, y, this.scale, options);
  }

  moveTo(x, y, scale, { eased = true } = {}) {
    this.stop();
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!eased || isStill) {
      Object.assign(this, { x, y, scale });
      this.onMove();
      return;
    }
    const from = { x: this.x, y: this.y, log: Math.log(this.scale) };
    const started = performance.now();
    const step = (now) => {
      const done = Math.min(1, Math.max(0, (now - started) / EASE_MS));
      const part = 1 - (1 - done) ** 3;
      this.x = from.x + (x - from.x) * part;
      this.y = from.y + (y - from.y) * part;
      this.scale = done < 1 ? Math.exp(from.log + (Math.log(scale) - from.log) * part) : scale;
      this.onMove(done < 1);
      if (done < 1) this.moving = requestAnimationFrame(step);
    };
    this.moving = requestAnimationFrame(step);
  }

  stop() {
    cancelAnimationFrame(this.moving);
  }
}
