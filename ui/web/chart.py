"""A kept map as the browser draws it: numbers in one file, what they mean in another."""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.latent.fitted import Cluster, Facts
from search.latent.grow import outgrown
from search.latent.standing import Standing
from search.latent.trust import K, Trust
from search.store.collection import Collection
from search.types import Passage
from ui.web.plain import name, one_line

NONE = 65_535
"""Of a point in no group."""
FAINT = 1
"""Of its ten true neighbours as many as a point that is drawn faded has near it at most."""
SHOWN = 240
"""Characters of a passage that are shown at its point."""
NAME = 30
"""Characters of a passage's name on the map."""
TERM = 32
"""Characters of a text that is its own name."""
_SMALL = 300
"""Points up to which each one's text can stand beside it."""
NEARLY_ALWAYS, MOSTLY = 0.95, 0.85
"""Trustworthiness from which words are used."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A map at one moment: until it or its collection changes."""

    edition: str
    """Differs from that of any other chart."""
    collection: Collection
    standing: Standing
    order: NDArray[np.int64]
    """The row of the map that each point is, shuffled so that any beginning is a fair sample."""
    place: NDArray[np.int64]
    """The point that each row of the map is."""
    clusters: tuple[Cluster, ...]
    """The largest first; points name them by their place here."""
    are_terms: bool
    """Whether texts are short enough to stand on the map as they are."""

    @classmethod
    def of(cls, edition: str, collection: Collection, standing: Standing) -> "Chart":
        """Return the chart of a map."""
        n = len(standing.fitted.ids)
        order = np.random.default_rng(0).permutation(n)
        place = np.empty(n, dtype=np.int64)
        place[order] = np.arange(n)
        some = collection.read(standing.numbers[order[:_SMALL]].tolist()).values()
        return cls(
            edition=edition,
            collection=collection,
            standing=standing,
            order=order,
            place=place,
            clusters=tuple(sorted(standing.fitted.facts.clusters, key=lambda one: (-one.size, one.id))),
            are_terms=bool(some) and all(len(p.text) <= TERM for p in some),
        )

    def __len__(self) -> int:
        """Return how many points there are."""
        return len(self.order)

    @property
    def coords(self) -> NDArray[np.float32]:
        """Places in the order of the points, (n, 2); of a map in space, its first two axes."""
        return self.standing.fitted.coords[self.order, :2]

    def coords_of(self, point: int) -> NDArray[np.float32]:
        """Return the place of a point, (2,)."""
        return np.asarray(self.standing.fitted.coords[self.order[point], :2])

    @property
    def cluster(self) -> NDArray[np.uint16]:
        """The place of each point's cluster among the clusters, (n,); `NONE` for none."""
        numbers = {one.id: i for i, one in enumerate(self.clusters)}
        own = self.standing.fitted.cluster[self.order]
        ids, inverse = np.unique(own, return_inverse=True)
        found = np.array([numbers.get(i, NONE) for i in ids.tolist()], dtype=np.uint16)
        return np.asarray(found[inverse])

    @property
    def trust(self) -> NDArray[np.uint8]:
        """How many of ten true neighbours are among the ten on the map, of each point, (n,); 255 where none can say."""
        if self.standing.fitted.facts.trust.knn_recall is None:
            return np.full(len(self), 255, dtype=np.uint8)
        return np.rint(10 * self.standing.fitted.shares[self.order]).astype(np.uint8)

    @property
    def faint(self) -> NDArray[np.bool_]:
        """Which points are drawn faded, (n,)."""
        return np.asarray(self.trust <= FAINT)

    def is_faint(self, point: int) -> bool:
        """Return whether a point is drawn faded."""
        share = float(self.standing.fitted.shares[self.order[point]])
        return self.standing.fitted.facts.trust.knn_recall is not None and round(10 * share) <= FAINT

    @property
    def is_small(self) -> bool:
        """Whether each point's text can stand beside it."""
        return len(self) <= _SMALL

    @property
    def alone(self) -> int:
        """How many points are in no cluster."""
        return len(self) - sum(one.size for one in self.clusters)

    def points(self) -> bytes:
        """Return x and y as float32, then clusters as uint16, then trust as uint8: each of all points, in a row."""
        xy = self.coords.astype("<f4")
        parts = (xy[:, 0], xy[:, 1], self.cluster.astype("<u2"), self.trust)
        return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)

    def meta(self) -> dict[str, Any]:
        """Return what the numbers mean, as JSON values."""
        facts, placed = self.standing.fitted.facts, int(self.standing.fitted.placed.sum())
        return {
            "edition": self.edition,
            "n": len(self),
            "small": self.is_small,
            "terms": self.are_terms,
            "faint": {"most": FAINT, "count": int(self.faint.sum())},
            "clusters": [{"name": one.label, "count": one.size} for one in self.clusters],
            "none": self.alone,
            "reading": reading(facts, len(self), self.standing.total, placed),
            "made": made(facts, placed),
            "method": facts.wish.method,
            "seed": facts.wish.seed,
            "version": facts.version,
        }

    def passages(self, points: list[int]) -> list[Passage]:
        """Return the passages of points; one that was removed meanwhile is left out."""
        numbers = self.standing.numbers[self.order[points]].tolist()
        read = self.collection.read(numbers)
        return [read[number] for number in numbers if number in read]

    def ids(self, points: NDArray[np.int64]) -> tuple[str, ...]:
        """Return the ids of points."""
        ids = self.standing.fitted.ids
        return tuple(ids[row] for row in self.order[points].tolist())

    def point(self, passage_id: str) -> int | None:
        """Return the point of a passage; None for one that is not on the map."""
        row = self.row(passage_id)
        return None if row is None else int(self.place[row])

    def row(self, passage_id: str) -> int | None:
        """Return the row of the map that is a passage's; None for one that is not on it."""
        # Sorted, as maps are, they need no index, which would take a third of a second to make for a million.
        ids = self.standing.fitted.ids
        row = bisect_left(ids, passage_id)
        return row if ids[row : row + 1] == (passage_id,) else None

    def text(self, point: int) -> dict[str, Any]:
        """Return what is shown at a point, as JSON values; empty for a passage that was removed meanwhile."""
        for passage in self.passages([point]):
            where = int(self.cluster_of(point))
            cluster = None if where == NONE else self.clusters[where].label
            text = one_line(passage.text, passage.source, SHOWN)
            return {"text": text, "source": file_of(passage.source), "cluster": cluster}
        return {}

    def cluster_of(self, point: int) -> int:
        """Return the place of a point's cluster among the clusters; `NONE` for none."""
        own = int(self.standing.fitted.cluster[self.order[point]])
        return next((i for i, one in enumerate(self.clusters) if one.id == own), NONE)

    def names(self, points: list[int]) -> dict[int, str]:
        """Return what to call the passages of points."""
        return {
            point: name(p.text, p.source, NAME)
            for p in self.passages(points)
            if (point := self.point(p.id)) is not None
        }


