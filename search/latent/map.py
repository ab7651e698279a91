"""A latent map: the passages of a collection, placed in the plane."""

from dataclasses import dataclass

import numpy as np

from search.latent.projections import trustworthiness
from search.registry import PROJECTIONS
from search.store.collection import Collection

MOST_POINTS = 2_000
"""A larger collection is drawn by a sample, evenly spread over it."""


@dataclass(frozen=True, slots=True)
class Point:
    """A passage and its place."""

    id: str
    x: float
    y: float
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class LatentMap:
    """Places of passages, and how far neighbours on the map can be taken for neighbours in meaning."""

    method: str
    seed: int
    embedder: str
    trustworthiness: float | None
    """Over 10 neighbours, 0 to 1; None for fewer than 21 points."""
    passages: int
    """Passages of the collection, of which `points` are all or a sample."""
    points: tuple[Point, ...]


def draw(collection: Collection, method: str = "tsne", seed: int = 0) -> LatentMap:
    """Draw a map of a collection.

    :raises UnknownNameError: For a method that no table has.
    """
    project = PROJECTIONS.load(method)
    blocks = list(collection.blocks())
    if not blocks:
        return LatentMap(method, seed, collection.embedder, None, 0, ())
    chosen = np.linspace(0, len(collection) - 1, min(len(collection), MOST_POINTS)).astype(np.int64)
    numbers = np.concatenate([n for n, _ in blocks])[chosen]
    vectors = np.concatenate([rows for _, rows in blocks])[chosen]
    coords = project(vectors, seed)
    passages = collection.read(numbers.tolist())
    points = tuple(
        Point(passages[n].id, float(x), float(y), passages[n].text, passages[n].source)
        for n, (x, y) in zip(numbers.tolist(), coords, strict=True)
        if n in passages
    )
    trust = trustworthiness(vectors, coords)
    return LatentMap(method, seed, collection.embedder, trust, len(collection), points)
