"""A million passages on one machine: writing, memory, disk, opening again, and searching in both ways.

    python -m benchmarks.large [--size 1000000] [--rounds 3]

Needs `apt-get install wordnet-base`.

Passages are WordNet's glosses, each with a small variation. Their vectors are of the glosses as far as a sample of them
goes, and mixtures of two of them for the rest: as near to each other as texts are, which random vectors are not. So the
rates are those of all that an ingest does after it has a vector.
"""

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ingest import proportional_bytes, read_glosses
from benchmarks.report import keep, machine, median, table
from benchmarks.search import times
from search.embedders.local import LocalEmbedder
from search.retrieve.fuse import Ranking, Wanted, rank
from search.settings import Settings
from search.store.collection import Collection
from search.store.ledger import Record
from search.store.store import Store
from search.types import Passage, Vectors
from search.vectors import unit

QUERIES, BATCH = 200, 2_000
MIB = 2**20


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=10_000, help="glosses that are embedded")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    glosses = read_glosses()
    some = glosses[:: max(1, len(glosses) // (given.sample + QUERIES))][: given.sample + QUERIES]
    rows = LocalEmbedder("", Settings.from_environment()).embed_documents(some)
    found: list[dict[str, float]] = []
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory() as folder:
            found.append(measure(Path(folder), glosses, rows[QUERIES:], rows[:QUERIES], given.size))
        table(f"{given.size:,} x 384", list(found[-1]), [list(found[-1].values())])
        result = {"machine": machine("numpy", "chromadb"), "rounds": len(found), "passages": given.size}
        # After each, since one takes a quarter of an hour.
        keep("large", result | median(found))


def measure(folder: Path, glosses: list[str], own: Vectors, queries: Vectors, size: int) -> dict[str, float]:
    """Return seconds, milliseconds, bytes and recall."""
    with watched() as memory, Store(folder, 0, "benchmark") as store:
        found = timed("ledger_s", lambda: fill(store, glosses, own, size))
        found |= timed("index_s", store.update_index)
        found["parts"] = len(store.ledger.rows("SELECT 1 FROM parts")) + 1
    found |= {"ledger_per_s": size / found["ledger_s"], "index_per_s": size / found["index_s"]}
    found |= {"writing_mib": max(memory) / MIB, "disk_mib": disk(folder) / MIB}
    with watched() as memory:
        more, true = asked(folder, size * 384 * 4, queries, "exact")
    found |= {**more, "exact_mib": max(memory) / MIB}
    with watched() as memory:
        more, hnsw = asked(folder, 0, queries, "hnsw")
    shares = [share(a, b) for a, b in zip(hnsw, true, strict=True)]
    return {**found, **more, "hnsw_mib": max(memory) / MIB, "hnsw_recall_of_queries": float(np.mean(shares))}


def asked(folder: Path, exact_bytes: int, queries: Vectors, way: str) -> tuple[dict[str, float], list[Ranking]]:
    """Open the folder and ask each query."""
    started = time.perf_counter()
    with Store(folder, exact_bytes, "benchmark") as store:
        collection = store.collection("large")
        rank(collection, Wanted(queries[0], 10))
        found = {f"{way}_first_answer_s": time.perf_counter() - started}
        rankings = [rank(collection, Wanted(query, 10)) for query in queries]
        rows = iter(queries)
        took = times(lambda: rank(collection, Wanted(next(rows), 10)), len(queries))
        found |= {f"{way}_p50_ms": took["p50"], f"{way}_p99_ms": took["p99"]}
        return found | (bare(collection, queries) if exact_bytes else shown(rankings)), rankings


def bare(collection: Collection, queries: Vectors) -> dict[str, float]:
    """Time what no way of comparing all can pass."""
    (_, matrix), *_ = collection.blocks()
    return {"bare_p50_ms": times(lambda: np.argpartition(matrix @ queries[0], -10), 50)["p50"]}


def shown(rankings: list[Ranking]) -> dict[str, float]:
    """Return the recall that a list says of itself; 0 where the index was not asked."""
    return {"hnsw_recall_shown": 0.0 if any(one.exact for one in rankings) else rankings[0].recall or 0.0}


def share(found: Ranking, true: Ranking) -> float:
    """Return which share of the true ten the index found, equal ones being as good."""
    tenth = true.near[-1].similarity
    return sum(near.similarity >= tenth - 1e-6 for near in found.near) / len(true.near)


def fill(store: Store, glosses: list[str], own: Vectors, size: int) -> None:
    """Write passages with vectors of texts, and mixtures of two of them."""
    rng = np.random.default_rng(0)
    collection = store.create("large", "benchmark:384", 384)
    store.begin_source(collection, "/benchmark")
    for start in range(0, size, BATCH):
        numbers = np.arange(start, min(size, start + BATCH))
        weights = rng.uniform(0.3, 0.7, size=(len(numbers), 1))
        pairs = rng.integers(len(own), size=(2, len(numbers)))
        rows = unit(weights * own[pairs[0]] + (1 - weights) * own[pairs[1]])
        there = numbers < len(own)
        rows[there] = own[numbers[there]]
        texts = [f"{glosses[i % len(glosses)]} ({i // len(glosses)})" for i in numbers]
        passages = [
            Passage(str(i), "/benchmark", int(i), text, int(i), int(i) + 1)
            for i, text in zip(numbers, texts, strict=True)
        ]
        keys = [str(i).encode() for i in numbers]
        store.put(collection, [Record(p, k) for p, k in zip(passages, keys, strict=True)], keys, rows, 0)
    store.finish_source(collection, "/benchmark", "benchmark", size)


def timed(name: str, run: Callable[[], Any]) -> dict[str, float]:
    """Return the seconds of a run."""
    started = time.perf_counter()
    run()
    took = time.perf_counter() - started
    print(f"{name} {took:,.1f}", flush=True)
    return {name: took}


@contextmanager
def watched() -> Iterator[list[int]]:
    """Yield the bytes of this process and its children, looked at every second until the end."""
    seen, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(1):
            seen.append(proportional_bytes(os.getpid()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def disk(folder: Path) -> int:
    """Return the bytes of all files of a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    main()