def file_of(source: str) -> str:
    """Return the file's name of a source."""
    return source.replace("\\", "/").rpartition("/")[2] or source


def reading(facts: Facts, n: int, passages: int, placed: int = 0) -> str:
    """Return how far to believe a map, in one sentence for each measure."""
    old = " More came in since it was fitted than it was fitted to: draw it anew." if outgrown(placed, n) else ""
    return _measured(facts, n, passages) + old


def _measured(facts: Facts, n: int, passages: int) -> str:
    what = f"{n:,} of {passages:,} passages" if n < passages else f"{n:,} {'passage' if n == 1 else 'passages'}"
    trust = facts.trust
    if trust.trustworthiness is None or trust.continuity is None or trust.knn_recall is None:
        return f"{what}: too few to measure how far the picture can be believed."
    rounded = round(trust.trustworthiness, 2)
    often = "nearly always" if rounded >= NEARLY_ALWAYS else "mostly" if rounded >= MOSTLY else "often not"
    return (
        f"{what}. What stands together is {often} near in meaning (trustworthiness {rounded:.2f}); what is near in"
        f" meaning may stand apart: {100 * trust.knn_recall:.0f} % of the true ten nearest are the ten nearest here"
        f" (continuity {trust.continuity:.2f}).{_sampled(trust, n)}"
    )


def _sampled(trust: Trust, n: int) -> str:
    """Return what the measures that are of a sample say less of than they seem to."""
    if trust.measured_on >= n:
        return ""
    return (
        f" Trustworthiness and continuity compare {trust.measured_on:,} of them with each other: ten nearest among"
        f" these reach over some {K * n // trust.measured_on:,} of all, so that both tell of wide neighbourhoods."
    )


def made(facts: Facts, placed: int) -> str:
    """Return how a map was made, and what has changed on it."""
    methods = {"tsne": "t-SNE", "umap": "UMAP", "pca": "PCA"}
    words = f"{methods.get(facts.wish.method, facts.wish.method)}, seed {facts.wish.seed}, version {facts.version}"
    if facts.moved is not None and facts.moved.shared:
        moved = f"{100 * facts.moved.median:.1f} % of the width, {100 * facts.moved.away:.0f} % moved far"
        words += f"; since version {facts.moved.since} half of the points moved by more than {moved}"
    return words + (f"; {placed:,} placed since it was fitted" if placed else "")
