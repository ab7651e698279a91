"""The verbs that every surface calls."""

import time
from collections.abc import Sequence
from functools import cached_property
from threading import RLock
from types import TracebackType
from typing import Self
from weakref import WeakKeyDictionary

from search.embedders.base import Embedder, open_embedder
from search.errors import InvalidInputError
from search.latent.map import LatentMap, draw
from search.retrieve.caution import Caution, cautions
from search.retrieve.dense import nearest
from search.retrieve.scale import Scale, measure
from search.settings import Settings
from search.store.collection import Collection
from search.store.store import Store
from search.tokens import Tokens, tokenize
from search.types import CollectionInfo, Comparison, Hit, HitList, PairCaution, Passage, Vector
from search.vectors import cosine_matrix

MOST_HITS = 1_000
MOST_TEXTS = 200
DEFAULT_COLLECTION = "notes"
NEAR = 0.5
"""Below this cosine nobody takes a passage to say what the query says, so no caution is needed."""
_CAUTION_CHARACTERS = 300
"""A longer passage says more than its query, so that the rules for pairs do not apply to it."""


class Service:
    """A data folder and an embedder, each opened when it is first needed."""

    def __init__(self, settings: Settings, command: str) -> None:
        self.settings = settings
        self._command = command
        self._opening = RLock()
        self._scales: WeakKeyDictionary[Collection, Scale] = WeakKeyDictionary()
        self._maps: WeakKeyDictionary[Collection, LatentMap] = WeakKeyDictionary()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the data folder back, if it was opened."""
        with self._opening:
            if "_store" in self.__dict__:
                self.__dict__.pop("_store").close()

    @property
    def store(self) -> Store:
        """The open data folder.

        :raises StoreBusyError: When another process has it.
        """
        with self._opening:
            return self._store

    @property
    def embedder(self) -> Embedder:
        """The configured embedder."""
        with self._opening:
            return self._embedder

    def search(self, query: str, collection: str | None = None, k: int = 10) -> HitList:
        """Return the k passages nearest to a query.

        :raises InvalidInputError: For an empty query, or a k below 1 or above 1,000.
        """
        _check_k(k)
        _check_text(query)
        started = time.perf_counter()
        found = self._collection(collection, for_embedding=True)
        return self._ranked(query, query, found, self.embedder.embed_query(query), k, started)

    def similar(self, passage_id: str, collection: str | None = None, k: int = 10) -> HitList:
        """Return the k passages nearest to a stored one, itself left out.

        :raises PassageNotFoundError: When there is no such passage.
        """
        _check_k(k)
        started = time.perf_counter()
        found = self._collection(collection)
        of = found.get(passage_id)
        return self._ranked(passage_id, of.passage.text, found, of.vector, k, started, without=of.number)

    def get(self, passage_id: str, collection: str | None = None) -> Passage:
        """Return a stored passage.

        :raises PassageNotFoundError: When there is no such passage.
        """
        return self._collection(collection).get(passage_id).passage

    def compare(self, texts: Sequence[str]) -> Comparison:
        """Return the cosine of each text with each.

        :raises InvalidInputError: For fewer than two texts, more than 200, or an empty one.
        """
        if not 2 <= len(texts) <= MOST_TEXTS:  # noqa: PLR2004 - a pair
            raise InvalidInputError(f"compare takes 2 to {MOST_TEXTS} texts, not {len(texts)}")
        for text in texts:
            _check_text(text)
        matrix = cosine_matrix(self.embedder.embed_documents(texts))
        found = tuple(
            PairCaution(a, b, caution.kind, caution.why)
            for a in range(len(texts))
            for b in range(a + 1, len(texts))
            for caution in _cautions(texts[a], texts[b])
        )
        return Comparison(self.embedder.id, tuple(texts), tuple(map(tuple, matrix.tolist())), found)

    def tokens(self, text: str, model: str | None = None) -> Tokens:
        """Return the tokens of a text, as a model sees them; the configured embedder's by default."""
        _check_text(text)
        return tokenize(text, model or self.settings.embedder, self.settings)

    def map(self, collection: str | None = None) -> LatentMap:
        """Return the map of a collection, drawn once for as long as it does not change."""
        found = self._collection(collection)
        if found not in self._maps:
            self._maps[found] = draw(found)
        return self._maps[found]

    def collections(self) -> list[CollectionInfo]:
        """Return all collections."""
        return [self.store.collection(name).info() for name in self.store.names()]

    def show(self, collection: str | None = None) -> CollectionInfo:
        """Return one collection."""
        return self._collection(collection).info()

    def drop(self, collection: str) -> CollectionInfo:
        """Remove a collection, and return what it was."""
        info = self.show(collection)
        self.store.drop(collection)
        return info

    def resolve(self, collection: str | None) -> str:
        """Return the collection that is meant when none is named: the only one there is, else `notes`."""
        names = self.store.names()
        if collection is not None:
            return collection
        return names[0] if len(names) == 1 else DEFAULT_COLLECTION

    def _collection(self, name: str | None, *, for_embedding: bool = False) -> Collection:
        return self.store.collection(self.resolve(name), self.embedder.id if for_embedding else None)

    def _ranked(
        self,
        query: str,
        text: str,
        collection: Collection,
        vector: Vector,
        k: int,
        started: float,
        *,
        without: int | None = None,
    ) -> HitList:
        near = nearest(collection, vector, k, without=without)
        passages = collection.read([n.number for n in near])
        scale = self._scale(collection)
        hits = tuple(
            _hit(rank, text, passages[n.number], n.similarity, scale)
            for rank, n in enumerate((n for n in near if n.number in passages), start=1)
        )
        took_ms = (time.perf_counter() - started) * 1000
        return HitList(query, "dense", exact=True, recall=1.0, embedder=collection.embedder, hits=hits, took_ms=took_ms)

    def _scale(self, collection: Collection) -> Scale:
        if collection not in self._scales:
            self._scales[collection] = measure(collection)
        return self._scales[collection]

    @cached_property
    def _store(self) -> Store:
        return Store(self.settings.data, self.settings.exact_bytes, self._command)

    @cached_property
    def _embedder(self) -> Embedder:
        return open_embedder(self.settings.embedder, self.settings)


def _hit(rank: int, query: str, p: Passage, similarity: float, scale: Scale) -> Hit:
    percentile = scale.percentile(similarity)
    found = _cautions(query, p.text) if similarity >= NEAR else ()
    return Hit(rank, p.id, p.source, p.text, similarity, percentile, p.metadata, p.start, p.end, found)


def _cautions(a: str, b: str) -> tuple[Caution, ...]:
    return tuple(cautions(a, b)) if max(len(a), len(b)) <= _CAUTION_CHARACTERS else ()


def _check_k(k: int) -> None:
    if not 1 <= k <= MOST_HITS:
        raise InvalidInputError(f"k must be from 1 to {MOST_HITS:,}, not {k:,}")


def _check_text(text: str) -> None:
    if not text.strip():
        raise InvalidInputError("there is no text: give one that is not empty")
