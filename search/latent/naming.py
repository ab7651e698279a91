"""Gives a map its clusters, with names and ids that stay when it is fitted again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from search.heard import Heard
from search.latent.clusters import carried, centres, find, stability
from search.latent.communities import Labels
from search.latent.fitted import Cluster, Fitted, Wish
from search.latent.labels import Embed, OwnEmbed, fitting, labels
from search.latent.rows import Rows
from search.types import Vectors

Namer = Callable[[str, Sequence[str]], str | None]
_TYPICAL = 8
"""Passages that a cluster is named by."""


@dataclass(frozen=True, slots=True)
class Clustered:
    """Clusters as a map has them."""

    labels: Labels
    """From 0, the largest first."""
    ids: Labels
    parts: Labels
    clusters: tuple[Cluster, ...]


def clustered(
    rows: Rows, texts: Sequence[str], wish: Wish, before: Fitted | None, embed: OwnEmbed, heard: Heard
) -> Clustered:
    """Return the clusters of a map; those that the version before had keep their ids and labels."""
    found = find(rows.vectors, wish.clustering, wish.clusters)
    if found.labels.max(initial=-1) < 0:
        return Clustered(found.labels, found.labels, found.parts, ())
    centre = centres(rows.vectors, found.labels)
    own = labels(texts, rows.vectors, found.labels, centre, embed)
    stable = stability(rows.vectors, found.labels, wish.clustering, wish.clusters, heard=heard)
    same = _same(before, rows, found.labels)
    ids = _ids(len(own), same, before)
    old = {one.id: one for one in before.facts.clusters} if before else {}
    names = [old[ids[i]].label if i in same else name for i, name in enumerate(own)]
    # Those that are carried are, too: their clusters have other members now.
    checked = fitting(names, centre, embed)
    clusters = tuple(
        Cluster(
            id=ids[i],
            label=name,
            size=int(np.sum(found.labels == i)),
            stability=float(stable[i]),
            checked=checked[i],
            carried=i in same,
            named_by=old[ids[i]].named_by if i in same else "",
        )
        for i, name in enumerate(names)
    )
    return Clustered(found.labels, np.array([*ids, -1], dtype=np.int64)[found.labels], found.parts, clusters)


def renamed(
    fitted: Fitted, vectors: Vectors, texts: Sequence[str], name: Namer, embed: Embed, heard: Heard
) -> tuple[Cluster, ...]:
    """Return the clusters of a map under other names, each checked against the clusters' centres.

    :param vectors: Unit rows of its points, (n, d).
    :param texts: Theirs.
    :param name: Gives a name for a cluster's words and its most typical texts, or None to leave it.
    """
    old = fitted.facts.clusters
    rows = np.array([{one.id: i for i, one in enumerate(old)}.get(i, -1) for i in fitted.cluster.tolist()])
    centre = centres(vectors, rows)
    said: list[str | None] = []
    for i, one in enumerate(old):
        heard(i, len(old))
        members = np.flatnonzero(rows == i)
        typical = members[np.argsort(-(vectors[members] @ centre[i]), kind="stable")]
        new = name(one.label, [texts[row] for row in typical[:_TYPICAL].tolist()])
        # Two of one name would tell nothing apart.
        said.append(None if new in said else new)
    heard(len(old), len(old))
    checked = fitting([new or one.label for new, one in zip(said, old, strict=True)], centre, embed)
    return tuple(
        one if new is None else replace(one, label=new, checked=fits)
        for one, new, fits in zip(old, said, checked, strict=True)
    )


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
