"""The page's map in Chromium: first paint, frames while panning, and from a click to the neighbours on screen.

    python -m benchmarks.map_page [--large]

Needs Chromium, as the browser tests do, and `apt-get install wordnet-base` for the glosses, which are embedded once
(see benchmarks.embedded) and laid out by t-SNE. The larger maps have made-up places and short vectors, and go through
the same files, routes and page: what a browser has to do depends on the number of points alone. Drawn by software, as
on a machine without a graphics card.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.embedded import glosses
from benchmarks.report import keep, machine, median, table
from search.embedders.local import LocalEmbedder
from search.latent.fitted import Cluster, Facts, Fitted, Wish
from search.latent.keep import save
from search.latent.place import Calibration
from search.latent.rows import rows
from search.latent.trust import Trust
from search.service import Service
from search.settings import Settings
from search.store.ledger import Record
from search.types import Passage, Vectors
from search.vectors import unit
from tests.browser.conftest import CHROMIUM, FLAGS, Server

DIMENSIONS, GROUPS, BATCH = 16, 40, 20_000
VISITS, CLICKS, PAN_MS = 3, 15, 4_000
TURNS = [7 * i for i in range(CLICKS)]
"""Points that are clicked on, by their turn."""
WORDS = [
    "harbour",
    "glacier",
    "orchid",
    "engine",
    "sonata",
    "ledger",
    "falcon",
    "marble",
    "comet",
    "willow",
    "canyon",
    "lantern",
]

READY = """() => {
  window.page = [...document.querySelectorAll("#nh-map *")].find((each) => each.mapPage)?.mapPage;
  window.map = page?.map;
  return Boolean(map?.hasPainted);
}"""
FIRST_PAINT = "() => performance.getEntriesByName('nearhood-map-painted')[0].startTime"
# A drag as long as that, a step in each frame: how many frames there were, and the longest wait for one.
PAN = """(ms) => new Promise((resolve) => {
  const canvas = map.overlay.canvas;
  const box = canvas.getBoundingClientRect();
  const tell = (name, step) => canvas.dispatchEvent(new PointerEvent(name, {
    pointerId: 1, pointerType: "mouse", bubbles: true, isPrimary: true,
    clientX: box.left + 400 + 150 * Math.sin(step / 9), clientY: box.top + 300 + 90 * Math.cos(step / 9),
  }));
  canvas.setPointerCapture = () => {};
  tell("pointerdown", 0);
  const frames = [];
  const step = (now) => {
    frames.push(now);
    tell("pointermove", frames.length);
    if (now - frames[0] < ms) return requestAnimationFrame(step);
    tell("pointerup", frames.length);
    const waits = frames.slice(1).map((at, i) => at - frames[i]);
    resolve({ fps: (1000 * waits.length) / (frames.at(-1) - frames[0]), longest: Math.max(...waits),
              shown: Math.round(Math.min(map.size, map.pace.shown)) });
  };
  requestAnimationFrame(step);
})"""
# From the click on a point until its list has been painted.
CLICK = """(index) => new Promise((resolve) => {
  const list = document.querySelector("#nh-map-near");
  const center = () => list.querySelector(".nh-center")?.dataset.id;
  const before = center();
  const began = performance.now();
  const seen = new MutationObserver(() => {
    if (!center() || center() === before) return;
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
  });
  seen.observe(list, { childList: true, subtree: true });
  map.on.pick(index);
})"""
BYTES = "() => performance.getEntriesByType('resource').find(({ name }) => name.includes('points.bin')).encodedBodySize"
PAINTED = """() => {
  map.paintNow();
  const { gl } = map.cloud;
  const seen = [...Array(200).keys()].filter((index) => {
    const [left, top] = map.positionOf(index);
    const pixel = new Uint8Array(4);
    gl.readPixels(left * map.ratio, map.canvas.height - top * map.ratio, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    return pixel[3] > 0;
  });
  return seen.length / 200;
}"""


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--large", action="store_true", help="only a million points")
    large = parser.parse_args().large
    settings = Settings.from_environment()
    wanted = [("made up", 1_000_000)] if large else [("made up", 100_000), ("glosses", 20_000)]
    result: dict[str, Any] = {
        "machine": machine("gradio", "playwright"),
        "chromium": version(),
        "rounds": VISITS,
        "maps": [],
    }
    for kind, size in wanted:
        result["maps"].append(measured(kind, settings, size))
        keep("map_page-large" if large else "map_page", result)
    found = result["maps"]
    head = list(found[0])
    table("The map in Chromium", head, [[one[name] for name in head] for one in found])


def measured(kind: str, settings: Settings, size: int) -> dict[str, Any]:
    """Return what a browser saw of a map of so many points, from a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with Service(Settings(data=data, cache=settings.cache), "benchmark") as service:
            fill(service, size) if kind == "made up" else fit(service, size)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            with Server(data, settings.cache) as server:
                result = {"points": size, "kind": kind, **visits(browser, server)}
            browser.close()
    print(result, flush=True)
    return result


def visits(browser: Browser, server: Server) -> dict[str, Any]:
    """Return the first visit after the server began, and the medians of later ones."""
    cold = visit(browser, server)["first_paint_s"]
    found = median([visit(browser, server) for _ in range(VISITS)])
    # What else the machine was doing: above its number of processors, all of this takes longer than it need.
    return {**found, "cold_first_paint_s": cold, "load": os.getloadavg()[0]}


def visit(browser: Browser, server: Server) -> dict[str, float]:
    """Open the map, pan it, and click on points."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        open_map(page, server)
        return {
            "first_paint_s": page.evaluate(FIRST_PAINT) / 1000,
            "megabytes": page.evaluate(BYTES) / 1e6,
            "painted_where_points_are": page.evaluate(PAINTED),
            **panned(page),
            **clicked(page, CLICK, TURNS),
        }


def panned(page: Page) -> dict[str, float]:
    """Drag the map twice, and return the frames of the second time."""
    _, pan = [page.evaluate(PAN, PAN_MS) for _ in range(2)]
    return {"frames_per_s": pan["fps"], "longest_frame_ms": pan["longest"], "shown_while_moving": pan["shown"]}


def clicked(page: Page, click: str, turns: Sequence[int]) -> dict[str, float]:
    """Return the milliseconds that clicks on points took."""
    took = [page.evaluate(click, turn) for turn in turns]
    return {"click_ms": statistics.median(took), "click_worst_ms": max(took)}


def open_map(page: Page, server: Server) -> None:
    """Open the map's tab, and wait until points are painted."""
    page.goto(f"{server.url}#map")
    page.wait_for_function(READY, timeout=120_000)
    page.wait_for_timeout(2_000)


# Data


def fit(service: Service, size: int) -> None:
    """Take glosses in by their vectors, and fit their map."""
    texts, vectors = glosses(size + 50)
    put(service, "glosses", texts[:size], vectors[:size], LocalEmbedder("", service.settings).id)
    service.keep_map("glosses")


def fill(service: Service, size: int) -> None:
    """Make up a collection, and keep a map of it: groups in the plane, neighbours and trust by chance."""
    rng = np.random.default_rng(0)
    texts = [f"{WORDS[i % len(WORDS)]} {WORDS[i // 7 % len(WORDS)]} passage {i}" for i in range(size)]
    put(service, "made-up", texts, unit(rng.normal(size=(size, DIMENSIONS))).astype(np.float32), "benchmark:16")
    every = rows(service.store.collection("made-up"))
    group = rng.integers(GROUPS, size=size)
    middles = rng.uniform(-80, 80, size=(GROUPS, 2))
    coords = (middles[group] + rng.normal(scale=9, size=(size, 2))).astype(np.float32)
    group[rng.random(size) < 0.05] = -1
    clusters = tuple(
        Cluster(i, " ".join(rng.choice(WORDS, 2)), int(np.sum(group == i)), 0.8, checked=True) for i in range(GROUPS)
    )
    facts = Facts(
        version=1,
        wish=Wish(),
        embedder="benchmark:16",
        digest=every.digest,
        passages=size,
        libraries={},
        trust=Trust(0.9, 0.9, 0.4, 5_000),
        wobble_estimated=True,
        calibration=Calibration(1_000, (10.0,), (1.0,), 1.0, 200.0, 0.1, 50.0),
        clusters=clusters,
        merges=(),
    )
    near = rng.integers(size, size=(size, 10)).astype(np.int32)
    shares = rng.choice(np.linspace(0, 1, 11), size=size).astype(np.float32)
    none = np.full(size, -1)
    made = Fitted(facts, every.ids, coords, near, every.marks, shares, shares, group, none, np.zeros(size, np.bool_))
    save(service.store.collection("made-up").derived.maps, made)
    # Fitting one ends with finding it, too.
    service.kept_map("made-up")


def put(service: Service, name: str, texts: Sequence[str], vectors: Vectors, embedder: str) -> None:
    """Write passages with their vectors."""
    store = service.store
    collection = store.create(name, embedder, vectors.shape[1])
    store.begin_source(collection, "/benchmark")
    for start in range(0, len(texts), BATCH):
        some = range(start, min(start + BATCH, len(texts)))
        passages = [Passage(f"p-{i}", "/benchmark", i, texts[i], i, i + 1) for i in some]
        keys = [f"{name} {i}".encode() for i in some]
        records = [Record(p, k) for p, k in zip(passages, keys, strict=True)]
        store.put(collection, records, keys, vectors[some.start : some.stop], 0)
    store.finish_source(collection, "/benchmark", "benchmark", len(texts))


def version() -> str:
    """Return the browser's."""
    run = subprocess.run(
        [CHROMIUM, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    )
    return run.stdout.strip()


if __name__ == "__main__":
    main()
