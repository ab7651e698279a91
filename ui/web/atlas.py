"""A latent map as the browser draws it: groups for colours, labels, and a sentence on how far to believe it."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.latent.map import LatentMap, Point
from ui.web.plain import one_line, shorten

MOST_GROUPS = 10
"""Colours that can be told apart."""
TERM = 32
"""Characters of a text that is its own label."""
TITLE = 40
"""Characters of a source's name."""
SHOWN = 240
"""Characters of a passage that are shown at its point."""
NEARLY_ALWAYS, MOSTLY = 0.95, 0.85
"""Trustworthiness from which words are used."""


def atlas(drawn: LatentMap) -> dict[str, Any]:
    """Return a map as JSON values; its longest side lies across."""
    places = across(np.array([(p.x, p.y) for p in drawn.points], dtype=np.float64).reshape(-1, 2))
    names = groups([p.source for p in drawn.points])
    counted = Counter(names).most_common()
    number = {name: i for i, (name, _) in enumerate(counted)}
    return {
        "reading": reading(drawn),
        "x": np.round(places[:, 0], 3).tolist(),
        "y": np.round(places[:, 1], 3).tolist(),
        "id": [p.id for p in drawn.points],
        "text": [one_line(p.text, p.source, SHOWN) for p in drawn.points],
        "source": [PurePath(p.source).name for p in drawn.points],
        "group": [number[name] for name in names],
        "groups": [{"name": name, "count": count} for name, count in counted] if len(counted) > 1 else [],
        "labels": _labels(drawn.points, places),
    }


def across(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn places about their centre so that they spread most from left to right. No distance changes."""
    if len(places) < 2:  # noqa: PLR2004 - one place has no direction
        return places
    centered = places - places.mean(axis=0)
    axes = np.linalg.svd(centered, full_matrices=False)[2]
    # A turn, not a mirror image; and the same one whichever sign the decomposition gives.
    axes[0] *= np.sign(axes[0, np.abs(axes[0]).argmax()])
    axes[1] = (-axes[0, 1], axes[0, 0])
    turned: NDArray[np.float64] = centered @ axes.T
    return turned


def groups(sources: Sequence[str]) -> list[str]:
    """Return the group of each source: its file, else its folder, else one for all.

    The finest of these that has few enough members to have a colour each.
    """
    if not sources:
        return []
    root = os.path.commonpath([str(PurePath(s).parent) for s in sources])
    paths = [PurePath(s).relative_to(root) for s in sources]
    if len(set(paths)) <= MOST_GROUPS:
        names_differ = len({p.name for p in paths}) == len(set(paths))
        return [p.name if names_differ else str(p) for p in paths]
    folders = [p.parts[0] if len(p.parts) > 1 else "(top folder)" for p in paths]
    return folders if len(set(folders)) <= MOST_GROUPS else ["" for _ in sources]


def reading(drawn: LatentMap) -> str:
    """Return what the map is, and how far to believe it."""
    if len(drawn.points) < drawn.passages:
        what = f"{len(drawn.points):,} of {drawn.passages:,} passages, evenly chosen."
    else:
        what = f"{drawn.passages:,} {'passage' if drawn.passages == 1 else 'passages'}."
    if drawn.trustworthiness is None:
        return f"{what} Too few to measure how far the picture can be believed."
    trust = round(drawn.trustworthiness, 2)
    often = "nearly always" if trust >= NEARLY_ALWAYS else "mostly" if trust >= MOSTLY else "often not"
    return f"{what} Trustworthiness {trust:.2f}: the ten nearest on the map are {often} near in meaning too."


def _labels(points: Sequence[Point], places: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Return each text where it stands when texts are terms, else each source's name in the middle of its points."""
    if all(len(p.text) <= TERM for p in points):
        # Where not all have room, the first win: a mixture, and not those that begin with A.
        mixed = np.random.default_rng(0).permutation(len(points)).tolist()
        return [_label(points[i].text, places[i], i) for i in mixed]
    members: dict[str, list[int]] = {}
    for i, point in enumerate(points):
        members.setdefault(point.source, []).append(i)
    by_size = sorted(members.items(), key=lambda item: -len(item[1]))
    return [_label(_title(source), np.median(places[rows], axis=0), None) for source, rows in by_size]


def _label(text: str, place: NDArray[np.float64], point: int | None) -> dict[str, Any]:
    return {"text": text, "x": round(float(place[0]), 3), "y": round(float(place[1]), 3), "point": point}


def _title(source: str) -> str:
    return shorten(PurePath(source).stem.replace("-", " ").replace("_", " "), TITLE)
