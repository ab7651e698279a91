"""Communities of the graph of neighbours: Louvain's moves, begun from fine parts and joined to coarser ones."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.latent.neighbours import Neighbours
from search.types import Vectors

FINEST, COARSEST, LEVELS = 3.0, 0.15, 12
"""Resolutions that are tried."""
_ROUNDS = 10
_LEAST_GAIN = 1e-12
_STAYING = 1_000
"""Rounds end when fewer than one point of so many has moved."""

Labels = NDArray[np.int64]  # (n,), a cluster's number, from 0; -1 for none
Graph = Any
"""A symmetric sparse matrix, (n, n)."""


@dataclass(frozen=True, slots=True)
class Communities:
    """The partition that was chosen, and the finest one."""

    chosen: Labels
    finest: Labels
    own: NDArray[np.float64]
    """Share of each point's edges that stay within its community, (n,)."""


def communities(vectors: Vectors, graph: Graph) -> Communities:
    """Return the communities of a graph whose silhouette is highest over a range of resolutions.

    Blondel et al. (2008), with single points moved again after each joining, as Rotta and Noack (2011) do.
    """
    labels = np.arange(len(vectors))
    tried = []
    for resolution in np.geomspace(FINEST, COARSEST, LEVELS).tolist():
        labels = _louvain(graph, labels, resolution)
        tried.append((silhouette(vectors, labels), labels))
    _, chosen = max(tried, key=lambda one: one[0])
    return Communities(chosen, tried[0][1], _own(graph, chosen))


def neighbour_graph(near: Neighbours) -> Graph:
    """Return the graph in which each point is joined with its nearest, and with those that it is among the nearest of.

    Of few points, only so many are its nearest as the square root of all.
    All edges weigh the same: cosines differ little among neighbours, and less where the collection is dense.
    """
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - takes half a second

    n = len(near.indices)
    indices = near.first(max(3, round(float(np.sqrt(n))))).indices
    k = indices.shape[1]
    one_way = csr_matrix((np.ones(n * k), (np.repeat(np.arange(n), k), indices.ravel())), shape=(n, n))
    return one_way.maximum(one_way.T).tocsr()


def silhouette(vectors: Vectors, labels: Labels) -> float:
    """Return the mean silhouette by cosine, -1 to 1; -1 for fewer than two clusters. Rousseeuw (1987).

    The mean cosine with a cluster's members is the product with their mean, so no pairs are compared.
    """
    some = labels >= 0
    count = int(labels.max(initial=-1)) + 1
    if count < 2:  # noqa: PLR2004 - there is no next cluster
        return -1.0
    rows, own = vectors[some].astype(np.float64), labels[some]
    sizes = np.maximum(np.bincount(own, minlength=count), 1)
    distances = 1.0 - rows @ (means(rows, own, count)).T
    places = np.arange(len(own))
    # A point is no neighbour of its own.
    within = distances[places, own] * sizes[own] / np.maximum(sizes[own] - 1, 1)
    distances[places, own] = np.inf
    between = distances.min(axis=1)
    values = (between - within) / np.maximum(np.maximum(between, within), _LEAST_GAIN)
    return float(np.mean(np.where(sizes[own] > 1, values, 0.0)))


