"""Times from a key to the list on screen, in Chromium, at 20,000 passages; prints a table and writes JSON.

    python -m benchmarks.page --data DIR [--glosses /usr/share/wordnet] [--rounds 3]

Twenty thousand WordNet glosses (`apt-get install wordnet-base`) are taken in as sentences, once, into `--data`. The
time is from the key's event to the painted frame that has the list for what was typed.
"""

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.report import keep, machine, median, table
from ingest.sync import ingest
from search.service import Service
from search.settings import Settings

PASSAGES = 20_000
COLLECTION = "glosses"
QUERIES = ("a quiet place by the river", "someone who lends money", "small animal with long ears", "to move quickly")
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
TIMED = """(text) => new Promise((done) => {
  const field = document.querySelector("#nh-query input");
  const hits = document.querySelector("#nh-hits");
  const started = performance.now();
  const seen = () => hits.querySelector(".nh-query")?.textContent === text;
  const watcher = new MutationObserver(() => {
    if (!seen()) return;
    watcher.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - started)));
  });
  watcher.observe(hits, { childList: true, subtree: true, characterData: true });
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
})"""


def take_in(glosses: Path, settings: Settings) -> None:
    """Make the collection, unless it is there."""
    with Service(settings, "benchmark") as service:
        if COLLECTION in service.store.names():
            return
        lines = [line for kind in ("noun", "verb", "adj", "adv") for line in _glosses(glosses / f"data.{kind}")]
        file = settings.data / "glosses.txt"
        step = len(lines) // PASSAGES
        file.write_text("\n".join(lines[::step][:PASSAGES]), encoding="utf-8")
        ingest(service.store, service.embedder, COLLECTION, [file], "sentences")


def _glosses(file: Path) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("  ") and " | " in line:
            yield line.partition(" | ")[2].partition(";")[0].strip()


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Yield the address of a server on the data folder."""
    command = [sys.executable, "-m", "ui.cli", "serve", "--data", str(settings.data), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = next(word for line in process.stderr for word in line.split() if word.startswith("http://"))
        try:
            yield address
        finally:
            process.terminate()


def measure(address: str, mode: str) -> list[float]:
    """Return the milliseconds from each key to the list, for queries that are typed letter by letter."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}/#look-up?collection={COLLECTION}&mode={mode}")
        page.locator(".nh-start").wait_for()
        page.evaluate(TIMED, "warm up")
        parts = [query[:end] for query in QUERIES for end in range(2, len(query) + 1) if query[end - 1] != " "]
        took = [float(page.evaluate(TIMED, part)) for part in parts]
        browser.close()
    return sorted(took)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--glosses", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="where the model's graph is kept")
    parser.add_argument("--rounds", type=int, default=3, help="visits, of which each types all queries")
    given = parser.parse_args()
    settings = Settings(data=given.data, cache=given.cache or given.data / "cache")
    settings.data.mkdir(parents=True, exist_ok=True)
    take_in(given.glosses, settings)
    with served(settings) as address:
        visits = [{mode: summary(measure(address, mode)) for mode in ("dense", "hybrid")} for _ in range(given.rounds)]
    found = median(visits)
    rows = [[mode, *values.values()] for mode, values in found.items()]
    table(f"a key to its list, {PASSAGES:,} passages, ms", ["mode", *next(iter(found.values()))], rows)
    load = round(os.getloadavg()[0], 1)
    of = {"passages": PASSAGES, "rounds": given.rounds, "load": load, "machine": machine("gradio", "playwright")}
    keep("page", {**of, **found})


def summary(took: list[float]) -> dict[str, float]:
    """Return what is told of some times."""
    return {
        "keys": len(took),
        "median": round(statistics.median(took), 1),
        "p95": round(took[int(0.95 * len(took))], 1),
        "worst": round(took[-1], 1),
        "within 150": round(sum(ms <= 150 for ms in took) / len(took), 3),
    }


if __name__ == "__main__":
    main()
