// How much room a map takes, and how it moves aside for what lies over its lower left.

// There the buttons lie below, and nothing else is on the map: as the style sheet has it.
export const PHONE = "(max-width: 799px)";

const SAMPLED = 2_000;
const MOST_UNDER = 0.008;
const STEP = 0.125;

// [left, bottom, right, top]
export function boundsOf({ x, y }) {
  const bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < x.length; i++) {
    bounds[0] = Math.min(bounds[0], x[i]);
    bounds[1] = Math.min(bounds[1], y[i]);
    bounds[2] = Math.max(bounds[2], x[i]);
    bounds[3] = Math.max(bounds[3], y[i]);
  }
  return bounds;
}

// The device's pixels change alone, too, as on another screen.
export function followRatio(onChange, signal) {
  const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  const again = () => (onChange(), followRatio(onChange, signal));
  query.addEventListener("change", again, { once: true, signal });
}

// Tells the camera how much is covered at the left: as little as leaves hardly any point beneath.
export function makeRoom(camera, data, { width, height }) {
  const step = Math.max(1, Math.floor(data.size / SAMPLED));
  const kept = { x: camera.x, y: camera.y, scale: camera.scale };
  for (let part = 0; part <= 1; part += STEP) {
    camera.cover({ ...camera.covered, left: part * width });
    let under = 0;
    for (let i = 0; i < data.size; i += step) {
      const [left, top] = camera.toScreen(data.x[i], data.y[i]);
      if (left < width && top > camera.height - height) under += step;
    }
    if (under <= MOST_UNDER * data.size) break;
  }
  Object.assign(camera, kept);
}
