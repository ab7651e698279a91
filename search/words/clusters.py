"""Clusters of a list of terms: a tree of merges, cut where the clusters are farthest apart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.errors import InvalidInputError
from search.retrieve.known import Known
from search.store.collection import Collection
from search.types import Passage, Vectors
from search.words.terms import vocabulary

MOST = 5_000
"""Terms of a list: all their pairs are held in memory."""
MOST_CHOSEN = 40
"""Clusters that are tried where no count is given."""
_SHORTEST = 1e-6
"""Length below which a vector is the list's mean but for rounding."""

Distances = NDArray[np.float32]  # (n, n), symmetric, with a diagonal of 0


@dataclass(frozen=True, slots=True)
class Member:
    """A term of a cluster."""

    id: str
    text: str
    similarity: float
    """Cosine with the medoid, -1 to 1."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Terms that belong together."""

    name: str
    """The medoid: the member that is most like the others."""
    size: int
    silhouette: float | None
    """How much nearer its members are to each other than to the next cluster, -1 to 1; None for a single term."""
    members: tuple[Member, ...]
    """Nearest to the medoid first."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """A list of terms as clusters, the largest first."""

    collection: str
    embedder: str
    terms: int
    count: int
    chosen: bool
    """Whether the count was chosen by its silhouette, and not given."""
    silhouette: float | None
    """Mean over all terms: near 0 where clusters run into each other. None for one cluster, or one for each term."""
    clusters: tuple[Cluster, ...]


def clusters(collection: Collection, known: Known, count: int | None = None) -> Clusters:
    """Return the clusters of a collection's terms, each term once.

    :param count: How many; None for the number from 2 to 40 with the highest silhouette.
    :raises InvalidInputError: For a count below 1 or above the number of terms, or for more than 5,000 terms.
    """
    repeated = np.array(known.of(collection, vocabulary).repeated, dtype=np.int64)
    if len(collection) - len(repeated) > MOST:
        size = len(collection) - len(repeated)
        raise InvalidInputError(f"clusters are made of up to {MOST:,} terms, and {collection.name!r} has {size:,}")
    numbers, rows, passages = _read(collection, repeated)
    if count is not None and not 1 <= count <= len(rows):
        terms = f"{collection.name!r} has {len(rows):,} different terms"
        raise InvalidInputError(f"{terms}, which do not make {count:,} clusters: ask for 1 or more, up to one for each")
    labels, silhouettes = _cut(rows, count)
    places = [np.flatnonzero(labels == label) for label in range(labels.max(initial=-1) + 1)]
    found = [_cluster(some, numbers, rows, silhouettes, passages) for some in places]
    return Clusters(
        collection=collection.name,
        embedder=collection.embedder,
        terms=len(rows),
        count=len(found),
        chosen=count is None,
        silhouette=None if silhouettes is None else float(np.mean(silhouettes)),
        clusters=tuple(sorted(found, key=lambda cluster: -cluster.size)),
    )


def _read(collection: Collection, repeated: NDArray[np.int64]) -> tuple[NDArray[np.int64], Vectors, dict[int, Passage]]:
    """Return the numbers, unit rows and passages of all terms."""
    blocks = [
        (np.empty(0, dtype=np.int64), np.empty((0, collection.dimension), dtype=np.float32)),
        *collection.blocks(),
    ]
    numbers, rows = np.concatenate([block[0] for block in blocks]), np.concatenate([block[1] for block in blocks])
    passages = collection.read(np.setdiff1d(numbers, repeated).tolist())
    kept = np.isin(numbers, list(passages))
    return numbers[kept], rows[kept], passages


def _cut(rows: Vectors, count: int | None) -> tuple[NDArray[np.int64], NDArray[np.float32] | None]:
    """Return each row's cluster, and its silhouette where there is such a thing."""
    from scipy.cluster.hierarchy import cut_tree, linkage  # noqa: PLC0415 - takes half a second
    from scipy.spatial.distance import squareform  # noqa: PLC0415

    n = len(rows)
    if n < 3:  # noqa: PLR2004 - below, there is nothing to choose
        return np.arange(n) if count == n else np.zeros(n, dtype=np.int64), None
    # Merged by what is their own, which parts categories better than what all terms have in common.
    tree = linkage(squareform(_distances(_centred(rows)), checks=False), "average")
    tried = range(2, min(MOST_CHOSEN, n - 1) + 1) if count is None else [count]
    cuts: list[NDArray[np.int64]] = list(cut_tree(tree, tried).T)
    distances = _distances(rows)
    silhouettes = [_silhouettes(distances, labels) for labels in cuts]
    means = [-1.0 if values is None else float(np.mean(values)) for values in silhouettes]
    best = int(np.argmax(means))
    return cuts[best], silhouettes[best]


def _centred(rows: Vectors) -> Vectors:
    """Return rows without their mean, of unit length; Mu and Viswanath (2018)."""
    own = rows - rows.mean(axis=0)
    lengths = np.linalg.norm(own, axis=1, keepdims=True)
    return np.where(lengths > _SHORTEST, own / np.maximum(lengths, _SHORTEST), 0).astype(np.float32)


def _distances(rows: Vectors) -> Distances:
    similarity = rows @ rows.T
    distances = np.clip(1 - (similarity + similarity.T) / 2, 0, 2).astype(np.float32)
    np.fill_diagonal(distances, 0)
    return distances


def _silhouettes(distances: Distances, labels: NDArray[np.int64]) -> NDArray[np.float32] | None:
    """Return how much nearer each is to its own cluster than to the next one, -1 to 1. Rousseeuw (1987)."""
    from sklearn.metrics import silhouette_samples  # noqa: PLC0415 - takes two seconds

    if not 2 <= labels.max() + 1 < len(labels):  # noqa: PLR2004 - a next cluster, and one with two members
        return None
    values: NDArray[np.float32] = silhouette_samples(distances, labels, metric="precomputed")
    return values


def _cluster(
    places: NDArray[np.intp],
    numbers: NDArray[np.int64],
    rows: Vectors,
    silhouettes: NDArray[np.float32] | None,
    passages: dict[int, Passage],
) -> Cluster:
    own = rows[places].astype(np.float64)
    similarity = np.clip(own @ own.T, -1.0, 1.0)
    medoid = int(np.argmax(similarity.sum(axis=1)))
    order = sorted(range(len(places)), key=lambda i: (i != medoid, -similarity[medoid, i], i))
    members = [_member(passages[int(numbers[places[i]])], float(similarity[medoid, i])) for i in order]
    return Cluster(
        name=members[0].text,
        size=len(members),
        silhouette=None if silhouettes is None or len(places) == 1 else float(np.mean(silhouettes[places])),
        members=tuple(members),
    )


def _member(passage: Passage, similarity: float) -> Member:
    return Member(passage.id, passage.text, similarity)
