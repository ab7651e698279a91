// The map by mouse, pen and fingers: pointing, picking, moving, zooming, and a lasso.
import { followGestures } from "./gestures.js";

// A line may be off by so many pixels: a lasso of a few dozen corners is what was drawn, and fits into an address.
const SLACK = 1.5;

export function followPointer(map, signal) {
  followGestures(map.overlay.canvas, signal, {
    isLasso: (event) => map.data && (map.isLassoing || event.shiftKey),
    lasso: (path) => drawLasso(map, path),
    lassoed: (path) => endLasso(map, path),
    point: (left, top) => map.point(map.at(left, top)),
    leave: () => map.point(-1),
    press: (left, top, kind) => press(map, map.at(left, top, kind)),
    pan: (byLeft, byTop) => {
      map.point(-1);
      map.move();
      map.camera.pan(byLeft, byTop);
    },
    zoom: (left, top, factor) => map.zoomAt(left, top, factor),
  });
}

function press(map, index) {
  map.point(-1);
  if (index >= 0) map.on.pick(index);
  else if (map.focus) map.on.clear();
}

function drawLasso(map, path) {
  map.lasso = path;
  map.draw();
}

function endLasso(map, path) {
  map.lasso = null;
  const corners = simplified(path);
  if (corners.length > 2) map.select(corners.map(([left, top]) => map.camera.toWorld(left, top)));
  map.setLassoing(false);
}

// Douglas and Peucker (1973): the corners without which the line would be off by more than the slack.
export function simplified(path, slack = SLACK) {
  if (path.length < 3) return path;
  const [first, last] = [path[0], path.at(-1)];
  let farthest = 0;
  let most = 0;
  for (let i = 1; i < path.length - 1; i++) {
    const off = offset(path[i], first, last);
    if (off > most) [farthest, most] = [i, off];
  }
  if (most <= slack) return [first, last];
  return [...simplified(path.slice(0, farthest + 1), slack), ...simplified(path.slice(farthest), slack).slice(1)];
}

function offset([x, y], [x1, y1], [x2, y2]) {
  const length = Math.hypot(x2 - x1, y2 - y1);
  if (!length) return Math.hypot(x - x1, y - y1);
  const along = Math.max(0, Math.min(1, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length ** 2));
  return Math.hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1));
}
