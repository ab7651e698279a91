"""Lists as notebooks show them: HTML without scripts, in the colours that the notebook has."""

from collections.abc import Iterator
from html import escape

from search.types import Hit, HitList

_FAINT = "opacity:.65"
_CELL = "text-align:left;vertical-align:top;padding:.35em .8em .35em 0"
_NUMBER = f"{_CELL};font-variant-numeric:tabular-nums;white-space:nowrap"
_LONGEST = 400
"""Characters of a passage that are shown."""


def hits(found: HitList) -> str:
    """Return a ranking as an HTML table, each text in it escaped."""
    head = "".join(f'<th style="{_CELL}">{name}</th>' for name in ("similarity", "nearer than", "passage"))
    rows = "".join(f"<tr>{''.join(_cells(hit))}</tr>" for hit in found.hits)
    caption = f'<caption style="{_CELL};{_FAINT}">{_how(found)}</caption>'
    body = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return f'<table style="border-collapse:collapse">{caption}{body}</table>'


def _cells(hit: Hit) -> Iterator[str]:
    yield f'<td style="{_NUMBER}">{hit.similarity:.3f}</td>'
    known = "" if hit.percentile is None else f"{hit.percentile:.1f} % of random pairs"
    yield f'<td style="{_NUMBER}">{known}</td>'
    text = hit.text if len(hit.text) <= _LONGEST else f"{hit.text[:_LONGEST]}…"
    where = " · ".join([f"{hit.source}:{hit.start}-{hit.end}", *_place(hit)])
    cautions = "".join(f'<div style="color:#b45309">{escape(f"{c.kind}: {c.why}")}</div>' for c in hit.cautions)
    yield f'<td style="{_CELL}">{escape(text)}{cautions}<div style="{_FAINT}">{escape(where)}</div></td>'


def _place(hit: Hit) -> Iterator[str]:
    for name in ("heading", "page"):
        if name in hit.metadata:
            yield f"{name} {hit.metadata[name]}" if name == "page" else str(hit.metadata[name])


def _how(found: HitList) -> str:
    sure = "all compared" if found.exact else f"an index that finds {100 * (found.recall or 0):.0f} % of the true ten"
    return escape(f"“{found.query}”: {found.mode}, {found.passages:,} passages, {sure}, {found.embedder}")
