"""A conversation as HTML: pure functions, in which every text is escaped, and no link leads out of the page."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import PurePath
from typing import Any, NamedTuple

from search.chat.answer import NO_MODEL
from search.display import rates_of
from search.store.conversations import ConversationInfo, Said
from search.types import Hit
from ui.sides import said_of
from ui.web import quotes, wiki
from ui.web.format import on_map
from ui.web.plain import shorten
from ui.web.quotes import HEADING, INLINE, ITEM, LINK

NO_KEY = "No chat model is configured, so the notes speak for themselves."
ADVERSARIAL = (
    "A question that is close to a note but asks what it does not say cannot be told by scores: read the sources."
)
REPLACES = (
    '${value && \'<p class="nh-replaces" role="status">Replaces your last question.'
    ' <button type="button" class="nh-act">Cancel</button></p>\'}'
)
DELETE = '<button type="button" class="nh-chip" id="nh-delete-talk">Delete</button>'
# Private characters that stand for what is put in once the text is escaped.
_DOUBT, _CAUTION = "\ue000", "\ue001"
_PRIVATE = re.compile("[\ue000\ue001]")
_MARKER = re.compile(r"\s?\[(\d{1,3})\]")
_CODE = re.compile(r"(<code>.*?</code>)")
_QUOTED_ITEM = re.compile(r"^“\s*(?:[-*+•]|\d{1,2}[.)])\s+")
_SOURCE_NAME = 60
_QUESTION = 80


class Place(NamedTuple):
    """Where a passage stands."""

    source: str
    start: int
    end: int
    metadata: Mapping[str, Any]


@dataclass(slots=True)
class Live:
    """A question that is being answered."""

    question: str
    queries: Sequence[str] = ()
    hits: Sequence[Hit] = ()
    text: str = ""
    error: str = ""
    """HTML of what went wrong."""


def talk(turns: Sequence[Said], live: Live | None = None) -> str:
    """Return a conversation, and what is being answered at its end."""
    parts = [_turn(place, said, is_last=place == len(turns) - 1 and live is None) for place, said in enumerate(turns)]
    if live is not None:
        parts.append(_live(live))
    return f'<div class="nh-talk" role="log" aria-label="Conversation">{"".join(parts)}</div>' if parts else ""


def sources(turn: int, answer: Mapping[str, Any], passages: Mapping[str, str], question: str = "") -> str:
    """Return what an answer rests on, a card for each passage.

    :param turn: Its place in the conversation.
    :param passages: Texts of the passages as they stand now, by id.
    :param question: What it answers, for the map.
    """
    by_passage: dict[int, list[Mapping[str, Any]]] = {}
    for citation in answer["citations"]:
        by_passage.setdefault(citation["n"], []).append(citation)
    cards = "".join(_source(turn, cited, passages.get(cited[0]["id"])) for _, cited in sorted(by_passage.items()))
    head = "Nearest notes" if answer["refused"] else "Sources"
    if not cards:
        return ""
    ids = [cited[0]["id"] for _, cited in sorted(by_passage.items())]
    shown = on_map(question, ids, sorted(by_passage), "Show these on the map")
    top = f'<div class="nh-head"><h2>{head}</h2>{shown}</div>'
    return f'<section aria-label="{head}">{top}<ol class="nh-cited">{cards}</ol></section>'


def found(hits: Sequence[Hit]) -> str:
    """Return what was found for a question that is being answered, a card for each passage."""
    cards = "".join(f'<li data-n="{n}">{_head(n, hit)}{_excerpt(hit.text)}</li>' for n, hit in enumerate(hits, 1))
    head = "Found in the notes"
    return f'<section aria-label="{head}"><h2>{head}</h2><ol class="nh-cited">{cards}</ol></section>' if cards else ""


def _excerpt(text: str) -> str:
    return f"<blockquote>{quotes.read(quotes.beginning(text))}</blockquote>"


def start(collection: str, texts: Sequence[str], model: str) -> str:
    """Return what an empty conversation offers."""
    asked = dict.fromkeys(_as_question(text) for text in texts)
    chips = "".join(
        f'<li><button type="button" class="nh-chip" data-ask="{escape(q)}">{escape(q)}</button></li>' for q in asked
    )
    lead = f"Ask <b>{escape(collection)}</b> a question. {escape(model)}"
    return f'<div class="nh-start"><p>{lead}</p><ul class="nh-chips">{chips}</ul></div>'


def _as_question(text: str) -> str:
    words = shorten(text, _QUESTION).rstrip(".:;,")
    return words if words.endswith("?") else f"What do the notes say about “{words}”?"


def export(number: int) -> str:
    """Return the link to a conversation as Markdown."""
    return f'<a class="nh-export" href="/page/conversations/{number}.md" download>Download as Markdown</a>'


def past(infos: Sequence[ConversationInfo]) -> list[tuple[str, int]]:
    """Return the choices of a list of conversations; 0 for a new one."""
    return [("New conversation", 0), *((f"{shorten(i.title, 60)} ({i.turns})", i.number) for i in infos)]


def _turn(place: int, said: Said, *, is_last: bool) -> str:
    answer = said.answer
    parts = [_asked(said.question), _searched(answer.get("searched") or [], said.question)]
    parts.append(f'<div class="nh-answer"{" data-refused" if answer["refused"] else ""}>{body(place, answer)}')
    parts.append(f"{_doubts(answer)}{_worth(answer)}{_actions(place, answer, is_last=is_last)}</div>")
    return f'<article class="nh-turn" data-turn="{place}">{"".join(parts)}</article>'


def _asked(question: str) -> str:
    return f'<p class="nh-asked">{escape(question)}</p>'


def _searched(queries: Sequence[str], question: str) -> str:
    if not queries or list(queries) == [question]:
        return ""
    items = "".join(f"<li>{escape(shorten(query, 200))}</li>" for query in queries)
    count = f" {len(queries)} wordings" if len(queries) > 1 else ""
    head = f"<summary>Searched for{count}</summary>"
    return f'<details class="nh-searched">{head}<ul>{items}</ul></details>'


def body(place: int, answer: Mapping[str, Any]) -> str:
    """Return the words of an answer, with links to its sources and marks where they do not carry it."""
    text = _PRIVATE.sub(" ", answer["answer"])
    known = {citation["n"] for citation in answer["citations"]}
    for statement in sorted(answer.get("statements") or [], key=lambda s: -s["end"]):
        marks = "" if statement["supported"] else _DOUBT
        marks += _CAUTION if statement.get("cautions") else ""
        text = text[: statement["end"]] + marks + text[statement["end"] :]
    lead = ""
    if text.startswith(NO_MODEL):
        lead, text = f'<p class="nh-how">{escape(NO_KEY)} These sentences answer best:</p>', text[len(NO_MODEL) :]
    return lead + "".join(_block(block, place, known) for block in re.split(r"\n\s*\n", text.strip()))


def _block(block: str, place: int, known: set[int]) -> str:
    out, items = [], []
    for line in block.split("\n"):
        if ITEM.match(line):
            items.append(f"<li>{_words(ITEM.sub('', line, count=1), place, known)}</li>")
            continue
        if items:
            out.append(f"<ul>{''.join(items)}</ul>")
            items = []
        if line.strip():
            out.append(f"<p>{_words(_QUOTED_ITEM.sub('“', HEADING.sub('', line)), place, known)}</p>")
    if items:
        out.append(f"<ul>{''.join(items)}</ul>")
    return "".join(out)


def _words(line: str, place: int, known: set[int]) -> str:
    """Return a line, escaped first; a link keeps its words alone."""
    html = escape(LINK.sub(r"\1", wiki.without_links(line)))
    for mark, tag in INLINE:
        html = mark.sub(tag, html)
    html = "".join(
        part if part.startswith("<code>") else _cited(part, place, known) for part in _CODE.split(html) if part
    )
    html = html.replace(_DOUBT, '<sup class="nh-doubt" title="Not supported by what it cites">?</sup>')
    return html.replace(_CAUTION, '<sup class="nh-doubt" title="Near, but not the same">≠</sup>')


def _cited(html: str, place: int, known: set[int]) -> str:
    return _MARKER.sub(lambda match: _cite(int(match[1]), place) if int(match[1]) in known else match[0], html)


def _cite(n: int, place: int) -> str:
    return (
        f'<button type="button" class="nh-cite" data-turn="{place}" data-n="{n}" aria-label="Source {n}">{n}</button>'
    )


def _doubts(answer: Mapping[str, Any]) -> str:
    rows = []
    for statement in answer.get("statements") or []:
        words = shorten(answer["answer"][statement["start"] : statement["end"]], 80)
        if not statement["supported"]:
            why = "cites nothing" if statement["support"] is None else "is not said by what it cites"
            rows.append(f'<li><span class="nh-badge">unsupported</span> “{escape(words)}” {why}</li>')
        rows += [
            f'<li><span class="nh-badge">{escape(caution["kind"])}</span>'
            f" {escape(said_of(caution['why'], 'the source'))}</li>"
            for caution in statement.get("cautions") or []
        ]
    return f'<ul class="nh-cautions" aria-label="To be read with care">{"".join(rows)}</ul>' if rows else ""


def _worth(answer: Mapping[str, Any]) -> str:
    parts = [answer["model"]] if answer.get("model") else []
    if answer.get("took_ms"):
        parts.append(f"{answer['took_ms'] / 1000:.1f} s")
    judgement = answer.get("judgement")
    said = "" if judgement else "Too few notes to judge what they answer."
    if judgement:
        said = f"{rates_of(judgement)[:1].upper()}{rates_of(judgement)[1:]}. {ADVERSARIAL}"
    broken = f'<p class="nh-broken">Not whole: {escape(answer["broken"])}</p>' if answer.get("broken") else ""
    more = f"<details><summary>how far to believe it</summary><p>{escape(said)}</p></details>"
    return f'{broken}<div class="nh-how">{escape("".join(f"{part} · " for part in parts))}{more}</div>'


def _actions(place: int, answer: Mapping[str, Any], *, is_last: bool) -> str:
    buttons = [("sources", "Sources")] if answer["citations"] else []
    if is_last:
        buttons += [("retry", "Ask again"), ("edit", "Edit")]
        buttons += [("anyway", "Answer anyway")] if answer["refused"] and answer["citations"] else []
    rows = "".join(
        f'<button type="button" class="nh-act" data-act="{act}" data-turn="{place}">{name}</button>'
        for act, name in buttons
    )
    return f'<div class="nh-acts">{rows}</div>' if rows else ""


def _live(live: Live) -> str:
    words = body(0, {"answer": _PRIVATE.sub("", live.text), "citations": ()})
    stop = '<div class="nh-acts"><button type="button" class="nh-act" data-act="stop">Stop</button></div>'
    doing = "Reading what was found …" if live.hits else "Searching the notes …"
    waiting = f'<p class="nh-waiting" role="status">{doing}</p>'
    shown = live.error or f"{words or waiting}{stop}"
    parts = f"{_asked(live.question)}{_searched(live.queries, live.question)}"
    return f'<article class="nh-turn" aria-busy="true">{parts}<div class="nh-answer">{shown}</div></article>'


def _source(turn: int, cited: Sequence[Mapping[str, Any]], passage: str | None) -> str:
    first = cited[0]
    hit = Place(first["source"], first["start"], first["end"], first.get("metadata") or {})
    head = _head(first["n"], hit)
    said = [citation["quote"] for citation in sorted(cited, key=lambda c: int(c["start"]))]
    return f'<li data-turn="{turn}" data-n="{first["n"]}">{head}{quotes.quoted(said, passage)}</li>'


def _head(n: int, at: Place | Hit) -> str:
    where = f"{at.source}, characters {at.start:,} to {at.end:,}"
    place = "".join(f", {escape(part)}" for part in _places(at.metadata))
    name = escape(shorten(PurePath(at.source).name, _SOURCE_NAME))
    return f'<p class="nh-source-name"><b>{n}</b> <span title="{escape(where)}">{name}</span>{place}</p>'


def _places(metadata: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name} {metadata[name]}" for name in ("page", "chapter", "cell", "row") if name in metadata)
    if metadata.get("heading"):
        yield str(metadata["heading"]).replace(" > ", " › ")
