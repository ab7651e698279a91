"""Puts texts where the search can be tried on them, and takes them away again; their vectors stay for the next time."""

import contextlib
import secrets
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from search.embedders.base import Embedder
from search.store.collection import Collection
from search.store.ledger import Record, vector_key
from search.store.store import Store
from search.types import Passage, Vectors

WINDOW = 1_024
"""Texts that are embedded and committed together."""
_SOURCE = "evaluation"
_NO_COLLECTION = 0
"""A number that no collection has: vectors alone are kept under it."""

Heard = Callable[[int, int], None]
"""Called with how many texts are embedded, and of how many."""


class _DoneError(Exception):
    """Ends a transaction of which nothing is to stay."""


class Shelf:
    """A store and an embedder, and how many texts had to be embedded."""

    def __init__(self, store: Store, embedder: Embedder, heard: Heard = lambda *_: None) -> None:
        self.store = store
        self.embedder = embedder
        self.embedded = 0
        self._heard = heard

    @contextlib.contextmanager
    def collection(self, passages: Sequence[tuple[str, str]]) -> Iterator[Collection]:
        """Yield a collection of ids and texts that no other thread or process sees, and that is gone afterwards.

        It is never committed, so that a kill leaves nothing of it in the ledger, and Chroma never hears of it.
        """
        keys = [vector_key(self.embedder.id, text) for _, text in passages]
        self._embed(keys, [text for _, text in passages], self.embedder.embed_documents)
        with self._filled(passages, keys) as made:
            yield made

    def documents(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each text, as of a document."""
        return self._rows(texts, [vector_key(self.embedder.id, text) for text in texts], self.embedder.embed_documents)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each text, as of a query."""
        # Apart from those of documents, since some models embed the two in different ways.
        keys = [vector_key(f"query\0{self.embedder.id}", text) for text in texts]
        return self._rows(texts, keys, lambda some: np.stack([self.embedder.embed_query(text) for text in some]))

    def _rows(self, texts: Sequence[str], keys: Sequence[bytes], embed: Callable[[list[str]], Vectors]) -> Vectors:
        self._embed(keys, texts, embed)
        with self._filled([(str(i), text) for i, text in enumerate(texts)], keys) as made:
            return np.concatenate([rows for _, rows in made.blocks()])

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

    @contextlib.contextmanager
    def _filled(self, passages: Sequence[tuple[str, str]], keys: Sequence[bytes]) -> Iterator[Collection]:
        with contextlib.suppress(_DoneError), self.store.all_or_nothing():
            made = self._filled_now(passages, keys)
            try:
                yield made
            finally:
                made.derived.remove()
            raise _DoneError

    def _filled_now(self, passages: Sequence[tuple[str, str]], keys: Sequence[bytes]) -> Collection:
        made = self.store.create(f"evaluation.{secrets.token_hex(8)}", self.embedder.id, self.embedder.dimension)
        self.store.begin_source(made, _SOURCE)
        records = [
            Record(Passage(id_, _SOURCE, position, text, 0, len(text)), key)
            for position, ((id_, text), key) in enumerate(zip(passages, keys, strict=True))
        ]
        nothing = np.empty((0, self.embedder.dimension), dtype=np.float32)
        self.store.put(made, records, (), nothing, tokens=0)
        return self.store.collection(made.name)
