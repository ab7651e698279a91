// Labels that yield to each other. Places depend on the zoom alone, so that nothing jumps while the map is panned.

const CELL = 96;
const GAP = 3;

class Boxes {
  constructor() {
    this.cells = new Map();
  }

  *#near([left, top, right, bottom]) {
    for (let i = Math.floor(left / CELL); i <= Math.floor(right / CELL); i++) {
      for (let j = Math.floor(top / CELL); j <= Math.floor(bottom / CELL); j++) yield `${i},${j}`;
    }
  }

  isFree(box) {
    for (const cell of this.#near(box)) {
      for (const [left, top, right, bottom] of this.cells.get(cell) ?? []) {
        if (left < box[2] && right > box[0] && top < box[3] && bottom > box[1]) return false;
      }
    }
    return true;
  }

  add(box) {
    for (const cell of this.#near(box)) {
      if (!this.cells.has(cell)) this.cells.set(cell, []);
      this.cells.get(cell).push(box);
    }
  }
}

// Where a label may stand about its point: right, left, above, below. A label without a point stands on its place.
function* choices(label, width, height, reach) {
  if (label.point === null) {
    yield [-width / 2, -height / 2];
    return;
  }
  yield [reach, -height / 2];
  yield [-reach - width, -height / 2];
  yield [-width / 2, -reach - height];
  yield [-width / 2, reach];
}

// labels: {text, x, y, point, width, height}, the most important first; obstacles: points that no label should cover.
// Returns {label, dx, dy}: offsets in pixels of the label's upper left corner from its place.
export function placeLabels(labels, obstacles, scale, radius) {
  const boxes = new Boxes();
  for (const [x, y] of obstacles) {
    boxes.add([x * scale - radius, -y * scale - radius, x * scale + radius, -y * scale + radius]);
  }
  const placed = [];
  for (const label of labels) {
    const [left, top] = [label.x * scale, -label.y * scale];
    for (const [dx, dy] of choices(label, label.width, label.height, radius + GAP)) {
      const box = [left + dx, top + dy, left + dx + label.width, top + dy + label.height];
      if (!boxes.isFree(box)) continue;
      boxes.add(box);
      placed.push({ label, dx, dy });
      break;
    }
  }
  return placed;
}
