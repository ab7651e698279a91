"""Pictures of maps, by matplotlib; labels yield to each other."""

from collections.abc import Sequence
from importlib import import_module
from math import isqrt
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from search.errors import NotConfiguredError
from search.latent.export.sheet import OTHER, Mark, Sheet

_SIDE, _DPI = 7.0, 150
_INK, _PAPER = "#26241f", "#fbfaf7"
_FAINTEST = 0.35
"""Opacity of a point none of whose true neighbours are near it on the map."""
_MOST_SHAPES = 5_000
"""Points up to which each is a shape of its own in an SVG file."""
_FIXED = {"svg.hashsalt": "nearhood", "svg.fonttype": "path"}
_STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
_GAPS = (4, 12, 24)
"""Points between a label and its place that are tried in turn."""
_ROOM = 2.0
"""Pixels that are left free around a label."""


def pictures(file: Path | BinaryIO, sheets: Sequence[Sheet], kind: str) -> None:
    """Write maps side by side; the same maps give the same bytes.

    :param kind: `png` or `svg`.
    :raises NotConfiguredError: Without matplotlib.
    """
    library, canvases, figures = _matplotlib()
    with library.rc_context(_FIXED):
        figure = figures.Figure(figsize=(_SIDE * len(sheets), _SIDE), dpi=_DPI, facecolor=_PAPER, layout="tight")
        canvases.FigureCanvasAgg(figure)
        for i, sheet in enumerate(sheets, start=1):
            _draw(figure, figure.add_subplot(1, len(sheets), i), sheet)
        nothing = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
        figure.savefig(file, format=kind, metadata=nothing)


def _draw(figure: Any, axes: Any, sheet: Sheet) -> None:  # noqa: ANN401 - matplotlib is there only for those who want it
    axes.set_title(sheet.title, color=_INK, fontsize=10, parse_math=False)
    axes.set_axis_off()
    axes.set_aspect("equal", adjustable="datalim")
    colors = np.array([*(one.color for one in sheet.groups), OTHER])[sheet.group]
    size = max(1.5, 40 / max(1, isqrt(len(sheet.places)) / 4))
    opacity = _FAINTEST + (1 - _FAINTEST) * sheet.trust
    many = len(sheet.places) > _MOST_SHAPES
    if len(sheet.places):
        axes.scatter(*sheet.places.T, s=size, c=colors.tolist(), alpha=opacity, linewidths=0, rasterized=many)
    figure.canvas.draw()
    taken: list[Any] = []
    dots = axes.transData.transform(sheet.places)
    for mark in sheet.marks:
        _label(figure, axes, mark, taken, dots)


def _label(figure: Any, axes: Any, mark: Mark, taken: list[Any], dots: NDArray[np.float64]) -> None:  # noqa: ANN401
    """Put a label where it covers no other, and as few points as can be; where there is no such place, leave it out."""
    renderer = figure.canvas.get_renderer()
    weight = "bold" if mark.is_group else "normal"
    text = axes.annotate(
        mark.text,
        (mark.x, mark.y),
        xytext=(0, 0),
        textcoords="offset points",
        fontsize=8,
        color=_INK,
        weight=weight,
        parse_math=False,
        bbox={"facecolor": _PAPER, "alpha": 0.7, "linewidth": 0, "pad": 1} if mark.is_group else None,
    )
    free = []
    for i, (across, up, gap) in enumerate(_offsets(is_group=mark.is_group)):
        _put(text, across, up, gap)
        box = text.get_window_extent(renderer).padded(_ROOM)
        if not any(box.overlaps(other) for other in taken):
            covered = 0 if mark.is_group else int(np.sum(((dots > box.min) & (dots < box.max)).all(axis=1)))
            free.append((covered, i, (across, up, gap), box))
    if not free:
        text.remove()
        return
    _, _, place, box = min(free, key=lambda one: one[:2])
    _put(text, *place)
    taken.append(box)


def _put(text: Any, across: int, up: int, gap: int) -> None:  # noqa: ANN401
    text.set_position((across * gap, up * gap))
    text.set_horizontalalignment({1: "left", 0: "center", -1: "right"}[across])
    text.set_verticalalignment({1: "bottom", 0: "center", -1: "top"}[up])


def _offsets(*, is_group: bool) -> list[tuple[int, int, int]]:
    around = [(across, up, gap) for gap in _GAPS for across, up in _STEPS]
    return [(0, 0, 0), *around] if is_group else around[: 2 * len(_STEPS)]


def _matplotlib() -> tuple[Any, Any, Any]:
    try:
        library, canvases = import_module("matplotlib"), import_module("matplotlib.backends.backend_agg")
        return library, canvases, import_module("matplotlib.figure")
    except ImportError as error:
        raise NotConfiguredError(
            "pictures need matplotlib: run pip install 'nearhood[figures]', or name an .html file"
        ) from error
