"""Lists, answers and comparisons as notebooks show them: HTML without scripts, in the colours that the notebook has."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from html import escape
from typing import Any

from search.types import Answer, Citation, Comparison, Hit, HitList, MetadataValue, Statement

_FAINT = "opacity:.65"
_CELL = "text-align:left;vertical-align:top;padding:.35em .8em .35em 0"
_NUMBER = f"{_CELL};font-variant-numeric:tabular-nums;white-space:nowrap"
_CAUTION = "color:#b45309"
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
    cautions = "".join(_caution(f"{c.kind}: {c.why}") for c in hit.cautions)
    yield f'<td style="{_CELL}">{escape(text)}{cautions}<div style="{_FAINT}">{_where(hit)}</div></td>'


def _caution(said: str) -> str:
    return f'<div style="{_CAUTION}">{escape(said)}</div>'


def _where(of: Hit | Citation) -> str:
    return escape(" · ".join([f"{of.source}:{of.start}-{of.end}", *_place(of.metadata)]))


def _place(metadata: Mapping[str, MetadataValue]) -> Iterator[str]:
    for name in ("heading", "page"):
        if name in metadata:
            yield f"{name} {metadata[name]}" if name == "page" else str(metadata[name])


def _how(found: HitList) -> str:
    sure = "all compared" if found.exact else f"an index that finds {100 * (found.recall or 0):.0f} % of the true ten"
    return escape(f"“{found.query}”: {found.mode}, {found.passages:,} passages, {sure}, {found.embedder}")


def answer(said: Answer) -> str:
    """Return an answer, the spans that it rests on, and how often such answers are wrong; each text in it escaped."""
    lines = "<br>".join(escape(said.answer).splitlines())
    spans = "".join(
        f'<li value="{cited.n}">“{escape(cited.quote)}”<div style="{_FAINT}">{_where(cited)}</div></li>'
        for cited in said.citations
    )
    warned = "".join(_caution(line) for one in said.statements for line in _warned(said, one))
    broken = _caution(f"not whole: {said.broken}") if said.broken else ""
    how = rates_of(asdict(said.judgement)) if said.judgement else "too few notes to judge what they answer"
    footer = f'<div style="{_FAINT}">{escape(f"{said.model}; {how}")}</div>'
    return f"<div><p>{lines}</p>{broken}{warned}<ol>{spans}</ol>{footer}</div>"


def _warned(said: Answer, one: Statement) -> Iterator[str]:
    words = said.answer[one.start : one.end]
    if not one.supported:
        why = "cites nothing" if one.support is None else "is not what it cites says, as far as can be told"
        yield f"unsupported: “{words}” {why}"
    for caution in one.cautions:
        yield f"{caution.kind}: {caution.why}, of “{words}”"


def rates_of(judgement: Mapping[str, Any]) -> str:
    """Return how often a judgement of whether notes answer a question is wrong, in words."""
    return (
        f"on {judgement['questions']:,} questions made from these notes, {judgement['false_answer']:.0%} of those"
        f" without an answer were answered, and {judgement['false_refusal']:.0%} of those with one refused"
    )


def comparison(found: Comparison) -> str:
    """Return the cosine of each text with each as an HTML table, and the cautions below it; each text escaped."""
    numbers = range(1, len(found.texts) + 1)
    head = "".join(f'<th style="{_NUMBER}">{n}</th>' for n in numbers)
    rows = "".join(
        f'<tr><th style="{_NUMBER}">{n}</th>{"".join(f"""<td style="{_NUMBER}">{c:.3f}</td>""" for c in cosines)}'
        f'<td style="{_CELL}">{escape(text)}</td></tr>'
        for n, text, cosines in zip(numbers, found.texts, found.similarity, strict=True)
    )
    warned = "".join(_caution(f"{c.kind} between {c.a + 1} and {c.b + 1}: {c.why}") for c in found.cautions)
    caption = f'<caption style="{_CELL};{_FAINT}">cosines, {escape(found.embedder)}</caption>'
    table = f'<table style="border-collapse:collapse">{caption}<thead><tr><th></th>{head}<th></th></tr></thead>'
    return f"{table}<tbody>{rows}</tbody></table>{warned}"
