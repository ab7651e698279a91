"""How long a search takes: warm at 100,000 passages, with and without a filter; cold there and at 20,000; and `--help`.

    python -m benchmarks.search [--rounds 7]

The passages' vectors and words are random, which costs an exact search the same as any others.
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
from functools import partial
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings as ChromaSettings

from benchmarks.report import keep, machine, table
from search.retrieve.fuse import Mode, Wanted, rank
from search.retrieve.options import Options
from search.retrieve.where import parse
from search.service import Service
from search.settings import Settings
from search.store.ledger import Record
from search.types import Passage
from search.vectors import unit

WARM, COLD, BATCH = 100_000, 20_000, 20_000
WORDS, VOCABULARY = 12, 30_000
"""Words of a passage, and different words there are."""
FILTERS = {92: "share < 92", 25: "share < 25", 1: "share = 7"}
"""By the percentage of passages that they keep."""
CHROMA = {92: {"share": {"$lt": 92}}, 25: {"share": {"$lt": 25}}, 1: {"share": 7}}


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_environment(), embedder="local", data=Path(folder))
        result = {
            "machine": machine("numpy", "onnxruntime", "chromadb"),
            "rounds": given.rounds,
            "milliseconds": measure(settings, given.rounds),
        }
    keep("search", result)


def measure(settings: Settings, rounds: int) -> dict[str, dict[str, float]]:
    """Return least, median and 99th percentile of each, in milliseconds."""
    warm = replace(settings, data=settings.data / "warm")
    cold = replace(settings, data=settings.data / "cold")
    fill(cold, COLD)
    found = in_process(warm)
    environ = {**os.environ, "NEARHOOD_CACHE": str(cold.cache)}
    nearhood = str(Path(sys.executable).parent / "nearhood")
    for size, data in ((COLD, cold.data), (WARM, warm.data)):
        there = {**environ, "NEARHOOD_DATA": str(data)}
        found[f"nearhood search, cold, {size:,} passages"] = times(
            partial(command, there, nearhood, "search", "a word"), rounds
        )
    found["nearhood --help"] = times(lambda: command(environ, nearhood, "--help"), rounds)
    table("Milliseconds", ["", "least", "p50", "p99"], [[name, *row.values()] for name, row in found.items()])
    return found


def in_process(settings: Settings) -> dict[str, dict[str, float]]:
    """Time different queries on an open service, and what stands beside them in the same run."""
    fill(settings, WARM)
    with Service(settings, "benchmark") as service:
        found = {f"{mode}, {WARM:,} x 384": asked(service, Options(mode), 200) for mode in Mode}
        for share, text in FILTERS.items():
            found[f"dense, a filter keeps {share} %"] = asked(service, Options(Mode.DENSE, where=parse(text)), 100)
        collection = service.store.collection("notes")
        (_, rows), *_ = collection.blocks()
        query = rows[0].copy()
        found["ranking alone, no filter"] = times(lambda: rank(collection, Wanted(query, 10)), 100)
        found["NumPy's bare product and partition"] = times(lambda: np.argpartition(rows @ query, -10), 100)
        service.store.update_index()
    return found | chroma(settings)


def asked(service: Service, options: Options, count: int) -> dict[str, float]:
    """Time searches of different words, the embedding of the query included."""
    queries = iter(f"how does w{i} relate to w{7 * i} and water" for i in range(count + 3))
    for _ in range(3):
        service.search(next(queries), options=options)
    return times(lambda: service.search(next(queries), options=options), count)


def chroma(settings: Settings) -> dict[str, dict[str, float]]:
    """Time Chroma's own `where` on the same passages, without an embedding."""
    plain = ChromaSettings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
    client = chromadb.PersistentClient(str(settings.data / "chroma"), settings=plain)
    collection = client.get_collection("notes", embedding_function=None)
    queries = unit(np.random.default_rng(1).normal(size=(40, 384)))
    found = {}
    for share, where in CHROMA.items():
        rows = iter(queries)

        def ask(where: Any = where, rows: Any = rows) -> None:
            collection.query(query_embeddings=next(rows), n_results=10, where=where)

        ask()
        found[f"Chroma's where keeps {share} %, no embedding"] = times(ask, 30)
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
            words = rng.zipf(1.3, size=(len(keys), WORDS)) % VOCABULARY
            texts = [" ".join(f"w{word}" for word in row) for row in words]
            passages = [
                Passage(str(i), "/benchmark", i, text, i, i + 1, {"share": i % 100})
                for i, text in zip(numbers, texts, strict=True)
            ]
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
