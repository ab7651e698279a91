"""How long a search takes: warm at 100,000 passages, cold at 20,000, and `--help`.

    python -m benchmarks.search [--rounds 7]

The passages' vectors are random, which costs an exact search the same as any others.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.report import keep, machine, table
from search.service import Service
from search.settings import Settings
from search.store.ledger import Record
from search.types import Passage
from search.vectors import unit

WARM, COLD, BATCH = 100_000, 20_000, 20_000


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_environment(), embedder="local", data=Path(folder))
        result = {"machine": machine("numpy", "onnxruntime"), "milliseconds": measure(settings, given.rounds)}
    keep("search", result)


def measure(settings: Settings, rounds: int) -> dict[str, dict[str, float]]:
    """Return least, median and 99th percentile of each, in milliseconds."""
    warm = replace(settings, data=settings.data / "warm")
    cold = replace(settings, data=settings.data / "cold")
    fill(cold, COLD)
    found = {f"search, {WARM:,} x 384, embedding included": in_process(warm)}
    environ = {**os.environ, "NEARHOOD_DATA": str(cold.data), "NEARHOOD_CACHE": str(cold.cache)}
    nearhood = str(Path(sys.executable).parent / "nearhood")
    found[f"nearhood search, cold, {COLD:,} passages"] = times(
        lambda: command(environ, nearhood, "search", "a word"), rounds
    )
    found["nearhood --help"] = times(lambda: command(environ, nearhood, "--help"), rounds)
    table("Milliseconds", ["", "least", "p50", "p99"], [[name, *row.values()] for name, row in found.items()])
    return found


def in_process(settings: Settings) -> dict[str, float]:
    """Time 300 different queries on an open service, and the bare product and partition beside them."""
    fill(settings, WARM)
    with Service(settings, "benchmark") as service:
        service.search("warm up")
        queries = iter(f"how does term {i} relate to money and water" for i in range(300))
        found = times(lambda: service.search(next(queries)), 300)
        (_, rows), *_ = service.store.collection("notes").blocks()
        query = rows[0].copy()
        bare = times(lambda: np.argpartition(rows @ query, -10), 50)
        table("Of which", ["", "p50 ms"], [["NumPy's bare product and partition", bare["p50"]]])
    return found


def fill(settings: Settings, n: int) -> None:
    """Write n passages with random vectors."""
    rng = np.random.default_rng(0)
    with Service(settings, "benchmark") as service:
        store, embedder = service.store, service.embedder
        collection = store.create("notes", embedder.id, embedder.dimension)
        store.begin_source(collection, "/benchmark")
        for start in range(0, n, BATCH):
            numbers = range(start, min(n, start + BATCH))
            keys = [str(i).encode() for i in numbers]
            passages = [Passage(str(i), "/benchmark", i, f"passage {i}", i, i + 1) for i in numbers]
            records = [Record(p, key) for p, key in zip(passages, keys, strict=True)]
            store.put(collection, records, keys, unit(rng.normal(size=(len(keys), embedder.dimension))), 0)
        store.finish_source(collection, "/benchmark", "benchmark", n)


def times(run: Callable[[], object], count: int) -> dict[str, float]:
    """Return least, median and 99th percentile of some runs, in milliseconds."""
    seconds = []
    for _ in range(count):
        started = time.perf_counter()
        run()
        seconds.append(1000 * (time.perf_counter() - started))
    return {
        "least": min(seconds),
        "p50": statistics.median(seconds),
        "p99": float(np.percentile(seconds, 99)),
    }


def command(environ: dict[str, str], *words: str) -> None:
    """Run a command to its end."""
    subprocess.run(words, env=environ, check=True, capture_output=True)


if __name__ == "__main__":
    main()
