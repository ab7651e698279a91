"""Writes a collection anew: its index, or with another embedder its vectors, too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from search.embedders.base import Embedder
from search.errors import InvalidInputError
from search.heard import Heard, unheard
from search.prices import LISTED, Prices
from search.store.collection import Collection
from search.store.drift import SAMPLE, count_changed, sample
from search.store.ledger import vector_key
from search.store.pending import REPLACED, Pending
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
    """That the collection has."""
    embedded: int
    """Texts, those of other collections among them where all of an embedder's are embedded again."""
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

    :raises ReplicaError: When it is not for this process to write; nothing was embedded then.
    :raises EmbeddingError: When the embedder fails; what was committed before stays.
    """
    store.require_own()
    before = store.collection(collection)
    work = _Work(store, embedder, prices, heard, len(before))
    while True:
        if before.embedder != embedder.id:
            work.embed(before, embedder.id)
        if store.renew(before, embedder.id, embedder.dimension):
            return work.done(before, before.embedder)


def embed_again(
    store: Store, embedder: Embedder, collection: str, prices: Prices = LISTED, heard: Heard = unheard
) -> Reindexed:
    """Embed all texts once more with the embedder that they have, for one that has changed under its name.

    Those of all its collections, since texts that several have share a vector, and are to be comparable. Until all are
    there, each stays as it was. A run that was interrupted is taken up where it stood on the same day, if the embedder
    still gives what it gave then.

    :raises ReplicaError: When it is not for this process to write; nothing was embedded then.
    :raises InvalidInputError: When the collection has another embedder.
    :raises EmbeddingError: When the embedder fails; what was committed before stays.
    """
    store.require_own()
    asked = store.collection(collection)
    was = asked.embedder
    if was != embedder.id:
        raise InvalidInputError(
            f"{collection!r} is of {was}, and not of {embedder.id}: pass --embedder {was}, or leave out --fresh"
        )
    draft = f"{embedder.id} of {datetime.now(UTC).date().isoformat()}"
    work = _Work(store, embedder, prices, heard, sum(map(len, _of(store, embedder.id))))
    if _is_replaced(store, embedder, draft):
        return work.done(asked, was)
    _discard_others(store, embedder, draft)
    while True:
        for each in _of(store, embedder.id):
            work.embed(each, draft)
        if store.replace(embedder.id, embedder.dimension, draft):
            return work.done(asked, was)


def _is_replaced(store: Store, embedder: Embedder, draft: str) -> bool:
    """Finish a run that broke off when all was replaced and the index not yet written.

    :return: False where there is none, and where the model gives something else again by now.
    """
    if store.ledger.fact(REPLACED) != draft:
        return False
    store.finish_replacing()
    return not any(count_changed(embedder, sample(store.ledger, each.row)) for each in _of(store, embedder.id))


def _discard_others(store: Store, embedder: Embedder, draft: str) -> None:
    """Discard what a run that broke off had of a model that gives something else by now."""
    pending = Pending(store.ledger)
    collections = _of(store, embedder.id)
    if any(count_changed(embedder, pending.drafts(each.row.number, draft, SAMPLE)) for each in collections):
        for each in collections:
            pending.discard(each.row.number, draft)


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

    def done(self, collection: Collection, was: str) -> Reindexed:
        """Return what was done."""
        size = self.store.ledger.size(collection.row.number)
        cost = self._cost(self.tokens)
        return Reindexed(collection.name, self.embedder.id, was, size, self.embedded, self.tokens, cost)

    def _cost(self, tokens: int) -> float:
        return self.prices.cost(self.embedder.id, tokens)

    def _lacking(self, collection: Collection, name: str) -> Iterator[list[str]]:
        """Yield the texts that have none, each once if all of a page have one when the next is asked for."""
        pending, after = Pending(self.store.ledger), -1
        while page := pending.lacking(collection.row.number, name, WINDOW, after):
            after = page[-1][0]
            yield list(dict.fromkeys(text for _, text in page))
