"""One query over WordNet's glosses, beside what else can answer it, all on the same vectors.

    .venv-bench/bin/python -m benchmarks.search_peers [--count 100000] [--rounds 5]

The query's embedding is left out everywhere; recall@10 is beside the exact ten.
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import chromadb
import numpy as np
from chromadb.config import Settings as ChromaSettings

from benchmarks.ingest import read_glosses
from benchmarks.report import keep, machine, medians, rounds, table
from search.embedders.local import LocalEmbedder
from search.retrieve.fuse import Wanted, rank
from search.service import Service
from search.settings import Settings
from search.store.ledger import Record
from search.types import Passage, Vectors

K, QUERIES, BATCH = 10, 50, 5_000
Ask: TypeAlias = Callable[[Any], list[int]]


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    settings = Settings.from_environment()
    texts = read_glosses()[: given.count + QUERIES]
    vectors = LocalEmbedder("", settings).embed_documents(texts)
    rows, queries = vectors[:-QUERIES], vectors[-QUERIES:]
    with tempfile.TemporaryDirectory() as folder, Service(replace(settings, data=Path(folder)), "benchmark") as service:
        result = measure(peers(rows, service, Path(folder)), rows, queries, given.rounds)
    packages = ("chromadb", "txtai", "sentence-transformers", "faiss-cpu", "usearch", "numpy")
    found = {"machine": machine(*packages), "rounds": given.rounds, "passages": len(rows), "peers": result}
    keep("search_peers", found)


def measure(asks: dict[str, Ask], rows: Vectors, queries: Vectors, count: int) -> dict[str, dict[str, float]]:
    """Return milliseconds a query and recall@10 of each, asked in turns."""
    exact = [set(np.argsort(-(rows @ query), kind="stable")[:K].tolist()) for query in queries]

    def recall(ask: Ask) -> float:
        return float(np.mean([len(set(ask(q)) & true) / K for q, true in zip(queries, exact, strict=True)]))

    def all_queries(ask: Ask) -> None:
        for query in queries:
            ask(query)

    found = {name: recall(ask) for name, ask in asks.items()}
    runs: dict[str, Callable[[], object]] = {name: partial(all_queries, ask) for name, ask in asks.items()}
    took = medians(rounds(runs, count))
    result = {name: {"ms": 1000 * took[name] / QUERIES, "recall": found[name]} for name in asks}
    lines = [[name, row["ms"], row["recall"]] for name, row in result.items()]
    table(f"{len(rows):,} passages", ["", "ms a query", "recall@10"], lines)
    return result


def peers(rows: Vectors, service: Service, folder: Path) -> dict[str, Ask]:
    """Return what is asked, by name."""
    faiss, usearch = import_module("faiss"), import_module("usearch.index")
    util, embeddings = import_module("sentence_transformers.util"), import_module("txtai").Embeddings
    flat, graph = faiss.IndexFlatIP(rows.shape[1]), faiss.IndexHNSWFlat(rows.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    flat.add(rows)
    graph.add(rows)
    near = usearch.Index(ndim=rows.shape[1], metric="cos")
    near.add(np.arange(len(rows)), rows)
    ready = embeddings({"method": "external", "transform": _rows})
    ready.index((i, row, None) for i, row in enumerate(rows))
    chroma = _chroma(rows, folder / "peer")
    tensor = import_module("torch").from_numpy(rows)
    # All have unit rows, so that the product is the cosine.
    semantic = partial(util.semantic_search, corpus_embeddings=tensor, top_k=K, score_function=util.dot_score)
    ours = _ours(rows, service)
    return {
        "NumPy's bare product": lambda q: np.argpartition(rows @ q, -K)[-K:].tolist(),
        "Nearhood": ours,
        "faiss, flat": lambda q: flat.search(q[None], K)[1][0].tolist(),
        "faiss, HNSW 32": lambda q: graph.search(q[None], K)[1][0].tolist(),
        "usearch": lambda q: near.search(q, K).keys.tolist(),
        "semantic_search": lambda q: [h["corpus_id"] for h in semantic(q[None])[0]],
        "txtai": lambda q: [int(found) for found, _ in ready.search(q, K)],
        "Chroma as it comes": lambda q: [
            int(i) for i in chroma.query(query_embeddings=q[None], n_results=K, include=["distances"])["ids"][0]
        ],
    }


def _rows(given: Any) -> Vectors:
    """Return vectors as rows; txtai takes a function written in Python alone."""
    return np.stack(given)


def _chroma(rows: Vectors, folder: Path) -> Any:
    plain = ChromaSettings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
    client = chromadb.PersistentClient(str(folder), settings=plain)
    made = client.create_collection("peer", embedding_function=None, metadata={"hnsw:space": "cosine"})
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        made.add(ids=[str(start + i) for i in range(len(part))], embeddings=part)
    return made


def _ours(rows: Vectors, service: Service) -> Ask:
    store, embedder = service.store, service.embedder
    made = store.create("glosses", embedder.id, embedder.dimension)
    store.begin_source(made, "/benchmark")
    for start in range(0, len(rows), BATCH):
        numbers = range(start, min(start + BATCH, len(rows)))
        keys = [str(i).encode() for i in numbers]
        passages = [Passage(str(i), "/benchmark", i, f"w{i}", i, i + 1, {}) for i in numbers]
        records = [Record(p, key) for p, key in zip(passages, keys, strict=True)]
        store.put(made, records, keys, rows[start : start + BATCH], 0)
    store.finish_source(made, "/benchmark", "benchmark", len(rows))
    collection = store.collection("glosses")
    first = rank(collection, Wanted(rows[0], 1)).near[0].number
    return lambda q: [found.number - first for found in rank(collection, Wanted(q, K)).near]


if __name__ == "__main__":
    main()
