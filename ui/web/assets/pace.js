// While a map moves, no more points are drawn than keep up; any beginning of them is a fair sample.

// Points that are drawn while it moves: at first, and at least.
const MOVING = { first: 60_000, least: 12_000 };
// A frame that takes longer was missed: this is above a frame of screens from 50 Hz on, and below two of 60 Hz.
const FRAME_MS = { missed: 21, pause: 500 };
// For so long no more are tried after a frame was missed.
const HOLD_MS = 4_000;
const SETTLED_MS = 160;

export class Pace {
  constructor(onSettled) {
    this.onSettled = onSettled;
    this.shown = MOVING.first;
    this.held = 0;
    this.isMoving = false;
  }

  move() {
    this.isMoving = true;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      this.isMoving = false;
      this.last = undefined;
      this.onSettled();
    }, SETTLED_MS);
  }

  // How many of so many points are drawn in a frame at that time; 0 for one of which the time is not known.
  // While it moves, each frame has to be drawn: whatever is left out looks like one that was slow.
  count(size, now) {
    if (!this.isMoving) return size;
    if (now) this.#learn(now, size);
    return Math.min(size, Math.round(this.shown));
  }

  #learn(now, size) {
    const took = now - (this.last ?? now);
    this.last = now;
    if (took <= 0 || took > FRAME_MS.pause) return;
    if (took > FRAME_MS.missed) {
      this.shown *= 0.85;
      this.held = now + HOLD_MS;
    } else if (now > this.held) this.shown *= 1.1;
    this.shown = Math.max(MOVING.least, Math.min(size, this.shown));
  }

  stop() {
    clearTimeout(this.settling);
  }
}
