// The map by keyboard: from point to point, picking, zooming, selecting.

const ZOOM = 1.4;
const PAN = 80;

export function followKeys(map, signal) {
  map.host.addEventListener("keydown", (event) => onKey(map, event), { signal });
}

function onKey(map, event) {
  if (event.target !== map.host || event.ctrlKey || event.metaKey || event.altKey || !map.data) return;
  const keys = {
    ArrowLeft: () => go(map, event, -1, 0),
    ArrowRight: () => go(map, event, 1, 0),
    ArrowUp: () => go(map, event, 0, -1),
    ArrowDown: () => go(map, event, 0, 1),
    "+": () => map.zoomBy(ZOOM),
    "=": () => map.zoomBy(ZOOM),
    "-": () => map.zoomBy(1 / ZOOM),
    0: () => map.fit(),
    l: () => map.setLassoing(!map.isLassoing),
    v: () => map.selectView(),
    Enter: () => map.pickPointed(),
    Escape: () => (map.point(-1), map.setLassoing(false), map.on.clear()),
  };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
}

// To the next point in a direction; with Shift, the map itself moves.
function go(map, event, right, down) {
  if (event.shiftKey) {
    map.move();
    return map.camera.pan(-right * PAN, -down * PAN);
  }
  const next = nextPoint(map, right, down);
  if (next < 0) return undefined;
  // At once: what is said of the point stands beside it.
  map.camera.reveal(map.data.x[next], map.data.y[next], { eased: false });
  return map.point(next, true);
}

// Far aside counts as far away; from nowhere, it is the point in the middle.
function nextPoint(map, right, down) {
  const { x, y } = map.data;
  const from = map.pointed >= 0 ? map.pointed : map.selected;
  const [fromX, fromY] = from >= 0 ? [x[from], y[from]] : [map.camera.x, map.camera.y];
  let best = from;
  let least = Infinity;
  for (let i = 0; i < map.size; i++) {
    const ahead = (x[i] - fromX) * right - (y[i] - fromY) * down;
    const aside = Math.abs((x[i] - fromX) * down) + Math.abs((y[i] - fromY) * right);
    const distance = from < 0 ? Math.hypot(x[i] - fromX, y[i] - fromY) : ahead + 2 * aside;
    const isAhead = from < 0 || (ahead > 0 && aside <= 1.5 * ahead);
    if (isAhead && distance < least && map.isShown(i)) [best, least] = [i, distance];
  }
  return best;
}
