"""Clusters in the embedding space, whatever the map looks like; and how far each would be found again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from search.errors import InvalidInputError
from search.heard import Heard, unheard
from search.latent.communities import Labels, communities, means, neighbour_graph
from search.latent.neighbours import nearest, neighbours
from search.latent.projections import pca
from search.latent.threads import one_thread
from search.latent.trust import sample
from search.registry import CLUSTERINGS
from search.types import Vectors
from search.vectors import unit

DEFAULT = "communities"
LARGEST = 10_000
"""Points that are clustered; of a larger collection a sample is, and the others go where their nearest are."""
_VOTERS = 10
_OWN = 0.5
"""Share of a point's edges within its cluster below which it belongs to none."""
_FEWEST = 3
"""Members of a cluster; of a large collection, a five-hundredth of it."""
_DRAWS, _DRAWN, _MOST_DRAWN = 10, 0.63, 3_000
"""Of a bootstrap: how often, what share (as many different ones as n draws of n give), and how many at most."""
_JOINED = 30
"""Nearest that a point is joined with, or the square root of all where that is less."""
_COMPONENTS = 50
"""Principal components that communities are found in: the others tell texts apart, and groups of them hardly."""
_AXES = 5
"""Eigenvectors that HDBSCAN sees."""
_TINY = 1e-12


class Clustering(Protocol):
    """Gives each row a cluster, or none; the same rows and seed get the same ones."""

    def __call__(self, vectors: Vectors, count: int | None = None, seed: int = 0) -> "Found":
        """Return the clusters of unit rows.

        :param count: How many; None where the method is to choose.
        :raises InvalidInputError: Where it needs a count, or can take none.
        """


@dataclass(frozen=True, slots=True)
class Found:
    """The cluster of each row."""

    labels: Labels
    parts: Labels
    """A finer clustering within the same clusters; -1 where there is none."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Two clusters, or merges of them, that are joined when one looks from farther away."""

    id: int
    """Above those of all clusters."""
    a: int
    b: int
    distance: float
    """1 less the cosine of their centres, on average over their members; 0 to 2."""
    size: int


def find(vectors: Vectors, method: str = DEFAULT, count: int | None = None, seed: int = 0) -> Found:
    """Return the clusters of unit rows, numbered from the largest, which is 0.

    :raises UnknownNameError: For a method that no table has.
    :raises InvalidInputError: For a count that it cannot make.
    """
    cluster: Clustering = CLUSTERINGS.load(method)
    with one_thread():
        return _found(vectors, cluster, count, seed)


def _found(vectors: Vectors, cluster: Clustering, count: int | None, seed: int) -> Found:
    n = len(vectors)
    most = min(n, LARGEST)
    if count is not None and not 2 <= count <= most:  # noqa: PLR2004 - one is no clustering
        raise InvalidInputError(f"{n:,} passages do not make {count:,} clusters: ask for 2 or more, up to {most:,}")
    if n <= _FEWEST:
        return Found(np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64))
    rows = sample(n, LARGEST, seed)
    found = _numbered(cluster(vectors[rows], count, seed), count)
    return found if len(rows) == n else _joined(vectors, rows, found)


def _joined(vectors: Vectors, rows: NDArray[np.int64], found: Found) -> Found:
    """Return the clusters of all rows by those of some: each of the others goes where most of its nearest are."""
    voters = nearest(vectors[rows], vectors, _VOTERS).indices
    own = found.labels[voters]
    labels = _voted(own, np.ones(own.shape, dtype=np.bool_))
    # Only who has a point's cluster has a say in its part of that.
    parts = _voted(found.parts[voters], own == labels[:, None])
    labels[rows], parts[rows] = found.labels, found.parts
    return Found(labels, parts)


