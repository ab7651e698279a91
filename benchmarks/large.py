"""A search over 500,000 passages: all compared, and by Chroma's index, with the recall that is shown.

    python -m benchmarks.large [--size 500000]

Needs `apt-get install wordnet-base`.

The vectors are of WordNet's glosses, as far as the file goes, and mixtures of two of them each for the rest: as near to
each other as texts are, which random vectors are not.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.report import keep, machine, table
from benchmarks.search import times
from search.embedders.local import LocalEmbedder
from search.retrieve.fuse import Ranking, Wanted, rank
from search.settings import Settings
from search.store.collection import Collection
from search.store.ledger import Record
from search.store.store import Store
from search.types import Passage, Vectors
from search.vectors import unit

QUERIES, BATCH = 200, 20_000


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=500_000)
    parser.add_argument("--glosses", type=int, default=10_000)
    given = parser.parse_args()
    from benchmarks.ingest import read_glosses

    settings = Settings.from_environment()
    glosses = read_glosses()[:: max(1, 117_659 // (given.glosses + QUERIES))][: given.glosses + QUERIES]
    rows = LocalEmbedder("", settings).embed_documents(glosses)
    queries, own = rows[:QUERIES], rows[QUERIES:]
    with tempfile.TemporaryDirectory() as folder:
        result = {"machine": machine("numpy", "chromadb"), "passages": given.size}
        result |= measure(replace(settings, data=Path(folder)), own, queries, given.size)
    keep("large", result)


def measure(settings: Settings, own: Vectors, queries: Vectors, size: int) -> dict[str, float]:
    """Return milliseconds and recall of both ways."""
    with Store(settings.data, size * 384 * 4, "benchmark") as store:
        fill(store, own, size)
        found, true = exact(store.collection("large"), queries)
        print(found, flush=True)
    with Store(settings.data, 0, "benchmark") as store:
        started = time.perf_counter()
        store.update_index()
        built = time.perf_counter() - started
        more, hnsw = approximate(store.collection("large"), queries)
    shares = [share(a, b) for a, b in zip(hnsw, true, strict=True)]
    result = {"index_built_s": built, **found, **more, "hnsw_recall_of_queries": float(np.mean(shares))}
    table(f"{size:,} x 384", list(result), [list(result.values())])
    return result


def approximate(collection: Collection, queries: Vectors) -> tuple[dict[str, float], list[Ranking]]:
    """Ask the index."""
    first = rank(collection, Wanted(queries[0], 10))
    rows = iter(queries)
    took = times(lambda: rank(collection, Wanted(next(rows), 10)), len(queries))
    rankings = [rank(collection, Wanted(query, 10)) for query in queries]
    return {"hnsw_p50_ms": took["p50"], "hnsw_recall_shown": first.recall or 0.0}, rankings


def exact(collection: Collection, queries: Vectors) -> tuple[dict[str, float], list[Ranking]]:
    """Compare all."""
    rankings = [rank(collection, Wanted(query, 10)) for query in queries]
    rows = iter(queries)
    took = times(lambda: rank(collection, Wanted(next(rows), 10)), len(queries))
    (_, matrix), *_ = collection.blocks()
    bare = times(lambda: np.argpartition(matrix @ queries[0], -10), 50)
    return {"exact_p50_ms": took["p50"], "bare_p50_ms": bare["p50"]}, rankings


def share(found: Ranking, true: Ranking) -> float:
    """Return which share of the true ten the index found, equal ones being as good."""
    tenth = true.near[-1].similarity
    return sum(near.similarity >= tenth - 1e-6 for near in found.near) / len(true.near)


def fill(store: Store, own: Vectors, size: int) -> None:
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
        passages = [Passage(str(i), "/benchmark", int(i), f"passage {i}", int(i), int(i) + 1) for i in numbers]
        keys = [str(i).encode() for i in numbers]
        store.put(collection, [Record(p, k) for p, k in zip(passages, keys, strict=True)], keys, rows, 0)
    store.finish_source(collection, "/benchmark", "benchmark", size)


if __name__ == "__main__":
    main()
