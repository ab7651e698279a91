"""Writes a collection anew: its index, or with another embedder its vectors, too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from search.embedders.base import Embedder
from search.errors import InvalidInputError
from search.heard import Heard, unheard
from search.prices import LISTED, Prices
from search.store.collection import Collection
from search.store.ledger import vector_key
from search.store.pending import Pending
from search.store.store import Store

WINDOW = 1_024
"""Texts that are embedded and committed together."""


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What was done."""

    collection: str
    embedder: str
    was: str
    """The embedder before."""
    passages: int
    embedded: int
    tokens: int
    cost_usd: float


def reindex(
    store: Store,
    embedder: Embedder,
    collection: str,
    prices: Prices = LISTED,
    heard: Heard = unheard,
) -> Reindexed:
    """Bring a collection to an embedder. Until all of it is there, the collection stays as it was.

    Vectors are committed as they come, so that a run that was interrupted is taken up where it stood.

    :raises EmbeddingError: When the embedder fails; what was committed before stays.
    """
    before = store.collection(collection)
    work = _Work(store, embedder, prices, heard, len(before))
    while True:
        if before.embedder != embedder.id:
            work.embed(before, embedder.id)
        if store.renew(before, embedder.id, embedder.dimension):
            return work.done(collection, before.embedder)


def embed_again(
    store: Store, embedder: Embedder, collection: str, prices: Prices = LISTED, heard: Heard = unheard
) -> Reindexed:
    """Embed all texts once more with the embedder that they have, for one that has changed under its name.

    Those of all its collections, since texts that several have share a vector, and are to be comparable. Until all are
    there, each stays as it was. A run that was interrupted is taken up where it stood on the same day; later, the
    embedder may have changed again.

    :raises InvalidInputError: When the collection has another embedder.
    :raises EmbeddingError: When the embedder fails; what was committed before stays.
    """
    was = store.collection(collection).embedder
    if was != embedder.id:
        raise InvalidInputError(
            f"{collection!r} is of {was}, and not of {embedder.id}: pass --embedder {was}, or leave out --fresh"
        )
    draft = f"{embedder.id} of {datetime.now(UTC).date().isoformat()}"
    work = _Work(store, embedder, prices, heard, sum(map(len, _of(store, embedder.id))))
    while True:
        for each in _of(store, embedder.id):
            work.embed(each, draft)
        if store.replace(embedder.id, embedder.dimension, draft):
            return work.done(collection, was)


def _of(store: Store, embedder: str) -> Sequence[Collection]:
    return [each for each in store.all() if each.embedder == embedder]


@dataclass(slots=True)
class _Work:
    """What is embedded, and what it takes."""

    store: Store
    embedder: Embedder
    prices: Prices
    heard: Heard
    passages: int
    embedded: int = 0
    tokens: int = 0

    def embed(self, collection: Collection, name: str) -> None:
        """Embed the texts of a collection that have no vector yet under a name of an embedder."""
        for texts in self._lacking(collection, name):
            vectors = self.embedder.embed_documents(texts)
            tokens = sum(min(self.embedder.count_tokens(text), self.embedder.max_tokens) for text in texts)
            keys = [vector_key(name, text) for text in texts]
            self.store.put(collection, [], keys, vectors, tokens, self._cost(tokens))
            self.tokens += tokens
            self.embedded += len(texts)
            self.heard(self.embedded, self.passages)

    def done(self, collection: str, was: str) -> Reindexed:
        """Return what was done."""
        cost = self._cost(self.tokens)
        return Reindexed(collection, self.embedder.id, was, self.passages, self.embedded, self.tokens, cost)

    def _cost(self, tokens: int) -> float:
        return self.prices.cost(self.embedder.id, tokens)

    def _lacking(self, collection: Collection, name: str) -> Iterator[list[str]]:
        """Yield the texts that have none, each once if all of a page have one when the next is asked for."""
        pending, after = Pending(self.store.ledger), -1
        while page := pending.lacking(collection.row.number, name, WINDOW, after):
            after = page[-1][0]
            yield list(dict.fromkeys(text for _, text in page))
