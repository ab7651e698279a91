"""Small diagrams as SVG, each with its numbers in words."""

from collections.abc import Sequence
from html import escape

from search.latent.calibrate import Bin
from search.latent.quality import Step

SIDE = 220
_LEFT, _TOP, _ROOM = 34, 10, 30
"""Room for the numbers at the axes, in units of the picture."""
_SMALLEST, _LARGEST = 3.0, 9.0
"""Radius of a point."""


def reliability(bins: Sequence[Bin]) -> str:
    """Return how often predictions of about the same confidence are right; on the diagonal, as often as they say."""
    most = max((one.count for one in bins), default=1)
    points = "".join(_point(one, most) for one in bins)
    line = f'<path class="nh-ideal" d="M{_x(0):.1f} {_y(0):.1f}L{_x(1):.1f} {_y(1):.1f}"/>'
    words = f"Reliability in {len(bins)} groups of predictions; the numbers are in the table beside it"
    return _picture(words, "confidence", "right", line + points)


def reliability_table(bins: Sequence[Bin]) -> str:
    """Return the same as numbers."""
    rows = "".join(
        f"<tr><td>{_percent(one.confidence)}</td><td>{_percent(one.accuracy)}</td><td>{one.count:,}</td></tr>"
        for one in bins
    )
    return _table(("Confidence", "Right", "Examples"), rows)


def curve(steps: Sequence[Step]) -> str:
    """Return how accuracy grows with the examples."""
    most = max((step.examples for step in steps), default=1)
    places = [(_x(step.examples / most), _y(step.accuracy)) for step in steps]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    points = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in places)
    words = "Learning curve: " + "; ".join(f"{s.examples:,} examples {_percent(s.accuracy)} right" for s in steps)
    return _picture(words, f"examples, up to {most:,}", "right", f'<path class="nh-line" d="M{path}"/>{points}', "")


def curve_table(steps: Sequence[Step]) -> str:
    """Return the same as numbers."""
    rows = "".join(f"<tr><td>{step.examples:,}</td><td>{_percent(step.accuracy)}</td></tr>" for step in steps)
    return _table(("Examples", "Right"), rows)


def _point(one: Bin, most: int) -> str:
    words = f"{_percent(one.confidence)} sure, {_percent(one.accuracy)} right, {one.count:,} examples"
    place = f'cx="{_x(one.confidence):.1f}" cy="{_y(one.accuracy):.1f}"'
    return f'<circle {place} r="{_radius(one.count, most):.1f}"><title>{words}</title></circle>'


def _picture(words: str, across: str, up: str, inside: str, last: str = "100 %") -> str:
    width, height = _LEFT + SIDE + 10, _TOP + SIDE + _ROOM
    grid = "".join(
        f'<path d="M{_x(0):.1f} {_y(share):.1f}H{_x(1):.1f}"/>'
        f'<text x="{_LEFT - 6}" y="{_y(share) + 4:.1f}" text-anchor="end">{100 * share:.0f}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    ends = f'<text x="{_x(0):.1f}" y="{_y(0) + 15:.1f}">0</text>'
    ends += f'<text x="{_x(1):.1f}" y="{_y(0) + 15:.1f}" text-anchor="end">{last}</text>'
    middle = f'<text x="{_x(0.5):.1f}" y="{_y(0) + 28:.1f}" text-anchor="middle">{escape(across)}</text>'
    top = f'<text class="nh-up" x="{_x(0) + 5:.1f}" y="{_y(1) + 12:.1f}">{escape(up)}, %</text>'
    return (
        f'<svg class="nh-chart" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(words)}">'
        f'<g class="nh-grid">{grid}{ends}{middle}{top}</g>{inside}</svg>'
    )


def _table(heads: Sequence[str], rows: str) -> str:
    cells = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return f'<table class="nh-numbers"><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>'


def _x(share: float) -> float:
    return _LEFT + SIDE * share


def _y(share: float) -> float:
    return _TOP + SIDE * (1 - share)


def _radius(count: int, most: int) -> float:
    return _SMALLEST + float((_LARGEST - _SMALLEST) * (count / most) ** 0.5)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
