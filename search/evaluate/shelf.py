"""Puts texts where the search can be tried on them, and takes them away again; their vectors stay for the next time."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from search.embedders.base import Embedder
from search.heard import Heard, unheard
from search.store.collection import Collection
from search.store.held import ASIDE
from search.store.ledger import Record, vector_key
from search.store.store import Store
from search.types import Passage, Vectors

WINDOW = 1_024
"""Texts that are embedded and committed together."""
_SOURCE = "evaluation"
_NO_COLLECTION = 0
"""A number that no collection has: vectors alone are kept under it."""


class Shelf:
    """A store and an embedder, and how many texts had to be embedded."""

    def __init__(self, store: Store, embedder: Embedder, heard: Heard = unheard) -> None:
        self.store = store
        self.embedder = embedder
        self.embedded = 0
        self._heard = heard

    @contextlib.contextmanager
    def collection(self, passages: Sequence[tuple[str, str]]) -> Iterator[Collection]:
        """Yield a collection of ids and texts that nobody else sees, and that is gone afterwards.

        It stands in a store of its own, so that nobody waits for the ledger meanwhile, and Chroma never hears of it.
        What a kill leaves of it, the next who opens the data folder removes.
        """
        keys = [vector_key(self.embedder.id, text) for _, text in passages]
        rows = self._rows([text for _, text in passages], keys, self.embedder.embed_documents)
        with (
            tempfile.TemporaryDirectory(dir=self.store.folder, prefix=ASIDE, ignore_cleanup_errors=True) as folder,
            Store(Path(folder), self.store.exact_bytes, "evaluation") as aside,
        ):
            yield self._filled(aside, passages, keys, rows)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each text, as of a document."""
        return self._rows(texts, [vector_key(self.embedder.id, text) for text in texts], self.embedder.embed_documents)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each text, as of a query."""
        # Apart from those of documents, since some models embed the two in different ways.
        keys = [vector_key(f"query\0{self.embedder.id}", text) for text in texts]
        return self._rows(texts, keys, lambda some: np.stack([self.embedder.embed_query(text) for text in some]))

    def _rows(self, texts: Sequence[str], keys: Sequence[bytes], embed: Callable[[list[str]], Vectors]) -> Vectors:
        self._embed(keys, texts, embed)
        found = self.store.ledger.vectors_by_key(list(dict.fromkeys(keys)))
        if not found.keys() >= {*keys}:
            # Purged as soon as they were there, since no passage uses them.
            return self._rows(texts, keys, embed)
        return np.frombuffer(b"".join(found[key] for key in keys), dtype="<f4").reshape(-1, self.embedder.dimension)

    def _embed(self, keys: Sequence[bytes], texts: Sequence[str], embed: Callable[[list[str]], Vectors]) -> None:
        missing = self.store.missing(keys)
        lacking = {key: text for key, text in zip(keys, texts, strict=True) if key in missing}
        for start in range(0, len(lacking), WINDOW):
            some = dict(list(lacking.items())[start : start + WINDOW])
            rows = np.ascontiguousarray(embed(list(some.values())), dtype="<f4")
            self.store.ledger.put(
                _NO_COLLECTION, (), {key: row.tobytes() for key, row in zip(some, rows, strict=True)}, 0, 0.0
            )
            self.embedded += len(some)
            self._heard(start + len(some), len(lacking))

    def _filled(
        self, aside: Store, passages: Sequence[tuple[str, str]], keys: Sequence[bytes], rows: Vectors
    ) -> Collection:
        made = aside.create(_SOURCE, self.embedder.id, self.embedder.dimension)
        aside.begin_source(made, _SOURCE)
        records = [
            Record(Passage(id_, _SOURCE, position, text, 0, len(text)), key)
            for position, ((id_, text), key) in enumerate(zip(passages, keys, strict=True))
        ]
        aside.put(made, records, keys, rows, tokens=0)
        return aside.collection(made.name)
