"""Rankings and messages as HTML: pure functions, in which every text is escaped."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import PurePath

from search.errors import NearhoodError
from search.types import Hit, HitList, Passage
from ui import chance
from ui.sides import said_of
from ui.web.plain import name, plain, shorten
from ui.web.why import because, body

BY = {"dense": "by meaning", "lexical": "by words", "hybrid": "by meaning and words"}
LABEL = 48
"""Characters of a passage's name in a trail or on a button."""
# A percentile that would be rounded to 100.
_ALMOST_ALL = 99.95


@dataclass(frozen=True, slots=True)
class Stop:
    """A passage that the user went to, by way of others."""

    id: str
    label: str


def hits(found: HitList, *, is_filtered: bool = False) -> str:
    """Return a ranking for a query.

    :param is_filtered: Whether a filter left out passages.
    """
    if not found.hits:
        return _nothing(found, is_filtered=is_filtered)
    head = f'<h2>Nearest to <q class="nh-query">{escape(shorten(found.query, 2 * LABEL))}</q></h2>'
    link = on_map(found.query, [hit.id for hit in found.hits])
    return (
        f'<section class="nh-results"><div class="nh-head">{head}{link}</div>{_how(found)}{cards(found.hits)}</section>'
    )


def _nothing(found: HitList, *, is_filtered: bool) -> str:
    if is_filtered and not found.passages:
        return hint("No passage fits the filter.")
    return empty() if not found.passages and found.mode != "lexical" else hint("Nothing here fits the words.")


def neighbours(
    center: Passage,
    found: HitList,
    trail: Sequence[Stop],
    start: str,
    note: str = "",
    remarks: Mapping[str, str] | None = None,
) -> str:
    """Return a passage and what lies near it, under the way that led to it.

    :param start: What the first step of the trail is called.
    :param note: A sentence about this list.
    :param remarks: What is to be said of some hits, by their ids.
    """
    near = cards(found.hits, remarks) if found.hits else '<p class="nh-note">It is the only passage here.</p>'
    return (
        f'<section class="nh-results" aria-label="Nearest to a passage">{_trail(trail, start)}{_center(center)}'
        f"<h2>Nearest to it</h2>{_how(found)}{_paragraph(note, 'nh-note')}{near}</section>"
    )


def cards(found: Sequence[Hit], remarks: Mapping[str, str] | None = None) -> str:
    """Return hits, a card each.

    :param remarks: What is to be said of some, by their ids.
    """
    said = remarks or {}
    return f'<ol class="nh-cards">{"".join(_card(hit, said.get(hit.id, "")) for hit in found)}</ol>'


def on_map(text: str, passages: Sequence[str], numbers: Sequence[int] = (), said: str = "Show on the map") -> str:
    """Return a button that leads to the map, with a text and some passages marked on it.

    :param text: Placed there; empty for none.
    :param numbers: What they are marked with; from 1 on where there are none.
    """
    what = json.dumps({"text": text, "passages": list(passages), "title": text, "numbers": list(numbers)})
    return f'<button type="button" class="nh-chip nh-on-map" data-show-on-map="{escape(what)}">{escape(said)}</button>'


def message(head: str, text: str = "", *commands: str) -> str:
    """Return something said calmly in place of a result, with commands that help."""
    lines = "".join(f"<li><code>{escape(command)}</code></li>" for command in commands)
    shown = f'<ul class="nh-commands">{lines}</ul>' if lines else ""
    words = f"{_paragraph(head, 'nh-message-head')}{_paragraph(text, 'nh-message-text')}"
    return f'<div class="nh-message" role="status">{words}{shown}</div>'


def error(raised: NearhoodError) -> str:
    """Return what went wrong and what to do, as the error says it."""
    what, colon, remedy = " ".join(str(raised).split()).rpartition(": ")
    return message(_sentence(what), _sentence(remedy)) if colon else message(_sentence(remedy))


def no_collection() -> str:
    """Return what to do in an empty store."""
    return _to_library("There is nothing to search yet.", "Drop your files there, or take in the bundled sample:")


def empty() -> str:
    """Return what to do with a collection that has nothing."""
    return _to_library("This collection is empty.", "Drop files there, or in a terminal:", "nearhood ingest PATH")


def _to_library(head: str, text: str, command: str = "nearhood demo") -> str:
    words = f'<p class="nh-message-text"><a href="#library">Go to Library.</a> {text}</p>'
    commands = f'<ul class="nh-commands"><li><code>{command}</code></li></ul>'
    return f'<div class="nh-message" role="status"><p class="nh-message-head">{head}</p>{words}{commands}</div>'


def examples(collection: str, texts: Sequence[str]) -> str:
    """Return what an empty search field offers: texts of the collection's own."""
    chips = "".join(
        f'<li><button type="button" class="nh-chip" data-example="{escape(text)}">{escape(text)}</button></li>'
        for text in texts
    )
    lead = f"Type a word, a question or a sentence. Something from <b>{escape(collection)}</b> to start with:"
    return f'<div class="nh-start"><p>{lead}</p><ul class="nh-chips">{chips}</ul></div>'


