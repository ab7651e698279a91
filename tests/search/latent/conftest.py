"""Collections of vectors that are made up, so that what is true of them is known."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from search.store.collection import Collection
from search.store.ledger import Record, vector_key
from search.store.store import Store
from search.types import MetadataValue, Passage, Vectors
from search.vectors import unit

EMBEDDER = "test:made-up"
Fill = Callable[..., Collection]


def blobs(n: int = 240, groups: int = 4, spread: float = 0.25, d: int = 16, seed: int = 0) -> Vectors:
    """Unit rows around some directions at right angles to each other, group after group."""
    rng = np.random.default_rng(seed)
    middles = np.repeat(np.eye(d)[:groups], n // groups, axis=0)
    return unit(middles + rng.normal(scale=spread, size=(len(middles), d)))


def embed(texts: Sequence[str]) -> Vectors:
    """A unit row for each text, whatever it says, the same one each time."""
    return unit(np.stack([np.random.default_rng(list(text.encode())).normal(size=16) for text in texts]))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store that is closed at the end."""
    with Store(tmp_path / "data", 1 << 30, "test") as store:
        yield store


@pytest.fixture
def fill(store: Store) -> Fill:
    """Put passages into a collection, in the order given, and return it."""

    def fill(
        vectors: Vectors,
        ids: Sequence[str],
        texts: Sequence[str] = (),
        metadata: Sequence[dict[str, MetadataValue]] = (),
        name: str = "notes",
        source: str = "/notes/a.txt",
    ) -> Collection:
        made = store.create(name, EMBEDDER, vectors.shape[1])
        store.begin_source(made, source)
        records = []
        for position, passage_id in enumerate(ids):
            text = texts[position] if texts else f"passage {passage_id}"
            own = metadata[position] if metadata else {}
            passage = Passage(passage_id, source, position, text, 0, len(text), own)
            records.append(Record(passage, vector_key(EMBEDDER, f"{name} {passage_id} {text}")))
        store.put(made, records, [r.key for r in records], vectors, tokens=0)
        return store.collection(name)

    return fill
