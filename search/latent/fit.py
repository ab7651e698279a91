"""Fits a map: neighbours, layout, trust, clusters, and what happens to points that are left out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from search.heard import Heard, Stages, unheard_stages
from search.latent.align import Moved, aligned
from search.latent.clusters import merges
from search.latent.fitted import Facts, Fitted, Wish
from search.latent.labels import OwnEmbed
from search.latent.naming import clustered, shared
from search.latent.neighbours import neighbours
from search.latent.place import calibrated
from search.latent.projections import Projection
from search.latent.rows import Rows
from search.latent.trust import WOBBLED, kept, measure, wobble
from search.registry import PROJECTIONS
from search.types import Coords, Vectors

_LIBRARIES = ("numpy", "scikit-learn", "openTSNE", "umap-learn")


@dataclass(frozen=True, slots=True)
class Material:
    """What a map is made of."""

    rows: Rows
    texts: Sequence[str]
    embedder: str
    embed: OwnEmbed
    """Embeds the words that clusters are named by."""
    threads: int = 1
    version: int = 1


def fit(material: Material, wish: Wish, before: Fitted | None = None, heard: Stages = unheard_stages) -> Fitted:
    """Return a new map. The same rows, wish and libraries give the same numbers, whatever order the rows came in.

    :param before: The version before, on which the new one is laid.
    :raises UnknownNameError: For a method or clustering that no table has.
    :raises NotConfiguredError: For a method whose library is not installed.
    """
    rows = material.rows
    project: Projection = PROJECTIONS.load(wish.method)
    near = neighbours(rows.vectors, heard=_at(heard, "neighbours"), threads=material.threads)
    # First, since it is what may find fault with the wish.
    heard("clusters", 0, 1)
    groups = clustered(rows, material.texts, wish, before, material.embed, _at(heard, "clusters"))
    heard("clusters", 1, 1)
    coords = project(
        rows.vectors, wish.seed, dims=wish.dims, near=near, heard=_at(heard, "layout"), threads=material.threads
    )
    coords, moved = _laid_on(coords, rows, before)
    shares = kept(near, coords)
    trust = measure(rows.vectors, coords, shares)
    again = _elsewhere(project, wish, material.threads, _at(heard, "seeds"))
    wobbles = wobble(rows.vectors, coords, again, wish.seed)
    facts = Facts(
        version=material.version,
        wish=wish,
        embedder=material.embedder,
        digest=rows.digest,
        passages=rows.total,
        libraries=_libraries(),
        trust=trust,
        wobble_estimated=len(rows) > WOBBLED,
        calibration=calibrated(coords, near),
        clusters=groups.clusters,
        merges=merges(rows.vectors, groups.labels, [one.id for one in groups.clusters]),
        moved=moved,
    )
    return Fitted(
        facts, rows.ids, coords, near.indices, rows.marks, shares, wobbles, groups.ids, groups.parts,
        np.zeros(len(rows), dtype=np.bool_),
    )  # fmt: skip


def _laid_on(coords: Coords, rows: Rows, before: Fitted | None) -> tuple[Coords, Moved | None]:
    if before is None or before.coords.shape[1] != coords.shape[1]:
        return coords, None
    mine, theirs = shared(rows.ids, before.ids)
    return aligned(coords, mine, before.coords[theirs], before.facts.version)


def _elsewhere(project: Projection, wish: Wish, threads: int, heard: Heard) -> Callable[[Vectors, int], Coords]:
    """Return what lays out some rows by a seed, beginning anywhere."""
    return lambda rows, seed: project(rows, seed, dims=wish.dims, heard=heard, threads=threads, anywhere=True)


def _at(heard: Stages, stage: str) -> Heard:
    return lambda done, total: heard(stage, done, total)


def _libraries() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