def by_communities(vectors: Vectors, count: int | None = None, seed: int = 0) -> Found:  # noqa: ARG001
    """Return the communities of the graph of neighbours; a point that half of its edges leave belongs to none."""
    if count is not None:
        raise InvalidInputError("the number of communities cannot be chosen: choose kmeans, or give no number")
    rows = pca(vectors, dims=_COMPONENTS)
    # Of texts that are all the same, nothing is left to scale.
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _TINY)
    made = communities(rows, neighbour_graph(neighbours(rows, _JOINED)))
    labels = np.where(made.own >= _OWN, made.chosen, -1)
    return Found(labels, _within(labels, made.finest))


def by_hdbscan(vectors: Vectors, count: int | None = None, seed: int = 0) -> Found:  # noqa: ARG001
    """Return dense regions among the first eigenvectors of the graph of neighbours. Campello et al. (2013)."""
    from scipy.sparse import diags  # noqa: PLC0415 - takes half a second
    from scipy.sparse.linalg import eigsh  # noqa: PLC0415
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415 - takes two seconds

    if count is not None:
        raise InvalidInputError("the number of dense regions cannot be chosen: choose kmeans, or give no number")
    n = len(vectors)
    none = np.full(n, -1, dtype=np.int64)
    if n <= 2 * _AXES:
        return Found(none, none)
    graph = neighbour_graph(neighbours(vectors, _JOINED))
    scale = diags(np.asarray(graph.sum(axis=1)).ravel() ** -0.5)
    values, axes = eigsh(scale @ graph @ scale, _AXES + 1, v0=np.full(n, n**-0.5))
    rows = (scale @ axes) * values
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _TINY)
    size = max(_FEWEST, n // 50)
    labels = HDBSCAN(min_cluster_size=size, min_samples=5 if n > 50 else 2, copy=True).fit_predict(rows)  # noqa: PLR2004
    return Found(labels.astype(np.int64), none)


def by_kmeans(vectors: Vectors, count: int | None = None, seed: int = 0) -> Found:
    """Return so many clusters, each point in the one whose mean is nearest. Lloyd (1982).

    :raises InvalidInputError: Without a count.
    """
    from sklearn.cluster import KMeans  # noqa: PLC0415 - takes two seconds

    if count is None:
        raise InvalidInputError("kmeans needs a number of clusters: give one, or choose communities")
    labels = KMeans(count, n_init=10, random_state=seed).fit_predict(vectors).astype(np.int64)
    return Found(labels, np.full(len(vectors), -1, dtype=np.int64))


def stability(
    vectors: Vectors,
    labels: Labels,
    method: str = DEFAULT,
    count: int | None = None,
    seed: int = 0,
    heard: Heard = unheard,
) -> NDArray[np.float64]:
    """Return of each cluster how far it is found again in draws of the passages, 0 to 1: the mean Jaccard index.

    Ten draws, of 63 % of the points without repeats, or of 3,000 where these are fewer. Hennig (2007), who calls
    clusters from .75 on stable, and those below .6 not to be trusted.
    """
    n, clusters = len(vectors), int(labels.max(initial=-1)) + 1
    size = min(_MOST_DRAWN, round(_DRAWN * n))
    if not clusters or size <= _FEWEST:
        return np.zeros(clusters)
    rng = np.random.default_rng(seed)
    scores = np.full((_DRAWS, clusters), np.nan)
    for draw in range(_DRAWS):
        heard(draw, _DRAWS)
        rows = np.sort(rng.choice(n, size, replace=False))
        again = find(vectors[rows], method, None if count is None else min(count, size), seed).labels
        scores[draw] = jaccard(labels[rows], again, clusters).max(axis=1, initial=0.0)
        scores[draw, np.bincount(labels[rows][labels[rows] >= 0], minlength=clusters) == 0] = np.nan
    counted = (~np.isnan(scores)).sum(axis=0)
    found: NDArray[np.float64] = np.nansum(scores, axis=0) / np.maximum(counted, 1)
    return found


def jaccard(a: Labels, b: Labels, clusters: int | None = None) -> NDArray[np.float64]:
    """Return how alike each cluster of one labelling is to each of another, (clusters of a, clusters of b), 0 to 1."""
    rows = int(a.max(initial=-1)) + 1 if clusters is None else clusters
    columns = int(b.max(initial=-1)) + 1
    both = (a >= 0) & (b >= 0)
    shared = np.zeros((rows, columns))
    np.add.at(shared, (a[both], b[both]), 1)
    sizes = np.bincount(a[a >= 0], minlength=rows)[:, None] + np.bincount(b[b >= 0], minlength=columns)[None, :]
    found: NDArray[np.float64] = shared / np.maximum(sizes - shared, 1)
    return found


def merges(vectors: Vectors, labels: Labels, ids: Sequence[int]) -> tuple[Merge, ...]:
    """Return how clusters join when one looks from farther away, by average linkage of their centres.

    :param ids: Of the clusters, by which merges name them.
    """
    from scipy.cluster.hierarchy import linkage  # noqa: PLC0415 - takes half a second
    from scipy.spatial.distance import pdist  # noqa: PLC0415

    count = int(labels.max(initial=-1)) + 1
    if count < 2:  # noqa: PLR2004 - nothing to join
        return ()
    tree = linkage(pdist(centres(vectors, labels), "cosine"), "average")
    sizes = np.bincount(labels[labels >= 0], minlength=count).tolist()
    named, found = list(ids), []
    for a, b, distance, _ in tree.tolist():
        sizes.append(sizes[int(a)] + sizes[int(b)])
        named.append(max(named) + 1)
        found.append(Merge(named[-1], named[int(a)], named[int(b)], distance, sizes[-1]))
    return tuple(found)


def centres(vectors: Vectors, labels: Labels) -> Vectors:
    """Return the unit mean of each cluster, (clusters, d)."""
    some = labels >= 0
    return unit(means(vectors[some], labels[some], int(labels.max(initial=-1)) + 1))


def carried(old: Labels, new: Labels, least: float = 0.5) -> dict[int, int]:
    """Return which new cluster is which old one: those with a Jaccard index of at least `least`, each once.

    :param old: Of the points that both labellings have, like `new`.
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - takes half a second

    alike = jaccard(old, new)
    rows, columns = linear_sum_assignment(-alike)
    return {int(b): int(a) for a, b in zip(rows, columns, strict=True) if alike[a, b] >= least}


def _within(labels: Labels, finest: Labels) -> Labels:
    """Return the finest parts, each cut to the cluster that it lies in, where they are large enough."""
    pairs = np.stack([labels, finest], axis=1)
    _, numbers, counts = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    numbers = numbers.ravel()
    small = counts[numbers] < _fewest(len(labels))
    return np.where((labels < 0) | small, -1, numbers).astype(np.int64)


def _numbered(found: Found, count: int | None) -> Found:
    # So many clusters as were asked for, however small.
    fewest = _fewest(len(found.labels)) if count is None else 1
    return Found(_by_size(found.labels, fewest), _by_size(found.parts, fewest=1))


def _by_size(labels: Labels, fewest: int) -> Labels:
    """Return labels from 0 on, the largest first, without clusters that are too small."""
    names, firsts, numbers, counts = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    kept = (names >= 0) & (counts >= fewest)
    order = [i for i in np.lexsort((firsts, -counts)).tolist() if kept[i]]
    new = np.full(len(names), -1, dtype=np.int64)
    new[order] = np.arange(len(order))
    return new[numbers.ravel()]


def _fewest(n: int) -> int:
    return max(_FEWEST, n // 500)


def _voted(votes: NDArray[np.int64], is_counted: NDArray[np.bool_]) -> Labels:
    """Return the label that most of a row are of, (n, voters); none has a vote, too."""
    count = int(votes.max(initial=-1)) + 2
    tallies = np.zeros((len(votes), count), dtype=np.int32)
    for column, counts in zip(votes.T, is_counted.T, strict=True):
        tallies[np.arange(len(votes)), column + 1] += counts
    found: Labels = tallies.argmax(axis=1).astype(np.int64) - 1
    return found
