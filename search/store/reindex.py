"""Writes a collection anew: its index, or with another embedder its vectors, too."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from search.embedders.base import Embedder
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
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Reindexed:
    """Bring a collection to an embedder. Until all of it is there, the collection stays as it was.

    Vectors are committed as they come, so that a run that was interrupted is taken up where it stood.

    :param progress: Called with how many texts were embedded, and of how many passages.
    :raises EmbeddingError: When the embedder fails; what was committed before stays.
    """
    before = store.collection(collection)
    embedded = tokens = 0
    while True:
        for texts in _lacking(store, before, embedder):
            tokens += _embed(store, before, embedder, texts, prices)
            embedded += len(texts)
            progress(embedded, len(before))
        if store.renew(before, embedder.id, embedder.dimension):
            break
    cost = prices.cost(embedder.id, tokens)
    return Reindexed(collection, embedder.id, before.embedder, len(before), embedded, tokens, cost)


def _lacking(store: Store, collection: Collection, embedder: Embedder) -> Iterator[list[str]]:
    """Yield the texts that have no vector yet, each once if all of a page have one when the next is asked for."""
    pending, after = Pending(store.ledger), -1
    if embedder.id == collection.embedder:
        return
    while page := pending.lacking(collection.row.number, embedder.id, WINDOW, after):
        after = page[-1][0]
        yield list(dict.fromkeys(text for _, text in page))


def _embed(store: Store, collection: Collection, embedder: Embedder, texts: list[str], prices: Prices) -> int:
    vectors = embedder.embed_documents(texts)
    tokens = sum(min(embedder.count_tokens(text), embedder.max_tokens) for text in texts)
    keys = [vector_key(embedder.id, text) for text in texts]
    store.put(collection, [], keys, vectors, tokens, prices.cost(embedder.id, tokens))
    return tokens
