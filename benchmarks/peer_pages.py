"""Bare pages of other libraries' maps: what benchmarks/map_page_peers.py measures beside ours.

Each is a page of the library and nothing else, and offers as `window.map` what the scripts of benchmarks/map_page.py
ask of our map: to be dragged, to say where a point is, and to mark the time of its first paint.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, TypeAlias

import numpy as np

from search.latent.fitted import Fitted

Look: TypeAlias = dict[str, Any]
"""The size of our map in pixels, and the diameter, opacity and colours of its points."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A library, the packages it comes in, and a page that draws with it."""

    name: str
    package: str
    beside: tuple[str, ...]
    """Packages that it needs."""
    page: str
    """The scripts; they call `ready` with what the library can do once it says that points are drawn."""


COMMON = """<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<style>body { margin: 0 } #map { width: WIDTHpx; height: HEIGHTpx }</style>
<script>
const look = LOOK;
const take = async (name, kind) => new kind(await (await fetch(name)).arrayBuffer());
const points = Promise.all([take("x", Float32Array), take("y", Float32Array), take("group", Uint8Array)]);

function ready(size, target, { positionOf, onPick }) {
  performance.mark("nearhood-map-painted");
  const tell = (name, clientX, clientY, buttons) => target.dispatchEvent(new MouseEvent(name, {
    bubbles: true, cancelable: true, view: window, clientX, clientY, buttons,
  }));
  const canvas = {
    getBoundingClientRect: () => target.getBoundingClientRect(),
    dispatchEvent: ({ type, clientX, clientY }) =>
      tell(type.replace("pointer", "mouse"), clientX, clientY, type === "pointerup" ? 0 : 1),
  };
  window.map = { hasPainted: true, size, pace: { shown: size }, overlay: { canvas }, tell, positionOf, onPick };
}
</script>
<div id="map">CONTENT</div>
"""
# A trace for each group, as Plotly Express makes them: one of all, with a colour scale, was painted and dragged slower.
# Ranges, so that it need not look for them.
PLOTLY = """
<script src="node_modules/plotly.js-gl2d-dist-min/plotly-gl2d.min.js"></script>
<script>
points.then(async ([x, y, groups]) => {
  const members = look.colors.map(() => []);
  groups.forEach((group, i) => members[group].push(i));
  const traces = members.map((some, group) => ({
    type: "scattergl",
    mode: "markers",
    x: Float32Array.from(some, (i) => x[i]),
    y: Float32Array.from(some, (i) => y[i]),
    marker: { size: look.diameter, opacity: look.opacity, color: look.colors[group] },
  }));
  const wide = look.width / look.height;
  const layout = {
    margin: { l: 0, r: 0, t: 0, b: 0 },
    xaxis: { visible: false, range: [-wide, wide] },
    yaxis: { visible: false, range: [-1, 1] },
    showlegend: false,
    hovermode: "closest",
    dragmode: "pan",
  };
  const plot = await Plotly.newPlot("map", traces, layout, { displayModeBar: false });
  const { xaxis, yaxis } = plot._fullLayout;
  ready(x.length, plot.querySelector(".nsewdrag"), {
    positionOf: (i) => [xaxis.d2p(x[i]), yaxis.d2p(y[i])],
    onPick: (tell) => plot.once("plotly_click", tell),
  });
});
</script>
"""
# Not the minified one, whose worker for a million points and more fails ("l is not defined", 1.16.0).
REGL = """
<script src="node_modules/regl/dist/regl.min.js"></script>
<script type="importmap">{ "imports": {
  "regl": "data:text/javascript,export default globalThis.createREGL",
  "pub-sub-es": "./node_modules/pub-sub-es/dist/index.js"
} }</script>
<script type="module">
import createScatterplot from "./node_modules/regl-scatterplot/dist/regl-scatterplot.esm.js";
const canvas = document.querySelector("canvas");
const { width, height, diameter, opacity, colors } = look;
const plot = createScatterplot({
  canvas, width, height, opacity, pointSize: diameter, pointColor: colors, colorBy: "valueA",
});
const [x, y, valueA] = await points;
await plot.draw({ x, y, valueA }, { zDataType: "categorical" });
ready(x.length, canvas, {
  positionOf: (i) => plot.getScreenPosition(i),
  onPick: (tell) => {
    const seen = plot.subscribe("select", () => {
      plot.unsubscribe(seen);
      tell();
    });
  },
});
</script>
"""
PEERS = (
    Peer("Plotly", "plotly.js-gl2d-dist-min", (), PLOTLY),
    Peer("regl-scatterplot", "regl-scatterplot", ("regl", "pub-sub-es"), REGL),
)


def install(folder: Path) -> dict[str, str]:
    """Have npm put the libraries into a folder, and return their versions.

    :raises FileNotFoundError: Where there is no npm.
    """
    wanted = [name for peer in PEERS for name in (peer.package, *peer.beside)]
    quietly = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    subprocess.run(["npm", "install", "--prefix", str(folder), *quietly, *wanted], check=True)
    files = {peer.name: folder / "node_modules" / peer.package / "package.json" for peer in PEERS}
    return {name: json.loads(file.read_text(encoding="utf-8"))["version"] for name, file in files.items()}


def write(folder: Path, made: Fitted, look: Look) -> None:
    """Write the points of a map, and the page of each library."""
    low, high = made.coords.min(axis=0), made.coords.max(axis=0)
    # Both libraries get what one of them asks for: places from -1 to 1.
    x, y = ((made.coords - (low + high) / 2) / (max(high - low) / 2)).astype(np.float32).T
    (folder / "x").write_bytes(x.tobytes())
    (folder / "y").write_bytes(y.tobytes())
    groups = np.where(made.cluster < 0, len(look["colors"]) - 1, made.cluster)
    (folder / "group").write_bytes(groups.astype(np.uint8).tobytes())
    for peer in PEERS:
        content = '<canvas style="width: 100%; height: 100%"></canvas>' if peer.page is REGL else ""
        page = COMMON.replace("WIDTH", str(look["width"])).replace("HEIGHT", str(look["height"]))
        page = page.replace("LOOK", json.dumps(look)).replace("CONTENT", content) + peer.page
        (folder / f"{peer.package}.html").write_text(page, encoding="utf-8")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback, and give its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Silent(SimpleHTTPRequestHandler):
    """Files, without a line for each."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""
