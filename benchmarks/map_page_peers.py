"""The page's map in Chromium beside Plotly's scattergl and regl-scatterplot, on the same made-up points.

    python -m benchmarks.map_page_peers [--sizes 100000,1000000]

Needs Chromium, and npm, which puts the two libraries into a temporary folder for the run. Each is a bare page of static
files, with the points as typed arrays, in the size of our map and with the colours, diameter and opacity of its points.
Ours is the whole page, as in benchmarks/map_page.py: Gradio, search, the legend and the list, from a server that has
the texts. Three things favour others:

- Our first paint has all of the page in it, theirs a canvas alone.
- Our click ends with the neighbours listed, which the server finds; theirs with their own event (`plotly_click`,
  `select`) and the frame after it, and the point has been hovered over before.
- Axes, legend and toolbar are left out with Plotly.

Two favour ours: it draws a sample of the points for as long as it moves (`shown_while_moving`), where others draw all;
and its click is told to the map itself, past the browser's events, whose capture a script cannot have, and the look for
the point that is below.
regl-scatterplot advises its performance mode, of squares without blending, above two million points: it is not on.
First paint is when a library has given its points to WebGL: our own mark, and the promises of `newPlot` and `draw`.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from playwright.sync_api import Error as BrowserError

from benchmarks.map_page import CLICK, CLICKS, FIRST_PAINT, TURNS, VISITS, clicked, fill, open_map, panned, version
from benchmarks.peer_pages import PEERS, Look, install, served, write
from benchmarks.report import keep, machine, median, table
from search.latent.fitted import Fitted
from search.service import Service
from search.settings import Settings
from tests.browser.conftest import CHROMIUM, FLAGS, Server

Open: TypeAlias = Callable[[Page], object]
OURS = "Nearhood"
WINDOW: ViewportSize = {"width": 1440, "height": 900}

LOOK = """() => {
  const { width, height } = map.host.getBoundingClientRect();
  const colors = [...map.paint, map.overlay.colors.none].map(
    (parts) => "#" + [...parts].slice(0, 3).map((part) => Math.round(part).toString(16).padStart(2, "0")).join(""));
  return { width, height, colors, diameter: map.diameter, opacity: map.opacity(map.size) };
}"""
# Of points by their turn, those that are well within the map after it was dragged.
IN_VIEW = """(count) => {
  const { width, height } = map.overlay.canvas.getBoundingClientRect();
  const isIn = ([left, top]) => left > 20 && top > 20 && left < width - 20 && top < height - 20;
  return [...Array(500).keys()].map((i) => 7 * i).filter((i) => isIn(map.positionOf(i))).slice(0, count);
}"""
# From the button's going down on a point that the mouse is over until the frame after the library's event.
PEER_CLICK = """(index) => new Promise((resolve, reject) => {
  const box = map.overlay.canvas.getBoundingClientRect();
  const [left, top] = map.positionOf(index);
  const tell = (name, buttons) => map.tell(name, box.left + left, box.top + top, buttons);
  tell("mouseenter", 0);
  tell("mousemove", 0);
  setTimeout(() => {
    const began = performance.now();
    map.onPick(() => requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began))));
    tell("mousedown", 1);
    tell("mouseup", 0);
    tell("click", 0);
    setTimeout(() => reject(new Error("no event came of a click")), 30_000);
  }, 500);
})"""


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--large", action="store_true", help="a million points, in place of 100,000")
    large = parser.parse_args().large
    with tempfile.TemporaryDirectory() as libraries:
        try:
            versions = install(Path(libraries))
        except FileNotFoundError:
            sys.exit("npm is not here: install it, and run this again for what it brings")
        said = machine("gradio", "playwright")
        said["packages"] |= versions
        maps = measured(Settings.from_environment(), 1_000_000 if large else 100_000, Path(libraries))
        result: dict[str, Any] = {"machine": said, "chromium": version(), "rounds": VISITS, "maps": maps}
        keep("map_page_peers-large" if large else "map_page_peers", result)
    head = list(result["maps"][0])
    table("The map in Chromium, beside others", head, [[one.get(name, "") for name in head] for one in result["maps"]])


def measured(settings: Settings, size: int, libraries: Path) -> list[dict[str, Any]]:
    """Return what a browser saw of ours and of each peer, with so many points."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        data = Path(folder)
        with Service(Settings(data=data, cache=settings.cache), "benchmark") as service:
            fill(service, size)
            made = service.kept_map("made-up").fitted
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with Server(data, settings.cache) as server, served(libraries) as address:
            opens = {OURS: lambda page: open_map(page, server)} | {
                peer.name: opener(f"{address}/{peer.package}.html") for peer in PEERS
            }
            write(libraries, made, seen_of_ours(browser, opens[OURS], made))
            found = beside(browser, opens)
        browser.close()
    records = [{"points": size, "name": name, **one} for name, one in found.items()]
    print(*records, sep="\n", flush=True)
    return records


def opener(url: str) -> Open:
    """Return what opens a peer's page as ours is opened: until points are painted, and a moment more."""

    def opened(page: Page) -> None:
        page.goto(url)
        page.wait_for_function("() => window.map?.hasPainted", timeout=120_000)
        page.wait_for_timeout(2_000)

    return opened


def seen_of_ours(browser: Browser, open_ours: Open, made: Fitted) -> Look:
    """Return how our map looks; the visit is the server's first."""
    with browser.new_context(viewport=WINDOW) as context:
        page = context.new_page()
        open_ours(page)
        look: Look = page.evaluate(LOOK)
    # A colour for each group, and the last for none.
    *colors, none = look["colors"]
    groups = len(made.facts.clusters)
    return {**look, "colors": [*(colors[i] for i in range(groups)), none]}


def beside(browser: Browser, opens: dict[str, Open]) -> dict[str, dict[str, Any]]:
    """Return the medians of some visits to each, in turns; of those that did not come so far, why."""
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in opens}
    failed: dict[str, dict[str, Any]] = {}
    for _ in range(VISITS):
        for name in [name for name in opens if name not in failed]:
            try:
                seen[name].append(visit(browser, name, opens[name]))
            except BrowserError as error:
                failed[name] = {"failed": str(error).splitlines()[0]}
    # What else the machine was doing: above its number of processors, all of this takes longer than it need.
    load = {"load": os.getloadavg()[0]}
    return {name: failed.get(name) or {**median(seen[name]), **load} for name in opens}


def visit(browser: Browser, name: str, opened: Open) -> dict[str, float]:
    """Open a map, pan it, and click on points."""
    with browser.new_context(viewport=WINDOW) as context:
        page = context.new_page()
        opened(page)
        first = {"first_paint_s": page.evaluate(FIRST_PAINT) / 1000}
        if name == OURS:
            return {**first, **panned(page), **clicked(page, CLICK, TURNS)}
        return {**first, **panned(page), **clicked(page, PEER_CLICK, page.evaluate(IN_VIEW, CLICKS))}


if __name__ == "__main__":
    main()
