// Which point is where: data has x and y, a camera puts them on the screen.

// The point nearest to a place on the screen, or -1 when none is within reach.
export function nearest({ x, y }, camera, left, top, reach) {
  let best = -1;
  let closest = reach * reach;
  for (let i = 0; i < x.length; i++) {
    const [pointLeft, pointTop] = camera.toScreen(x[i], y[i]);
    const distance = (pointLeft - left) ** 2 + (pointTop - top) ** 2;
    if (distance < closest) [best, closest] = [i, distance];
  }
  return best;
}

// The next point in a direction on the screen, where far aside counts as far away; from nowhere, the middle one.
export function nextPoint(data, camera, from, right, down) {
  if (from < 0) return nearest(data, camera, camera.width / 2, camera.height / 2, Infinity);
  const [fromLeft, fromTop] = camera.toScreen(data.x[from], data.y[from]);
  let best = from;
  let least = Infinity;
  for (let i = 0; i < data.x.length; i++) {
    const [left, top] = camera.toScreen(data.x[i], data.y[i]);
    const ahead = (left - fromLeft) * right + (top - fromTop) * down;
    const aside = Math.abs((left - fromLeft) * down) + Math.abs((top - fromTop) * right);
    if (ahead > 0 && aside <= 1.5 * ahead && ahead + 2 * aside < least) [best, least] = [i, ahead + 2 * aside];
  }
  return best;
}

// [left, bottom, right, top]
export function boundsOf(x, y) {
  const bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < x.length; i++) {
    bounds[0] = Math.min(bounds[0], x[i]);
    bounds[1] = Math.min(bounds[1], y[i]);
    bounds[2] = Math.max(bounds[2], x[i]);
    bounds[3] = Math.max(bounds[3], y[i]);
  }
  return bounds;
}

// A map lies on its longest side. Where the window is higher than wide, it is turned to stand on its shortest.
export function upright(data) {
  const turn = (label) => ({ ...label, x: label.y, y: -label.x });
  return { ...data, x: data.y, y: data.x.map((x) => -x), labels: data.labels.map(turn) };
}