def means(rows: NDArray[Any], labels: Labels, count: int) -> NDArray[np.float64]:
    """Return the mean row of each cluster, (count, d)."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - takes half a second

    n = len(labels)
    member = csr_matrix((np.ones(n), (labels, np.arange(n))), shape=(count, n))
    found: NDArray[np.float64] = (member @ rows) / np.maximum(np.bincount(labels, minlength=count), 1)[:, None]
    return found


def _own(graph: Graph, labels: Labels) -> NDArray[np.float64]:
    rows = np.repeat(np.arange(len(labels)), np.diff(graph.indptr))
    same = labels[rows] == labels[graph.indices]
    shares: NDArray[np.float64] = np.bincount(rows, same, len(labels)) / np.maximum(np.diff(graph.indptr), 1)
    return shares


def _louvain(graph: Graph, labels: Labels, resolution: float) -> Labels:
    """Return a partition of higher modularity, begun from one that is finer or as fine."""
    labels, _ = _moved(graph, labels, resolution)
    while True:
        joined = _aggregated(graph, labels)
        together, has_changed = _moved(joined, np.arange(joined.shape[0]), resolution)
        if not has_changed:
            return labels
        labels, _ = _moved(graph, together[labels], resolution)


def _aggregated(graph: Graph, labels: Labels) -> Graph:
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    n = len(labels)
    member = csr_matrix((np.ones(n), (np.arange(n), labels)), shape=(n, int(labels.max()) + 1))
    return (member.T @ graph @ member).tocsr()


def _moved(graph: Graph, labels: Labels, resolution: float) -> tuple[Labels, bool]:
    """Move nodes to the community where modularity gains most, until few move; and tell whether any did.

    Within a round, nodes are looked at again as long as there are some that a neighbour has left. Traag et al. (2019).
    """
    n = graph.shape[0]
    state = _Moves(graph, labels)
    # Not in their order: neighbours in it are often neighbours in the graph.
    order = np.random.default_rng(0).permutation(n).tolist()
    has_changed = False
    for _ in range(_ROUNDS):
        moved = state.round(order, resolution)
        has_changed |= moved > 0
        if moved <= n // _STAYING:
            break
    _, numbered = np.unique(np.array(state.labels, dtype=np.int64), return_inverse=True)
    return numbered.astype(np.int64), has_changed


class _Moves:
    """Which community each node is in; lists, since arrays are slow one value at a time."""

    def __init__(self, graph: Graph, labels: Labels) -> None:
        degrees = np.asarray(graph.sum(axis=1)).ravel()
        self.labels: list[int] = labels.tolist()
        self._others = _rows(graph, graph.indices)
        # Edges of weight 1 are counted, five times as fast as they would be added.
        self._weights = None if (graph.data == 1).all() else _rows(graph, graph.data)
        self._degrees = degrees.tolist()
        self._totals = np.bincount(labels, degrees, len(labels)).tolist()
        self._all = float(degrees.sum()) or 1.0

    def round(self, order: Sequence[int], resolution: float) -> int:
        """Look at all nodes, and again at those that a neighbour has left; return how often one moved."""
        waiting, is_waiting, moved = deque(order), bytearray(b"\1" * len(order)), 0
        # Each move gains, so there is an end; the limit is for what rounding may do.
        for _ in range(_ROUNDS * len(order)):
            if not waiting:
                break
            node = waiting.popleft()
            is_waiting[node] = 0
            left = self.move(node, resolution)
            moved += left is not None
            for other in left or ():
                if not is_waiting[other]:
                    is_waiting[other] = 1
                    waiting.append(other)
        return moved

    def move(self, node: int, resolution: float) -> Sequence[int] | None:
        """Put a node where it gains most, and return its neighbours that are elsewhere; None where it stays."""
        labels, totals, own, degree = self.labels, self._totals, self.labels[node], self._degrees[node]
        weights = self._towards(node)
        totals[own] -= degree
        cost = resolution * degree / self._all
        best, most = own, weights.get(own, 0.0) - cost * totals[own]
        for community, weight in weights.items():
            gain = weight - cost * totals[community]
            if gain > most + _LEAST_GAIN:
                best, most = community, gain
        totals[best] += degree
        if best == own:
            return None
        labels[node] = best
        return [other for other in self._others[node] if labels[other] != best]

    def _towards(self, node: int) -> dict[int, float]:
        """Return the weight of a node's edges to each community that it has any to, but for those to itself."""
        labels, others = self.labels, self._others[node]
        if self._weights is None:
            return Counter(map(labels.__getitem__, others))  # type: ignore[return-value] # numbers, all the same
        found: dict[int, float] = {}
        for other, weight in zip(others, self._weights[node], strict=True):
            if other != node:
                there = labels[other]
                found[there] = found.get(there, 0.0) + weight
        return found


def _rows(graph: Graph, values: NDArray[Any]) -> list[list[Any]]:
    bounds, every = graph.indptr.tolist(), values.tolist()
    return [every[a:b] for a, b in pairwise(bounds)]
