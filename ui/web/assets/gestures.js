// What mouse, pen and fingers do on an element, as point, leave, press, pan, zoom and lasso.

// A press that moves farther, in pixels, is a drag.
const STILL = 4;
const WHEEL = 0.0016;
const PINCH_WHEEL = 0.01;

export function followGestures(element, signal, on) {
  const pointers = new Map();
  let moved = 0;
  let spread = 0;
  let path = null;

  const listen = (name, run, options = {}) => element.addEventListener(name, run, { signal, ...options });
  const at = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  function drag(before, here) {
    if (pointers.size === 2) {
      const [a, b] = pointers.values();
      const now = distanceOf(a, b);
      on.zoom((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, now / (spread || now));
      spread = now;
    } else if (path) {
      path.push(here);
      on.lasso(path);
    } else if (moved > STILL) {
      on.pan(here[0] - before[0], here[1] - before[1]);
    }
  }

  function release(event) {
    const drawn = path;
    path = null;
    if (drawn && moved > STILL && event.type === "pointerup") {
      pointers.delete(event.pointerId);
      on.lassoed(drawn);
      return;
    }
    if (drawn) on.lasso(null);
    if (pointers.delete(event.pointerId) && moved <= STILL && event.type === "pointerup") {
      on.press(...at(event), event.pointerType);
    }
  }

  listen("pointerdown", (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, at(event));
    if (pointers.size === 1) {
      moved = 0;
      path = on.isLasso(event) ? [at(event)] : null;
    }
    if (pointers.size === 2) {
      // Two fingers zoom, whatever the first was about to do.
      path = null;
      on.lasso(null);
      spread = distanceOf(...pointers.values());
    }
  });
  listen("pointermove", (event) => {
    // Let go of where nobody saw it, as under a menu.
    if (!(event.buttons & 1) && pointers.has(event.pointerId)) release(event);
    const before = pointers.get(event.pointerId);
    const here = at(event);
    if (!before) {
      on.point(...here);
      return;
    }
    pointers.set(event.pointerId, here);
    moved += distanceOf(before, here);
    drag(before, here);
  });
  listen("pointerup", release);
  listen("pointercancel", release);
  listen("pointerleave", () => pointers.size || on.leave());
  listen(
    "wheel",
    (event) => {
      event.preventDefault();
      on.zoom(...at(event), Math.exp(-event.deltaY * (event.ctrlKey ? PINCH_WHEEL : WHEEL)));
    },
    { passive: false },
  );
}

function distanceOf(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
