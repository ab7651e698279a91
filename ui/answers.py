"""An answer as plain text for a terminal: what it rests on, and how far to believe it."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from search.chat.events import Event
from search.chat.model import EXTRACTIVE
from search.display import rates_of
from search.errors import InvalidInputError
from search.types import Answer, Citation, Judgement
from ui.sides import said_of
from ui.text import bold, dim, near, printable

_SHORT = 100
_LONG = 200


def last(events: Iterable[Event]) -> Answer:
    """Return the answer in which events end."""
    answers = [event for event in events if isinstance(event, Answer)]
    if not answers:
        raise InvalidInputError("the chain ended without an answer")
    return answers[-1]


def plain(words: str) -> str:
    """Return words without what could steer a terminal."""
    return printable(words)


def sources(answer: Answer) -> Iterator[str]:
    """Yield a line or two for each span that an answer rests on."""
    if answer.citations:
        yield ""
    for cited in answer.citations:
        yield plain(f"[{cited.n}] {near(cited.source)}:{cited.start}-{cited.end}{place(cited)}")
        if answer.model != EXTRACTIVE and not answer.refused:
            yield dim(plain(f"    “{textwrap.shorten(cited.quote, _LONG, placeholder=' …')}”"))


def place(cited: Citation) -> str:
    """Return where in its source a span is, as far as its reader knows: a page, a heading, a cell, a row."""
    said = [f"{name} {cited.metadata[name]}" for name in ("page", "chapter", "cell", "row") if name in cited.metadata]
    if "heading" in cited.metadata:
        said.append(str(cited.metadata["heading"]))
    return "".join(f", {it}" for it in said)


def worth(answer: Answer) -> Iterator[str]:
    """Yield what should be known before an answer is believed."""
    for statement in answer.statements:
        words = textwrap.shorten(answer.answer[statement.start : statement.end], _SHORT, placeholder=" …")
        if not statement.supported:
            why = "cites nothing" if statement.support is None else "is not what it cites says, as far as can be told"
            yield plain(f"{bold('unsupported')}: “{words}” {why}")
        for caution in statement.cautions:
            yield plain(f"{bold(caution.kind)}: {said_of(caution.why, 'the source')}, of “{words}”")
    yield dim(_judged(answer))


def _judged(answer: Answer) -> str:
    how = f"{answer.model}, {answer.took_ms:.0f} ms"
    return (
        f"{how}; {rates(answer.judgement)}" if answer.judgement else f"{how}; too few notes to judge what they answer"
    )


def rates(judgement: Judgement) -> str:
    """Return how often a judgement is wrong."""
    return rates_of(asdict(judgement))
