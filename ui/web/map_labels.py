"""The words on a map: clusters from afar, their parts from nearer by, and texts where they are short."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.latent.labels import telling
from ui.web.chart import NONE, Chart
from ui.web.plain import one_line

_READ = 20_000
"""Passages whose words name the parts."""
_FEWEST = 4
"""Of these in a part that gets a name."""
_MOST_PARTS = 400
_WORDS = 2
_CELLS = 24
_LONGEST = 40


def labels(chart: Chart) -> list[dict[str, Any]]:
    """Return labels as JSON values: text, place, level (0 from afar, 1 from nearer by) and point, or null."""
    if chart.are_terms and chart.is_small:
        return _terms(chart)
    return [*_clusters(chart), *([] if chart.are_terms else _parts(chart))]


def _terms(chart: Chart) -> list[dict[str, Any]]:
    coords = chart.coords
    texts = {p.id: one_line(p.text, p.source, _LONGEST) for p in chart.passages(list(range(len(chart))))}
    places = ((chart.point(passage_id), text) for passage_id, text in texts.items())
    return [_label(text, coords[point], 0, point) for point, text in places if point is not None]


def _clusters(chart: Chart) -> list[dict[str, Any]]:
    coords, cluster = chart.coords, chart.cluster
    return [_label(one.label, densest(coords[cluster == i]), 0) for i, one in enumerate(chart.clusters) if one.size]


def _parts(chart: Chart) -> list[dict[str, Any]]:
    """Name each part of a cluster by the words that it has more than the other parts of that cluster."""
    parts = chart.standing.fitted.part[chart.order]
    coords, cluster = chart.coords, chart.cluster
    read = chart.passages(list(range(min(_READ, len(chart)))))
    words: dict[tuple[int, int], list[str]] = {}
    for passage in read:
        point = chart.point(passage.id)
        if point is not None and parts[point] >= 0 and cluster[point] != NONE:
            words.setdefault((int(cluster[point]), int(parts[point])), []).append(passage.text)
    by_size = sorted((key for key, texts in words.items() if len(texts) >= _FEWEST), key=lambda k: -len(words[k]))
    named = _named({key: words[key] for key in by_size[:_MOST_PARTS]})
    return [_label(text, densest(coords[parts == part]), 1) for (_, part), text in named.items()]


def _named(texts: dict[tuple[int, int], list[str]]) -> dict[tuple[int, int], str]:
    """Return a name for each part, among those of the same cluster; a cluster of one part has its own already."""
    together = Counter(cluster for cluster, _ in texts)
    found: dict[tuple[int, int], str] = {}
    for cluster, count in together.items():
        own = [key for key in texts if key[0] == cluster]
        if count > 1:
            names = telling([texts[key] for key in own], _WORDS)
            found |= {key: ", ".join(words) for key, words in zip(own, names, strict=True) if words}
    return {key: found[key] for key in texts if key in found}


def densest(places: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return where some places, (n, 2), stand closest: the mean of two islands would lie in the sea."""
    low, high = places.min(axis=0), places.max(axis=0)
    cells = np.clip((places - low) / np.maximum(high - low, 1e-9) * _CELLS, 0, _CELLS - 1e-3).astype(np.int64)
    counts = np.zeros((_CELLS + 4, _CELLS + 4))
    np.add.at(counts, (cells[:, 0] + 2, cells[:, 1] + 2), 1)
    # The sum of five by five cells around each.
    for axis in (0, 1):
        counts = np.sum([np.roll(counts, shift, axis=axis) for shift in range(-2, 3)], axis=0)
    best = np.unravel_index(counts.argmax(), counts.shape)
    near = np.abs(cells + 2 - np.array(best)).max(axis=1) <= 2  # noqa: PLR2004 - as summed
    return np.asarray(np.median(places[near], axis=0), dtype=np.float32)


def _label(text: str, place: NDArray[np.float32], level: int, point: int | None = None) -> dict[str, Any]:
    return {"text": text, "x": float(place[0]), "y": float(place[1]), "level": level, "point": point}
