"""Near-duplicates: passages of a collection that say nearly the same, and those of the very same text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.errors import InvalidInputError
from search.heard import Heard, unheard
from search.retrieve.caution import Caution, cautions
from search.retrieve.variety import SAME
from search.store.collection import Collection
from search.types import Vectors

LOWEST = 0.5
"""Cosine below which nobody would call two passages near-duplicates."""
MOST_PAIRS = 1_000
MOST_MEMBERS = 100
"""Passages of a group that are named."""
_ROUNDING = 1e-6
"""What a cosine may lack to the limit: more than float32 takes from it."""
_HELD = 65_536
"""Rows that are compared with all later ones at a time."""
_TILE = 2_048
_SAMPLE, _COORDINATES = 5_000, 64
"""Rows that say in which directions most of them lie, and the number of those directions."""
_LEFT = 1e-5
"""Added to the square of a length, so that rounding never makes it shorter."""
_MANY = 10_000
"""Pairs of a tile from which on it costs less to multiply it as a whole."""
_JOINED = 1_000_000
"""Pairs after which groups are joined, so that not all have to be kept."""
_READ = 10_000


@dataclass(frozen=True, slots=True)
class Side:
    """A passage of a pair or a group."""

    id: str
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two near passages of different texts."""

    a: Side
    b: Side
    """Came in after `a`."""
    similarity: float
    """Cosine, -1 to 1."""
    cautions: tuple[Caution, ...]
    """Why they may not say the same, near as they are."""


@dataclass(frozen=True, slots=True)
class Group:
    """Passages that pairs lead from one to the next."""

    size: int
    texts: int
    """Different texts among them."""
    members: tuple[Side, ...]
    """In the order they came in, 100 at most."""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What a collection says more than once."""

    collection: str
    embedder: str
    limit: float
    """Cosine from which on two passages are near-duplicates."""
    passages: int
    found: int
    """Pairs of near passages with different texts: all of them."""
    identical: int
    """Pairs of passages of the very same text."""
    pairs: tuple[Pair, ...]
    """The nearest of those with different texts; of equal texts, the first stands for all."""
    grouped: int
    """Groups, all of them."""
    groups: tuple[Group, ...]
    """The largest ones, of both kinds of pairs."""


class _Edges(NamedTuple):
    """Pairs of near texts, by their places among the different texts."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    """Above `a`."""
    similarity: NDArray[np.float32]

    def at(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "_Edges":
        """Return some of them."""
        return _Edges(self.a[chosen], self.b[chosen], self.similarity[chosen])


@dataclass(frozen=True, slots=True)
class _Texts:
    """The different texts of a collection."""

    numbers: NDArray[np.int64]
    """Of all passages, ascending."""
    of: NDArray[np.int64]
    """The place of each passage's text."""
    firsts: NDArray[np.int64]
    """Number of the first passage of each text, ascending."""
    copies: NDArray[np.int64]
    """Passages of each text."""


