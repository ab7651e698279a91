"""A comparison as HTML: a number in each cell, and the colours' scale beside it."""

from collections.abc import Sequence
from html import escape

from search.types import Comparison, PairCaution
from ui.web.format import model
from ui.web.plain import shorten

SHORT = 14
"""Characters of a text that still fits over its column."""
LINE = 60
"""Characters of a text within a sentence."""
MOST_SHORT = 8
"""Columns that still have room for texts over them."""


def matrix(found: Comparison) -> str:
    """Return the table, what is nearest in it, and cautions about pairs."""
    a, b = best_pair(found.similarity)
    short = len(found.texts) <= MOST_SHORT and max(map(len, found.texts)) <= SHORT
    columns = "".join(
        f'<th scope="col" title="{escape(text)}">{escape(text) if short else number}</th>'
        for number, text in enumerate(found.texts, start=1)
    )
    rows = "".join(_row(found, row, (a, b)) for row in range(len(found.texts)))
    return (
        f'<section class="nh-compare">{_summary(found, a, b)}'
        '<div class="nh-scroll" tabindex="0" role="region" aria-label="Similarities"><table class="nh-matrix">'
        f"<thead><tr><td></td>{columns}</tr></thead><tbody>{rows}</tbody></table></div>"
        f"{_legend()}{_cautions(found)}</section>"
    )


def best_pair(similarity: Sequence[Sequence[float]]) -> tuple[int, int]:
    """Return the places of the two different texts that are nearest."""
    pairs = ((a, b) for a in range(len(similarity)) for b in range(a + 1, len(similarity)))
    return max(pairs, key=lambda pair: similarity[pair[0]][pair[1]])


def _row(found: Comparison, row: int, best: tuple[int, int]) -> str:
    cells = "".join(_cell(value, row, column, best) for column, value in enumerate(found.similarity[row]))
    text = found.texts[row]
    return f'<tr><th scope="row"><i>{row + 1}</i><span title="{escape(text)}">{escape(text)}</span></th>{cells}</tr>'


def _cell(value: float, row: int, column: int, best: tuple[int, int]) -> str:
    shown = f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
    if row == column:
        return f'<td class="nh-self">{shown}</td>'
    mark = ' class="nh-best"' if tuple(sorted((row, column))) == best else ""
    return f'<td{mark} style="--v:{min(1.0, max(0.0, value)):.3f}" title="{value:.4f}">{shown}</td>'


def _summary(found: Comparison, a: int, b: int) -> str:
    texts = (_quoted(found.texts[a]), _quoted(found.texts[b]))
    value = f"{found.similarity[a][b]:.3f}"
    return (
        f'<p class="nh-lead">Nearest: {texts[0]} and {texts[1]} at <b>{value}</b></p>'
        f'<p class="nh-how">cosine similarity · {escape(model(found.embedder))}</p>'
    )


def _quoted(text: str) -> str:
    return f"<q>{escape(shorten(text, LINE))}</q>"


def _legend() -> str:
    marks = "".join(f'<span style="left:{100 * mark:g}%">{mark:g}</span>' for mark in (0.25, 0.5, 0.75, 1.0))
    return (
        '<div class="nh-legend" role="img" aria-label="Colours: from none at 0 or less to full at 1">'
        f'<i></i><div aria-hidden="true"><b>0 or less</b>{marks}</div></div>'
    )


def _cautions(found: Comparison) -> str:
    if not found.cautions:
        return ""
    rows = "".join(map(_caution, found.cautions))
    return f'<h2>Near but not the same</h2><ul class="nh-pairs">{rows}</ul>'


def _caution(caution: PairCaution) -> str:
    return (
        f'<li><b>{caution.a + 1} and {caution.b + 1}</b> <span class="nh-badge">{escape(caution.kind)}</span> '
        f"{escape(caution.why)}</li>"
    )
