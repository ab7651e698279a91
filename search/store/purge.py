"""Removes a source so that nothing of it is left in any file of the data folder."""

from dataclasses import dataclass

from search.errors import SourceNotFoundError
from search.store.store import Store


@dataclass(frozen=True, slots=True)
class Purged:
    """What is gone."""

    source: str
    collections: tuple[str, ...]
    passages: int
    vectors: int
    """Those that no other passage uses, left-overs of earlier removals among them."""


def purge(store: Store, source: str, collection: str | None = None) -> Purged:
    """Remove a source's texts and vectors, from one collection or from all.

    Once its first transaction is committed, the rest is made up for by the next process that opens the folder.

    :raises SourceNotFoundError: When no collection has it.
    """
    names = [collection] if collection else store.names()
    having = tuple(name for name in names if source in store.digests(store.collection(name)))
    # Of one that has left since, answers may be there, and what is in free pages.
    having = having or tuple(store.conversations.resting_on(source, names))
    if not having:
        raise SourceNotFoundError(source)
    passages, vectors = store.purge_source(source, having)
    return Purged(source, having, passages, vectors)
