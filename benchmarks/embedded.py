"""Texts that benchmarks embed once and keep, since embedding is not what they measure."""

import csv
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.report import TESTDATA
from search.embedders.local import LocalEmbedder
from search.service import Service
from search.settings import Settings
from search.store.ledger import Record, vector_key
from search.types import Passage, Vectors

FOLDER = Path(os.environ.get("NEARHOOD_MAPS", Path(tempfile.gettempdir()) / f"nearhood-maps-{os.getuid()}"))
"""Keeps the vectors, so that a second run embeds nothing."""
NAME = "benchmark"
"""Of the collection that texts are kept in."""
SEED = 0

Labelled = tuple[list[str], list[str]]
"""Texts, and what each is."""


def vectors(name: str, texts: Sequence[str]) -> Vectors:
    """Return a unit row for each text; of texts that begin as a kept list does, only the others are embedded."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    file = FOLDER / f"{name}.npy"
    embedder = LocalEmbedder("", Settings.from_environment())
    known: Vectors = np.load(file) if file.is_file() else np.empty((0, embedder.dimension), dtype=np.float32)
    if len(known) < len(texts):
        known = np.concatenate([known, embedder.embed_documents(list(texts[len(known) :]))])
        np.save(file, known)
    return known[: len(texts)]


def glosses(n: int) -> tuple[list[str], Vectors]:
    """Return so many of WordNet's glosses, in an order that a seed makes up."""
    from benchmarks.ingest import read_glosses

    every = read_glosses()
    chosen = np.random.default_rng(SEED).permutation(len(every))[:n].tolist()
    texts = [every[i] for i in chosen]
    return texts, vectors("glosses", texts)


def bbc() -> Labelled:
    """Return BBC's news and their folders."""
    files = sorted((TESTDATA / "bbcnews" / "data_files").rglob("*.txt"))
    return [file.read_text("utf-8", "replace") for file in files], [file.parent.name for file in files]


def categories() -> Labelled:
    """Return words and the lists that they are from."""
    pairs = []
    for file in sorted((TESTDATA / "categories").rglob("*.json")):
        values = next(v for v in json.loads(file.read_text(encoding="utf-8")).values() if isinstance(v, list))
        pairs += [(v if isinstance(v, str) else str(v.get("name") or v), file.stem) for v in values]
    return [text for text, _ in pairs], [kind for _, kind in pairs]


def banking(part: str) -> Labelled:
    """Return Banking77's questions of a part, `train` or `test`, and what each is about."""
    with (TESTDATA / "banking77" / f"{part}.csv").open(encoding="utf-8", newline="") as file:
        pairs = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    return [text for text, _ in pairs], [label for _, label in pairs]


def fill(service: Service, ids: Sequence[str], texts: Sequence[str], rows: Vectors) -> None:
    """Keep texts and their vectors in a collection, as an ingest does; equal texts have one vector."""
    made = service.store.create(NAME, service.embedder.id, rows.shape[1])
    service.store.begin_source(made, "texts.txt")
    records = [
        Record(Passage(passage_id, "texts.txt", i, text, 0, len(text)), vector_key(service.embedder.id, text))
        for i, (passage_id, text) in enumerate(zip(ids, texts, strict=True))
    ]
    first = {record.key: i for i, record in reversed(list(enumerate(records)))}
    service.store.put(made, records, list(first), rows[list(first.values())], tokens=0)
