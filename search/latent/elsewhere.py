"""Says which true neighbours a map puts elsewhere: too far off to be taken for neighbours by who looks at it."""

import numpy as np
from numpy.typing import NDArray

from search.types import Coords

FAR = 0.1
"""Share of the map's width from which on a point is elsewhere."""
_SPREAD = 2.5
"""The same on a map of few points, in distances between points that were spread evenly: some twenty lie within."""


def elsewhere(coords: Coords, at: Coords, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which rows of a map stand far from a place, (m,).

    :param coords: Of all points of the map, (n, dims).
    :param at: The place, (dims,).
    """
    return np.asarray(np.linalg.norm(coords[rows].astype(np.float64) - at, axis=1) > reach(coords))


def reach(coords: Coords) -> float:
    """Return how far two points may be apart on a map to stand near each other, in the map's units."""
    width = max((float(np.ptp(axis)) for axis in coords.T), default=0.0)
    return width * share(len(coords))


def share(points: int) -> float:
    """Return the part of the map's width that this is, on a map of so many points."""
    return max(FAR, _SPREAD / max(1.0, float(np.sqrt(points))))
