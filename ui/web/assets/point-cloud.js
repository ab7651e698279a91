// Points on a WebGL2 canvas: places, a group for the colour, and a state, each in a buffer of its own.

export const STATE = { hidden: 1, faint: 2, lit: 4 };
export const COLORS = 64;
const DIMMED = 0.3;
const FAINT = 0.34;
// Of points that the legend leaves out: there, but no more than a shadow.
const HIDDEN = 0.07;
// From this size on, in pixels of the device, points are round; smaller ones are squares, which cost less.
const ROUND = 3;
const EDGED = 7;

const VERTEX = `#version 300 es
layout(location = 0) in float x;
layout(location = 1) in float y;
layout(location = 2) in uint group;
layout(location = 3) in uint state;
uniform vec2 middle, scale;
uniform float size, opacity, dimmed;
uniform uint only;
uniform sampler2D palette;
flat out vec4 color;
void main() {
  vec4 paint = texelFetch(palette, ivec2(min(int(group), ${COLORS - 1}), 0), 0);
  bool isLit = (state & ${STATE.lit}u) != 0u;
  float strength = opacity;
  if ((state & ${STATE.faint}u) != 0u) strength *= ${FAINT};
  if (!isLit) strength *= dimmed;
  bool isHidden = (state & ${STATE.hidden}u) != 0u;
  if (isHidden) { strength = ${HIDDEN}; paint.rgb = vec3(0.5); }
  color = vec4(paint.rgb, strength);
  gl_PointSize = isHidden ? min(size, 3.0) : isLit && dimmed < 1.0 ? size * 1.3 : size;
  bool isLeftOut = only != 0u && (state & only) == 0u;
  gl_Position = isLeftOut ? vec4(2.0, 2.0, 2.0, 1.0) : vec4((vec2(x, y) - middle) * scale, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
flat in vec4 color;
uniform float size;
uniform vec3 edge;
out vec4 paint;
void main() {
  vec3 rgb = color.rgb;
  float cover = color.a;
  if (size >= ${ROUND}.0) {
    float radius = length(gl_PointCoord * 2.0 - 1.0);
    if (radius > 1.0) discard;
    float soft = 2.0 / size;
    if (size >= ${EDGED}.0) rgb = mix(rgb, edge, smoothstep(1.0 - 2.2 * soft, 1.0 - 1.2 * soft, radius));
    cover *= 1.0 - smoothstep(1.0 - soft, 1.0, radius);
  }
  paint = vec4(rgb * cover, cover);
}`;

export class NoWebGLError extends Error {}

export class PointCloud {
  constructor(canvas) {
    this.canvas = canvas;
    const wish = { antialias: false, alpha: true, depth: false, powerPreference: "low-power" };
    this.gl = canvas.getContext("webgl2", wish);
    if (!this.gl) throw new NoWebGLError("this browser has no WebGL2");
    this.arrays = [];
    this.palette = new Uint8Array(4 * COLORS);
    this.edge = [1, 1, 1];
    this.size = 0;
    this.build();
  }

  // Also after a lost context has come back.
  build() {
    const { gl } = this;
    this.program = linked(gl, VERTEX, FRAGMENT);
    gl.useProgram(this.program);
    const names = ["middle", "scale", "size", "opacity", "dimmed", "only", "edge", "palette"];
    this.at = Object.fromEntries(names.map((name) => [name, gl.getUniformLocation(this.program, name)]));
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.buffers = [0, 1, 2, 3].map(() => gl.createBuffer());
    this.texture = gl.createTexture();
    this.arrays.forEach((array, place) => this.#fill(place, array));
    this.#paintPalette();
  }

  setPoints(x, y) {
    this.size = x.length;
    this.#fill(0, x);
    this.#fill(1, y);
  }

  setGroups(groups) {
    this.#fill(2, groups);
  }

  setStates(states) {
    this.#fill(3, states);
  }

  // colors: [[r, g, b], ...], 0 to 255; the last of the palette is of those in no group.
  setColors(colors, none, edge) {
    for (let i = 0; i < COLORS; i++) {
      this.palette.set(i === COLORS - 1 ? none : (colors[i] ?? none), 4 * i);
      this.palette[4 * i + 3] = 255;
    }
    this.edge = edge.map((part) => part / 255);
    this.#paintPalette();
  }

  // count: how many, from the first on; isDimmed: whether those that are not lit stand back.
  draw(camera, ratio, { size, opacity, count, isDimmed }) {
    const { gl, at } = this;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!this.size) return;
    gl.uniform2f(at.middle, camera.x, camera.y);
    gl.uniform2f(at.scale, (2 * camera.scale) / camera.width, (2 * camera.scale) / camera.height);
    gl.uniform1f(at.size, size * ratio);
    gl.uniform1f(at.opacity, opacity);
    gl.uniform1f(at.dimmed, isDimmed ? DIMMED : 1);
    gl.uniform3f(at.edge, ...this.edge);
    gl.uniform1ui(at.only, 0);
    gl.drawArrays(gl.POINTS, 0, Math.min(count, this.size));
    if (!isDimmed) return;
    // Once more on top, all of them: what was chosen should not lie beneath the rest.
    gl.uniform1ui(at.only, STATE.lit);
    gl.drawArrays(gl.POINTS, 0, this.size);
  }

  destroy() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  #fill(place, array) {
    const { gl } = this;
    this.arrays[place] = array;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[place]);
    gl.bufferData(gl.ARRAY_BUFFER, array, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(place);
    if (array instanceof Float32Array) return gl.vertexAttribPointer(place, 1, gl.FLOAT, false, 0, 0);
    const type = array instanceof Uint16Array ? gl.UNSIGNED_SHORT : gl.UNSIGNED_BYTE;
    return gl.vertexAttribIPointer(place, 1, type, 0, 0);
  }

  #paintPalette() {
    const { gl } = this;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, COLORS, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, this.palette);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.uniform1i(this.at.palette, 0);
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
  if (gl.getProgramParameter(program, gl.LINK_STATUS) || gl.isContextLost()) return program;
  throw new Error(`the map's shaders do not link: ${gl.getProgramInfoLog(program)}`);
}
