// Points in cells of a plane, so that few have to be looked at to find the one that is pointed at.

const PER_CELL = 4;
const MOST_CELLS = 700;

export class Grid {
  constructor(x, y, [left, bottom, right, top]) {
    Object.assign(this, { x, y, left, bottom });
    this.side = Math.max(1, Math.min(MOST_CELLS, Math.ceil(Math.sqrt(x.length / PER_CELL))));
    this.width = (right - left) / this.side || 1;
    this.height = (top - bottom) / this.side || 1;
    this.#sort();
  }

  // The points of cell i are order[starts[i]] to order[starts[i + 1] - 1].
  #sort() {
    const { x, y, side } = this;
    const n = x.length;
    const cells = new Uint32Array(n);
    this.starts = new Uint32Array(side * side + 1);
    for (let i = 0; i < n; i++) {
      cells[i] = this.#row(y[i]) * side + this.#column(x[i]);
      this.starts[cells[i] + 1]++;
    }
    for (let i = 0; i < side * side; i++) this.starts[i + 1] += this.starts[i];
    const next = this.starts.slice();
    this.order = new Uint32Array(n);
    for (let i = 0; i < n; i++) this.order[next[cells[i]]++] = i;
  }

  #column(x) {
    return Math.max(0, Math.min(this.side - 1, Math.floor((x - this.left) / this.width)));
  }

  #row(y) {
    return Math.max(0, Math.min(this.side - 1, Math.floor((y - this.bottom) / this.height)));
  }

  // All points in the cells that a box touches.
  *inBox([left, bottom, right, top]) {
    for (let row = this.#row(bottom); row <= this.#row(top); row++) {
      for (let column = this.#column(left); column <= this.#column(right); column++) {
        const cell = row * this.side + column;
        for (let i = this.starts[cell]; i < this.starts[cell + 1]; i++) yield this.order[i];
      }
    }
  }

  // The point nearest to a place, or -1 when none is within reach.
  nearest(x, y, reach, isShown) {
    let best = -1;
    let closest = reach * reach;
    for (const i of this.inBox([x - reach, y - reach, x + reach, y + reach])) {
      const distance = (this.x[i] - x) ** 2 + (this.y[i] - y) ** 2;
      if (distance < closest && isShown(i)) [best, closest] = [i, distance];
    }
    return best;
  }

  // Those inside a polygon of [x, y], by the even-odd rule.
  inside(polygon, isShown) {
    const found = [];
    for (const i of this.inBox(boxOf(polygon))) {
      if (isInside(this.x[i], this.y[i], polygon) && isShown(i)) found.push(i);
    }
    return found;
  }
}

function isInside(x, y, polygon) {
  let isOdd = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [[x1, y1], [x0, y0]] = [polygon[i], polygon[j]];
    if (y1 > y !== y0 > y && x < ((x0 - x1) * (y - y1)) / (y0 - y1) + x1) isOdd = !isOdd;
  }
  return isOdd;
}

function boxOf(polygon) {
  const [x, y] = [polygon.map((corner) => corner[0]), polygon.map((corner) => corner[1])];
  return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
}
