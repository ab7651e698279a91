"""Draws the same passages by each method, and says how far each can be believed."""

import time
from dataclasses import dataclass

import numpy as np

from search.errors import NotConfiguredError
from search.heard import Heard, Stages, unheard_stages
from search.latent.fitted import Wish
from search.latent.neighbours import neighbours
from search.latent.projections import Projection
from search.latent.rows import passages, rows, sampled
from search.latent.trust import Shares, kept, measure
from search.registry import PROJECTIONS
from search.store.collection import Collection
from search.types import Coords

METHODS = ("pca", "tsne", "umap")


@dataclass(frozen=True, slots=True)
class Method:
    """A way to draw, and what became of the neighbourhoods."""

    method: str
    trustworthiness: float | None
    continuity: float | None
    knn_recall: float | None
    seconds: float
    """Of the layout alone: all have the same neighbours."""
    coords: Coords
    shares: Shares


@dataclass(frozen=True, slots=True)
class Compared:
    """The same passages, drawn by each method."""

    collection: str
    passages: int
    """Of the collection, of which `ids` are all or a sample."""
    seed: int
    neighbours_seconds: float
    methods: tuple[Method, ...]
    missing: tuple[str, ...]
    """Why a method is not among them."""
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    sources: tuple[str, ...]


def compare(
    collection: Collection, seed: int = 0, sample: int | None = None, threads: int = 1, heard: Stages = unheard_stages
) -> Compared:
    """Return maps of a collection by PCA, t-SNE and UMAP, as far as they are installed; none is kept.

    :raises InvalidInputError: For a seed or a sample that is none.
    """
    wish = Wish(seed=seed, sample=sample)
    every = rows(collection)
    some = sampled(every, wish.sample, wish.seed)
    started = time.perf_counter()
    near = neighbours(some.vectors, heard=_named(heard, "neighbours"), threads=threads)
    took = time.perf_counter() - started
    found, missing = [], []
    for name in METHODS:
        project: Projection = PROJECTIONS.load(name)
        started = time.perf_counter()
        try:
            coords = project(some.vectors, seed, near=near, heard=_named(heard, name), threads=threads)
        except NotConfiguredError as error:
            missing.append(str(error))
            continue
        seconds = time.perf_counter() - started
        shares = kept(near, coords)
        trust = measure(some.vectors, coords, shares)
        measures = trust.trustworthiness, trust.continuity, trust.knn_recall
        found.append(Method(name, *measures, seconds, coords.astype(np.float32), shares))
    read = passages(collection, some.numbers)
    texts = tuple(read[n].text if n in read else "" for n in some.numbers.tolist())
    sources = tuple(read[n].source if n in read else "" for n in some.numbers.tolist())
    return Compared(collection.name, every.total, seed, took, tuple(found), tuple(missing), some.ids, texts, sources)


def _named(heard: Stages, name: str) -> Heard:
    return lambda done, total: heard(name, done, total)