def hint(text: str) -> str:
    """Return a quiet sentence for a place that fills later."""
    return f'<p class="nh-hint">{escape(text)}</p>'


def nearness(percentile: float | None) -> str:
    """Return in words what a similarity means in its collection; empty when there is nothing to measure it by."""
    if percentile is None:
        return ""
    if percentile >= _ALMOST_ALL:
        return "closer than 99.9 % of random pairs here"
    number = f"{percentile:.1f}".removesuffix(".0")
    verdict = ", which is no more than chance" if chance.is_weak(percentile) else ""
    return f"closer than {number} % of random pairs here{verdict}"


def model(embedder: str) -> str:
    """Return an embedder's name without what it is made by."""
    return embedder.removeprefix("local:").removeprefix("hf:")


def _how(found: HitList) -> str:
    recall = "exact" if found.exact else f"approximate, finds {100 * (found.recall or 0):.0f} % of the true top 10"
    count = f"{len(found.hits)} {'passage' if len(found.hits) == 1 else 'passages'}"
    took = "under 1 ms" if found.took_ms < 1 else f"{found.took_ms:.0f} ms"
    by = (BY.get(found.mode, found.mode), *([f"reranked by {found.reranked_by}"] if found.reranked_by else []))
    parts = (count, *by, model(found.embedder), recall, took)
    return f'<p class="nh-how">{" · ".join([*map(escape, parts), *_nearer(found)])}</p>'


def _nearer(found: HitList) -> Iterator[str]:
    """Yield how many of the hits are nearer than chance would bring."""
    if number := chance.nearer(found):
        yield f'<span title="{_sentence(chance.MEANING)}.">{number} nearer than chance</span>'


def _card(hit: Hit, remark: str) -> str:
    label = escape(name(hit.text, hit.source, LABEL))
    return (
        f'<li class="nh-card" data-id="{escape(hit.id)}"{" data-weak" if chance.is_weak(hit.percentile) else ""}>'
        f'<div class="nh-card-head">{_text(hit)}'
        f'<span class="nh-similarity" title="cosine similarity {hit.similarity:.4f}">{hit.similarity:.3f}</span></div>'
        f"{_bar(hit.similarity)}{_cautions(hit)}{_paragraph(remark, 'nh-remark')}"
        f'<div class="nh-card-foot">{_place(hit)}<button type="button" class="nh-open" data-id="{escape(hit.id)}" '
        f'title="Show what is near" aria-label="Show what is near: {label}">→</button></div>{because(hit)}</li>'
    )


def _text(passage: Hit | Passage) -> str:
    title = plain(passage.text, passage.source).title
    why = passage.why if isinstance(passage, Hit) else None
    shown = f'<div class="nh-body">{body(passage.text, passage.source, why)}</div>'
    more = '<button type="button" class="nh-more" hidden aria-expanded="false">more</button>'
    return f'<div class="nh-text">{_paragraph(title, "nh-title")}{shown}{more}</div>'


def _bar(similarity: float) -> str:
    width = 100 * min(1.0, max(0.0, similarity))
    return f'<div class="nh-bar" aria-hidden="true"><i style="width:{width:.1f}%"></i></div>'


def _place(hit: Hit) -> str:
    words = nearness(hit.percentile)
    return f'<p class="nh-place">{_file(hit)}{words and f" · <span>{escape(words)}</span>"}</p>'


def _cautions(hit: Hit) -> str:
    rows = "".join(
        f'<li><span class="nh-badge">{escape(caution.kind)}</span> {escape(said_of(caution.why, "this passage"))}</li>'
        for caution in hit.cautions
    )
    return f'<ul class="nh-cautions" aria-label="Near, but not the same">{rows}</ul>' if rows else ""


def _center(center: Passage) -> str:
    file = f'<p class="nh-place">{_file(center)}</p>'
    return f'<div class="nh-center" data-id="{escape(center.id)}">{_text(center)}{file}</div>'


def _file(passage: Hit | Passage) -> str:
    where = f"{passage.source}, characters {passage.start:,} to {passage.end:,}"
    return f'<span class="nh-file" title="{escape(where)}">{escape(PurePath(passage.source).name)}</span>'


def _trail(trail: Sequence[Stop], start: str) -> str:
    back = f'<li><button type="button" data-step="0">{escape(start)}</button></li>'
    between = "".join(
        f'<li><button type="button" data-step="{number}">{escape(stop.label)}</button></li>'
        for number, stop in enumerate(trail[:-1], start=1)
    )
    here = f'<li aria-current="step">{escape(trail[-1].label)}</li>' if trail else ""
    return f'<nav class="nh-trail" aria-label="The way here"><ol>{back}{between}{here}</ol></nav>'


def _paragraph(text: str, style: str) -> str:
    return f'<p class="{style}">{escape(text)}</p>' if text else ""


def _sentence(text: str) -> str:
    """Return a line of an error with a capital and a full stop, unless it ends with a command."""
    return f"{text[:1].upper()}{text[1:]}"
