"""A fitted map as numbers: what is kept on disk."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.errors import InvalidInputError
from search.latent.align import Moved
from search.latent.clusters import DEFAULT, Merge
from search.latent.communities import Labels
from search.latent.neighbours import Indices
from search.latent.place import Calibration
from search.latent.rows import Marks
from search.latent.trust import Shares, Trust
from search.types import Coords

_MOST_SEED = 2**32 - 3
"""scikit-learn's seeds have 32 bits, and those of two more layouts follow."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a map is to be drawn."""

    method: str = "tsne"
    seed: int = 0
    dims: int = 2
    sample: int | None = None
    """Passages to draw, of a larger collection; None for all."""
    clustering: str = DEFAULT
    clusters: int | None = None
    """How many; None where the clustering is to choose."""

    def __post_init__(self) -> None:
        """:raises InvalidInputError: For a seed that is none, or a sample of nothing."""
        if not 0 <= self.seed <= _MOST_SEED:
            raise InvalidInputError(f"a seed is 0 to {_MOST_SEED:,}, not {self.seed:,}")
        if self.sample is not None and self.sample < 1:
            raise InvalidInputError(f"a sample is of 1 passage or more, not {self.sample:,}")

    def but(self, **said: Any) -> "Wish":  # noqa: ANN401 - each field has another type
        """Return one with what was said; a number of clusters goes with the clustering that it was for."""
        if said.get("clustering", self.clustering) != self.clustering:
            said = {"clusters": None, **said}
        return replace(self, **said)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Passages that belong together in the embedding space."""

    id: int
    """Stays when the map is fitted again."""
    label: str
    size: int
    stability: float
    """How far it is found again in draws of the passages, 0 to 1: the mean Jaccard index."""
    checked: bool
    """Whether the label's vector is nearer to this cluster's centre than to any other's."""
    carried: bool = False
    """Whether id and label are those of a cluster of the version before."""
    named_by: str = ""
    """The chat model that the label is of; empty where it is of the passages' own words."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a map is, and how far it can be believed."""

    version: int
    wish: Wish
    embedder: str
    digest: str
    """A hash of the ids and vectors that it was fitted to."""
    passages: int
    """Of the collection when it was fitted; the points are all of them or a sample."""
    libraries: dict[str, str]
    trust: Trust
    wobble_estimated: bool
    """Whether only a sample was laid out again, and the others' wobble follows from it."""
    calibration: Calibration | None
    clusters: tuple[Cluster, ...]
    merges: tuple[Merge, ...]
    moved: Moved | None = None
    """Since the version before; None for a first one."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A map: places of passages, sorted by their ids."""

    facts: Facts
    ids: tuple[str, ...]
    coords: Coords
    near: Indices
    """The nearest of each point when it was fitted or placed, as rows of this map, (n, k)."""
    marks: Marks
    shares: Shares
    """Of each point: the share of its ten true neighbours that are among its ten on the map."""
    wobble: Shares
    """Of each point: the share of its ten map neighbours that are others under another seed."""
    cluster: Labels
    """Ids of clusters; -1 for none."""
    part: Labels
    """A finer clustering, within the same clusters; -1 for none."""
    placed: NDArray[np.bool_]
    """Which came in after the map was fitted."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all numbers by name."""
        names = ("coords", "near", "marks", "shares", "wobble", "cluster", "part", "placed")
        return {name: getattr(self, name) for name in names}
