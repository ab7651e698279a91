"""Keeps a map up with its collection: what comes in is placed, and nothing that stands on it moves."""

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from search.latent.communities import Labels
from search.latent.fitted import Cluster, Fitted
from search.latent.neighbours import Neighbours, nearest
from search.latent.place import places
from search.latent.rows import Rows
from search.latent.trust import kept, measure
from search.types import Vectors

_BLOCK = 128
"""Rows whose neighbours' vectors are at hand at once: each has up to 90."""


def outgrown(placed: int, points: int) -> bool:
    """Return whether more of a map's points were placed than it was fitted to, so that it is time to fit it again."""
    return 2 * placed > points


def grown(fitted: Fitted, rows: Rows) -> Fitted | None:
    """Return a map with the passages that have come in, and without those that are gone. None of the others moves.

    A passage whose vector has changed is placed anew. A map of a sample takes in none. None when nothing of it is left.
    """
    if rows.ids == fitted.ids and np.array_equal(rows.marks, fitted.marks):
        return fitted
    known = dict(zip(fitted.ids, fitted.marks.tolist(), strict=True))
    same = [known.get(i) == mark for i, mark in zip(rows.ids, rows.marks.tolist(), strict=True)]
    if fitted.facts.wish.sample is not None:
        rows, same = rows.some(np.flatnonzero(same)), [True] * sum(same)
    if all(same) and rows.ids == fitted.ids:
        return fitted
    stays = np.array(same, dtype=np.bool_)
    place = {passage_id: i for i, passage_id in enumerate(fitted.ids)}
    old = np.array([place[i] for i, is_same in zip(rows.ids, same, strict=True) if is_same], dtype=np.int64)
    if not len(old):
        return None
    return _with(fitted, rows, stays, old)


def _with(fitted: Fitted, rows: Rows, stays: NDArray[np.bool_], old: NDArray[np.int64]) -> Fitted:
    known = np.flatnonzero(stays)
    k = min(fitted.near.shape[1], len(known) - 1)
    found = nearest(rows.vectors[known], rows.vectors[~stays], max(1, k))
    new = places(fitted.coords[old], found)
    mixed = partial(_mixed, stays, old)
    near = _renumbered(fitted, rows, stays, old, found, k)
    coords = mixed(fitted.coords, new.coords)
    like = found.indices[:, 0]
    cluster = mixed(fitted.cluster, fitted.cluster[old][like])
    shares = kept(Neighbours(near, np.empty(near.shape, dtype=np.float32)), coords)
    clusters = _resized(fitted.facts.clusters, cluster)
    return Fitted(
        facts=replace(fitted.facts, clusters=clusters, trust=measure(rows.vectors, coords, shares)),
        ids=rows.ids,
        coords=coords,
        near=near,
        marks=rows.marks,
        shares=shares,
        wobble=mixed(fitted.wobble, fitted.wobble[old][like]),
        cluster=cluster,
        part=mixed(fitted.part, fitted.part[old][like]),
        placed=mixed(fitted.placed, np.ones(len(like), dtype=np.bool_)),
    )


def _mixed(stays: NDArray[np.bool_], old: NDArray[np.int64], of_old: NDArray, of_new: NDArray) -> NDArray:  # type: ignore[type-arg] # any numbers
    found = np.empty((len(stays), *of_old.shape[1:]), dtype=of_old.dtype)
    found[stays], found[~stays] = of_old[old], of_new
    return found


def _renumbered(
    fitted: Fitted, rows: Rows, stays: NDArray[np.bool_], old: NDArray[np.int64], found: Neighbours, k: int
) -> NDArray[np.int32]:
    """Return the neighbours of all rows, as rows of the new map; those that had one that is gone are looked up anew."""
    known = np.flatnonzero(stays)
    to = np.full(len(fitted.ids), -1, dtype=np.int32)
    to[old] = known
    near = np.empty((len(rows), max(0, k)), dtype=np.int32)
    near[stays] = to[fitted.near[old]][:, : max(0, k)]
    near[~stays] = known[found.indices[:, : max(0, k)]]
    torn = np.flatnonzero((near < 0).any(axis=1))
    if len(torn):
        anew = nearest(rows.vectors[known], rows.vectors[torn], k + 1).indices
        others = known[anew]
        own = others == torn[:, None]
        own[~own.any(axis=1), -1] = True
        near[torn] = others[~own].reshape(len(torn), k)
    return _with_new(rows.vectors, near, np.flatnonzero(~stays))


def _with_new(vectors: Vectors, near: NDArray[np.int32], new: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return each row's nearest, those that have come in among them; so far they are of the others alone."""
    if not len(new) or not near.shape[1]:
        return near
    k, newest = near.shape[1], vectors[new]
    found = np.empty_like(near)
    for start in range(0, len(vectors), _BLOCK):
        some = np.arange(start, min(start + _BLOCK, len(vectors)))
        came = nearest(newest, vectors[some], min(k + 1, len(new)))
        both = np.concatenate([near[some], new[came.indices]], axis=1)
        known = np.einsum("nd,nkd->nk", vectors[some], vectors[near[some]])
        cosines = np.concatenate([known, came.similarity], axis=1)
        # Each is nearest to itself.
        cosines[both == some[:, None]] = -np.inf
        found[some] = np.take_along_axis(both, np.argsort(-cosines, axis=1, kind="stable")[:, :k], axis=1)
    return found


def _resized(clusters: tuple[Cluster, ...], ids: Labels) -> tuple[Cluster, ...]:
    return tuple(replace(one, size=int(np.sum(ids == one.id))) for one in clusters)
