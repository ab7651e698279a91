"""Gives a map its clusters, with names and ids that stay when it is fitted again."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.latent.clusters import carried, centres, find, stability
from search.latent.communities import Labels
from search.latent.fitted import Cluster, Fitted, Wish
from search.latent.labels import Embed, labels
from search.latent.neighbours import Neighbours
from search.latent.rows import Rows


@dataclass(frozen=True, slots=True)
class Clustered:
    """Clusters as a map has them."""

    labels: Labels
    """From 0, the largest first."""
    ids: Labels
    parts: Labels
    clusters: tuple[Cluster, ...]


def clustered(
    rows: Rows, texts: Sequence[str], near: Neighbours, wish: Wish, before: Fitted | None, embed: Embed
) -> Clustered:
    """Return the clusters of a map; those that the version before had keep their ids and labels."""
    found = find(rows.vectors, near, wish.clustering, wish.clusters)
    if found.labels.max(initial=-1) < 0:
        return Clustered(found.labels, found.labels, found.parts, ())
    centre = centres(rows.vectors, found.labels)
    names = labels(texts, rows.vectors, found.labels, centre, embed)
    stable = stability(rows.vectors, found.labels, wish.clustering, wish.clusters)
    same = _same(before, rows, found.labels)
    ids = _ids(len(names), same, before)
    old = {one.id: one for one in before.facts.clusters} if before else {}
    clusters = tuple(
        Cluster(
            id=ids[i],
            label=old[ids[i]].label if i in same else name.text,
            size=int(np.sum(found.labels == i)),
            stability=float(stable[i]),
            checked=old[ids[i]].checked if i in same else name.checked,
            carried=i in same,
        )
        for i, name in enumerate(names)
    )
    return Clustered(found.labels, np.array([*ids, -1], dtype=np.int64)[found.labels], found.parts, clusters)


def _same(before: Fitted | None, rows: Rows, found: Labels) -> dict[int, int]:
    """Return the ids of those clusters that were there before."""
    if before is None or not before.facts.clusters:
        return {}
    mine, theirs = shared(rows.ids, before.ids)
    numbers = {one.id: i for i, one in enumerate(before.facts.clusters)}
    old = np.array([numbers.get(i, -1) for i in before.cluster[theirs].tolist()], dtype=np.int64)
    known = [one.id for one in before.facts.clusters]
    return {new: known[i] for new, i in carried(old, found[mine]).items()}


def _ids(count: int, same: dict[int, int], before: Fitted | None) -> list[int]:
    used = [one.id for one in before.facts.clusters] if before else []
    fresh = iter(range(max(used, default=-1) + 1, max(used, default=-1) + 1 + count))
    return [same[i] if i in same else next(fresh) for i in range(count)]


def shared(ids: Sequence[str], old: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of the ids that two lists share, in each."""
    place = {passage_id: i for i, passage_id in enumerate(old)}
    pairs = [(i, place[passage_id]) for i, passage_id in enumerate(ids) if passage_id in place]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]
