// Points on a WebGL2 canvas: a place and a colour each, reckoned beforehand, so that little is left for each frame.

export const STATE = { hidden: 1, faint: 2, lit: 4 };
export const NO_GROUP = 255;
const DIMMED = 0.3;
const FAINT = 0.34;
// Of points that the legend leaves out: there, but no more than a shadow.
const HIDDEN = 0.07;
const SHADOW = [128, 128, 128];
// From this size on, in pixels of the device, points are round; smaller ones are squares, which cost less.
const ROUND = 3;
const LIT_SIZE = 1.3;

const VERTEX = `#version 300 es
layout(location = 0) in vec2 place;
layout(location = 1) in vec4 paint;
uniform vec2 middle, scale;
uniform float size, opacity;
flat out vec4 color;
void main() {
  float cover = paint.a * opacity;
  color = vec4(paint.rgb * cover, cover);
  gl_PointSize = size;
  gl_Position = vec4((place - middle) * scale, 0.0, 1.0);
}`;
const SQUARE = `#version 300 es
precision mediump float;
flat in vec4 color;
out vec4 paint;
void main() { paint = color; }`;
// An edge in the colour of the card keeps large points apart.
const DISC = `#version 300 es
precision highp float;
flat in vec4 color;
uniform float size;
uniform vec3 edge;
out vec4 paint;
void main() {
  float radius = length(gl_PointCoord * 2.0 - 1.0);
  if (radius > 1.0) discard;
  float soft = 2.0 / size;
  float isEdge = size < 7.0 ? 0.0 : smoothstep(1.0 - 2.2 * soft, 1.0 - 1.2 * soft, radius);
  vec4 own = vec4(mix(color.rgb, edge * color.a, isEdge), color.a);
  paint = own * (1.0 - smoothstep(1.0 - soft, 1.0, radius));
}`;

export class NoWebGLError extends Error {}

export class PointCloud {
  constructor(canvas) {
    this.canvas = canvas;
    const wish = { antialias: false, alpha: true, depth: false, powerPreference: "low-power" };
    this.gl = canvas.getContext("webgl2", wish);
    if (!this.gl) throw new NoWebGLError("this browser has no WebGL2");
    this.size = 0;
    this.lit = new Uint32Array();
    this.edge = [1, 1, 1];
    this.build();
  }

  // Also after a lost context has come back.
  build() {
    const { gl } = this;
    this.square = linked(gl, VERTEX, SQUARE);
    this.disc = linked(gl, VERTEX, DISC);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    [this.placeBuffer, this.paintBuffer, this.litBuffer] = [0, 1, 2].map(() => gl.createBuffer());
    if (!this.size) return;
    this.#fillPlaces();
    this.#fillPaint();
  }

  setPoints(x, y) {
    this.size = x.length;
    this.places = new Float32Array(2 * this.size);
    for (let i = 0; i < this.size; i++) {
      this.places[2 * i] = x[i];
      this.places[2 * i + 1] = y[i];
    }
    this.paint = new Uint8Array(4 * this.size);
    this.#fillPlaces();
  }

  // groups: Uint8Array, NO_GROUP for none; states: Uint8Array of bits; colors: [[r, g, b], ...] by group.
  // isDimmed: whether those that are not lit stand back.
  setPaint(groups, states, colors, none, edge, isDimmed) {
    const { paint } = this;
    this.edge = edge.map((part) => part / 255);
    const lit = [];
    for (let i = 0; i < this.size; i++) {
      const state = states[i];
      const isHidden = state & STATE.hidden;
      const color = isHidden ? SHADOW : (colors[groups[i]] ?? none);
      let strength = isHidden ? HIDDEN : state & STATE.faint ? FAINT : 1;
      if (state & STATE.lit) lit.push(i);
      else if (isDimmed && !isHidden) strength *= DIMMED;
      paint[4 * i] = color[0];
      paint[4 * i + 1] = color[1];
      paint[4 * i + 2] = color[2];
      paint[4 * i + 3] = 255 * strength;
    }
    this.lit = Uint32Array.from(isDimmed ? lit : []);
    this.#fillPaint();
  }

  // count: how many, from the first on; size: diameter in pixels.
  draw(camera, ratio, { size, opacity, count }) {
    const { gl } = this;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!this.size) return;
    this.#use(camera, size * ratio, opacity);
    gl.drawArrays(gl.POINTS, 0, Math.min(count, this.size));
    if (!this.lit.length) return;
    // Once more on top: what was chosen should not lie beneath the rest.
    this.#use(camera, size * ratio * LIT_SIZE, opacity);
    gl.drawElements(gl.POINTS, this.lit.length, gl.UNSIGNED_INT, 0);
  }

  destroy() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  #use(camera, size, opacity) {
    const { gl } = this;
    const { program, at } = size < ROUND ? this.square : this.disc;
    gl.useProgram(program);
    gl.uniform2f(at.middle, camera.x, camera.y);
    gl.uniform2f(at.scale, (2 * camera.scale) / camera.width, (2 * camera.scale) / camera.height);
    gl.uniform1f(at.size, size);
    gl.uniform1f(at.opacity, opacity);
    if (at.edge) gl.uniform3f(at.edge, ...this.edge);
  }

  #fillPlaces() {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.placeBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.places, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  }

  #fillPaint() {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.paintBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.paint, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribPointer(1, 4, gl.UNSIGNED_BYTE, true, 0, 0);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.litBuffer);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.lit, gl.DYNAMIC_DRAW);
  }
}

function linked(gl, ...sources) {
  const program = gl.createProgram();
  [gl.VERTEX_SHADER, gl.FRAGMENT_SHADER].forEach((type, i) => {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, sources[i]);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  });
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`the map's shaders do not link: ${gl.getProgramInfoLog(program)}`);
  }
  const names = ["middle", "scale", "size", "opacity", "edge"];
  return { program, at: Object.fromEntries(names.map((name) => [name, gl.getUniformLocation(program, name)])) };
}
