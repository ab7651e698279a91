"""The hubs of a collection by name: which passages stand in the most lists of nearest, and whether any stand out."""

from dataclasses import dataclass

import numpy as np

from search.retrieve.known import Known
from search.store.collection import Collection


@dataclass(frozen=True, slots=True)
class Hub:
    """A passage with the number of lists that it stands in."""

    rank: int
    """From 1."""
    id: str
    source: str
    text: str
    lists: int
    """In how many passages' lists of ten nearest it stands; ten on average."""


@dataclass(frozen=True, slots=True)
class HubList:
    """The hubs of a collection."""

    collection: str
    embedder: str
    passages: int
    looked_at: int
    """Lists that were counted; where they are fewer than the passages, `lists` are estimates."""
    skewness: float | None
    """Of the counts: 0 when all stand in as many lists, above 1 where hubs take over; None where too few lists were
    looked at to say."""
    nowhere: float | None
    """Share of the passages that stand in no list, 0 to 1; None where not all lists were looked at."""
    hubs: tuple[Hub, ...]


def most_listed(collection: Collection, k: int, known: Known) -> HubList:
    """Return the k passages that stand in the most lists of nearest."""
    found = known.hubs(collection)
    counts = found.lists.values
    best = np.argsort(-counts, kind="stable")[:k]
    numbers, lists = found.lists.numbers[best].tolist(), counts[best].tolist()
    passages = collection.read(numbers)
    there = [(passages[number], count) for number, count in zip(numbers, lists, strict=True) if number in passages]
    return HubList(
        collection=collection.name,
        embedder=collection.embedder,
        passages=len(counts),
        looked_at=found.looked_at,
        skewness=found.skewness,
        nowhere=None if found.looked_at < len(counts) else float(np.mean(counts == 0)) if len(counts) else 0.0,
        hubs=tuple(Hub(rank, p.id, p.source, p.text, count) for rank, (p, count) in enumerate(there, start=1)),
    )