def duplicates(
    collection: Collection, limit: float = SAME, most: int = MOST_PAIRS, heard: Heard = unheard
) -> Duplicates:
    """Compare all passages of a collection, each with each.

    :param limit: Cosine from which on two passages are near-duplicates, 0.5 to 1.
    :param most: Pairs, and groups, that are named, 1 to 1,000; all are counted.
    :param heard: Told of texts that have been compared with all before them, of so many; what it raises ends it.
    :raises InvalidInputError: For a limit or a number out of its range.
    """
    if not LOWEST <= limit <= 1:
        raise InvalidInputError(f"the limit of near-duplicates must be a cosine from {LOWEST} to 1, not {limit:g}")
    if not 1 <= most <= MOST_PAIRS:
        raise InvalidInputError(f"from 1 to {MOST_PAIRS:,} pairs can be listed, not {most:,}")
    texts = _texts(collection)
    near = _Near(texts.copies, most)
    for edges in _edges(collection, texts.firsts, np.float32(limit - _ROUNDING), heard):
        near.add(edges)
    grouped, groups = _groups(collection, texts, near.joined(), most)
    return Duplicates(
        collection=collection.name,
        embedder=collection.embedder,
        limit=limit,
        passages=len(texts.numbers),
        found=near.found,
        identical=int(np.sum(texts.copies * (texts.copies - 1) // 2)),
        pairs=_pairs(collection, texts.firsts, near.best),
        grouped=grouped,
        groups=groups,
    )


def _texts(collection: Collection) -> _Texts:
    places: dict[bytes, int] = {}
    numbers, of = [], []
    for number, text in collection.texts():
        numbers.append(number)
        of.append(places.setdefault(blake2b(text.encode(), digest_size=16).digest(), len(places)))
    every, texts = np.array(numbers, dtype=np.int64), np.array(of, dtype=np.int64)
    _, firsts = np.unique(texts, return_index=True)
    return _Texts(every, texts, every[firsts], np.bincount(texts, minlength=len(places)))


def _edges(collection: Collection, firsts: NDArray[np.int64], limit: np.float32, heard: Heard) -> Iterator[_Edges]:
    """Yield all pairs that reach a limit."""
    basis = _basis(collection)
    for held, held_rows in _rows(collection, firsts, _HELD):
        held_bounds = _bounds(held_rows, basis)
        for places, rows in _rows(collection, firsts, _TILE):
            heard(int(held.min(initial=0)), len(firsts))
            bounds = _bounds(rows, basis).T
            before = int(np.searchsorted(held, places.max(initial=-1)))
            for start in range(0, before, _TILE):
                some = slice(start, min(start + _TILE, before))
                a, b = np.divmod(np.flatnonzero(held_bounds[some] @ bounds >= limit), len(rows))
                edges = _Edges(held[some][a], places[b], _products(held_rows[some], rows, a, b))
                edges = edges.at((edges.a < edges.b) & (edges.similarity >= limit))
                if len(edges.a):
                    yield edges


def _basis(collection: Collection) -> Vectors:
    """Return the directions that hold most of the rows, (d, 64), nearly; Halko, Martinsson and Tropp (2011)."""
    rows = next((rows for _, rows in collection.blocks()), np.empty((0, collection.dimension), dtype=np.float32))
    some = rows[:: len(rows) // _SAMPLE + 1].astype(np.float64)
    basis = np.random.default_rng(0).normal(size=(some.shape[1], min(_COORDINATES, some.shape[1])))
    for _ in range(2):
        basis = np.linalg.qr(some.T @ (some @ basis)).Q
    return basis.astype(np.float32)


def _bounds(rows: Vectors, basis: Vectors) -> NDArray[np.float32]:
    """Return short rows, (n, 65), whose products are never below the rows' own, so that most pairs need no more.

    They hold the rows' coordinates in a few directions and the length of what is left: Cauchy and Schwarz.
    """
    short = rows @ basis
    left = np.sqrt(np.maximum(1 - np.sum(short**2, axis=1, keepdims=True), 0) + _LEFT)
    return np.concatenate([short, left], axis=1)


def _products(a_rows: Vectors, b_rows: Vectors, a: NDArray[np.intp], b: NDArray[np.intp]) -> NDArray[np.float32]:
    products: NDArray[np.float32]
    products = (a_rows @ b_rows.T)[a, b] if len(a) > _MANY else np.einsum("ij,ij->i", a_rows[a], b_rows[b])
    return products


def _rows(collection: Collection, firsts: NDArray[np.int64], size: int) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
    """Yield the different texts' places and unit rows, so many at a time."""
    if not len(firsts):
        return
    for numbers, rows in collection.blocks():
        for start in range(0, len(rows), size):
            some = numbers[start : start + size]
            places = np.searchsorted(firsts, some)
            kept = np.flatnonzero(firsts[np.minimum(places, len(firsts) - 1)] == some)
            yield places[kept], rows[start + kept]


class _Near:
    """What is kept of all pairs: how many there are, the best of them, and what they join."""

    def __init__(self, copies: NDArray[np.int64], most: int) -> None:
        self.found = 0
        """Pairs of passages."""
        self.best = _together([])
        self._copies = copies
        self._most = most
        self._labels = np.arange(len(copies))
        self._waiting: list[_Edges] = []

    def add(self, edges: _Edges) -> None:
        """Take in some pairs."""
        self.found += int(np.sum(self._copies[edges.a] * self._copies[edges.b]))
        full = len(self.best.a) == self._most
        better = edges.at(edges.similarity > self.best.similarity[-1]) if full else edges
        both = _together([self.best, better])
        self.best = both.at(np.argsort(-both.similarity, kind="stable")[: self._most])
        self._waiting.append(edges.at(self._labels[edges.a] != self._labels[edges.b]))
        if sum(len(some.a) for some in self._waiting) > _JOINED:
            self.joined()

    def joined(self) -> NDArray[np.int64]:
        """Return each text's group."""
        from scipy.sparse import coo_array  # noqa: PLC0415 - takes half a second
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

        if self._waiting:
            edges, self._waiting = _together(self._waiting), []
            ends = self._labels[edges.a], self._labels[edges.b]
            graph = coo_array((np.ones(len(edges.a)), ends), shape=(len(self._labels),) * 2)
            self._labels = connected_components(graph.tocsr(), directed=False)[1][self._labels].astype(np.int64)
        return self._labels


def _together(parts: Sequence[_Edges]) -> _Edges:
    none = _Edges(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))
    a, b, similarity = zip(none, *parts, strict=True)
    return _Edges(np.concatenate(a), np.concatenate(b), np.concatenate(similarity))


def _pairs(collection: Collection, firsts: NDArray[np.int64], best: _Edges) -> tuple[Pair, ...]:
    sides = _sides(collection, firsts[np.unique(np.concatenate([best.a, best.b]))])
    found = []
    for a, b in zip(firsts[best.a].tolist(), firsts[best.b].tolist(), strict=True):
        if a in sides and b in sides:
            first, second = collection.vectors([a, b]).astype(np.float64)
            found.append((-min(1.0, float(np.sum(first * second))), a, b))
    return tuple(
        Pair(sides[a], sides[b], -minus, cautions(sides[a].text, sides[b].text)) for minus, a, b in sorted(found)
    )


def _groups(
    collection: Collection, texts: _Texts, labels: NDArray[np.int64], most: int
) -> tuple[int, tuple[Group, ...]]:
    """Return how many groups there are, and the largest of them."""
    own = labels[texts.of]
    sizes = np.bincount(own, minlength=1)
    order = np.argsort(own, kind="stable")
    ends = np.cumsum(sizes)
    largest = np.argsort(-sizes, kind="stable")[: min(most, int(np.sum(sizes > 1)))].tolist()
    named = {n: texts.numbers[order[ends[n] - sizes[n] : ends[n]][:MOST_MEMBERS]] for n in largest}
    sides = _sides(collection, np.concatenate([np.empty(0, dtype=np.int64), *named.values()]))
    different = np.bincount(labels, minlength=1)
    groups = tuple(
        Group(int(sizes[label]), int(different[label]), tuple(sides[n] for n in numbers.tolist() if n in sides))
        for label, numbers in named.items()
    )
    return int(np.sum(sizes > 1)), groups


def _sides(collection: Collection, numbers: NDArray[np.int64]) -> dict[int, Side]:
    found: dict[int, Side] = {}
    for start in range(0, len(numbers), _READ):
        passages = collection.read(numbers[start : start + _READ].tolist())
        found |= {number: Side(p.id, p.source, p.text) for number, p in passages.items()}
    return found
