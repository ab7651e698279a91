"""Puts passages of one collection into a new one, with their vectors: nothing is embedded."""

from collections.abc import Sequence

import numpy as np

from search.errors import InvalidInputError, PassageNotFoundError
from search.store.collection import Collection
from search.store.ledger import Record, vector_key
from search.store.store import Store, check_name
from search.types import Passage

PAGE = 1_000
PARTIAL = "a part of it"
"""Digest of a source of which only some passages were copied: an ingest of the file reads it anew."""


def copy(store: Store, collection: Collection, ids: Sequence[str], name: str) -> Collection:
    """Return a new collection of some passages of another one: of all of them, or none is made.

    :raises InvalidInputError: For no passages, a bad name, or that of a collection that there is.
    :raises PassageNotFoundError: When one of them is not there.
    """
    check_name(name)
    if name in store.names():
        raise InvalidInputError(f"there is a collection {name!r} already: take another name")
    if not ids:
        raise InvalidInputError("no passages were chosen: choose one or more")
    with store.all_or_nothing():
        target = store.create(name, collection.embedder, collection.dimension)
        sizes: dict[str, int] = {}
        for start in range(0, len(ids), PAGE):
            passages = _passages(collection, ids[start : start + PAGE])
            for source in {p.source for p in passages} - sizes.keys():
                store.begin_source(target, source)
            sizes |= {p.source: max(p.position + 1, sizes.get(p.source, 0)) for p in sorted(passages, key=_position)}
            _put(store, collection, target, passages)
        for source, size in sizes.items():
            store.finish_source(target, source, PARTIAL, size)
    store.update_index()
    return store.collection(name)


def _passages(collection: Collection, ids: Sequence[str]) -> list[Passage]:
    numbers = collection.numbers(ids)
    gone = next((passage_id for passage_id in ids if passage_id not in numbers), None)
    if gone is not None:
        raise PassageNotFoundError(gone, collection.name)
    read = collection.read([numbers[passage_id] for passage_id in ids])
    return list(read.values())


def _put(store: Store, collection: Collection, target: Collection, passages: list[Passage]) -> None:
    records = [Record(p, vector_key(collection.embedder, p.text)) for p in passages]
    missing = store.missing([record.key for record in records])
    new = {record.key: record.passage.id for record in records if record.key in missing}
    numbers = collection.numbers(list(new.values()))
    rows = collection.vectors([numbers[passage_id] for passage_id in new.values()]) if new else None
    none = np.empty((0, target.dimension), dtype=np.float32)
    store.put(target, records, list(new), none if rows is None else rows, tokens=0)


def _position(passage: Passage) -> int:
    return passage.position
