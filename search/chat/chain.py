"""The chain that answers a question over a collection: what is searched, what is found, what is said.

Each step is a LangChain runnable that passes on the events before it, so that a surface can show them as they come:
`Searched`, `Found`, `Words` as they are said, and at last the checked `Answer`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from langchain_core.runnables import Runnable, RunnableGenerator

from search.chat import follow_up
from search.chat.answer import extracted, refused, spoken
from search.chat.events import Asking, Event, Found, Searched, Words
from search.chat.leaning import leans
from search.chat.model import ChatModel
from search.chat.prompt import condensing
from search.chat.refusal import HITS, evidence, fitted
from search.embedders.base import Embedder
from search.errors import ChatError
from search.latent.filter import probe_field
from search.retrieve.find import Asked, find
from search.retrieve.known import Known
from search.retrieve.options import Options, Term
from search.store.collection import Collection
from search.types import Answer, Hit, Judgement


@dataclass(frozen=True, slots=True)
class Desk:
    """What a question is answered with."""

    collection: Collection
    known: Known
    embedder: Embedder
    model: ChatModel | None = None
    """None to quote the notes."""
    system: str = ""
    """What the model is told first, in place of our own words."""


def chain(desk: Desk) -> Runnable[Asking, Event]:
    """Return the runnable that answers questions; `stream` it.

    :raises ChatError: Of the stream: when the model does not say a word. One that breaks off ends in an answer.
    """
    steps = [_step(partial(step, desk)) for step in (_search, _find, _say)]
    return cast("Runnable[Asking, Event]", steps[0] | steps[1] | steps[2])


def _step(step: Callable[..., Iterator[Event]]) -> "RunnableGenerator[Asking | Event, Event]":
    return RunnableGenerator(step, name=cast("partial[object]", step).func.__name__.strip("_"))


def _search(desk: Desk, askings: Iterable[Asking]) -> Iterator[Event]:
    for asking in askings:
        yield Searched(asking, _terms(desk, asking))


def _terms(desk: Desk, asking: Asking) -> tuple[Term, ...]:
    if asking.queries:
        return follow_up.edited(asking.queries)
    turns = [turn.content for turn in asking.history if turn.role == "user"]
    answers = [turn.content for turn in asking.history if turn.role == "assistant"]
    if desk.model is None or not leans(asking.question, turns):
        return follow_up.terms(asking.question, turns, answers)
    try:
        messages = condensing(asking.question, asking.history, desk.embedder.count_tokens)
        return follow_up.condensed(asking.question, "".join(desk.model.stream(messages)))
    except ChatError:
        # The rules do without; if it still fails, the answer says so.
        return follow_up.terms(asking.question, turns, answers)


def _find(desk: Desk, events: Iterable[Event]) -> Iterator[Event]:
    for event in events:
        yield event
        if isinstance(event, Searched):
            yield _found(desk, event)


def _found(desk: Desk, searched: Searched) -> Found:
    terms, asking = searched.terms, searched.asking
    vector = follow_up.vector(terms, desk.embedder)
    options = Options(where=asking.where)
    words = partial(follow_up.words, terms)
    asked = Asked(asking.question, terms[0].text, vector, HITS, options, words, started=asking.started)
    beside = partial(probe_field, desk.collection)
    hits = find(desk.collection, asked, desk.known, lambda: desk.embedder, beside)
    return Found(searched, vector, hits, _judged(desk, terms[0].text, hits.hits))


def _judged(desk: Desk, question: str, hits: Sequence[Hit]) -> Judgement | None:
    gate = fitted(desk.collection, desk.known, desk.embedder) if hits else None
    if gate is None:
        return None
    found = gate.judge(evidence(question, hits, desk.collection, desk.known))
    return Judgement(found.answerable, found.probability, gate.false_answer, gate.false_refusal, gate.questions)


def _say(desk: Desk, events: Iterable[Event]) -> Iterator[Event]:
    for event in events:
        yield event
        if isinstance(event, Found):
            yield from _said(desk, event)


def _said(desk: Desk, found: Found) -> Iterator[Words | Answer]:
    doubtful = found.judgement is not None and not found.judgement.answerable
    if not found.hits.hits or (doubtful and not found.searched.asking.anyway):
        yield refused(found, desk.embedder, desk.model)
    elif desk.model is None:
        yield extracted(found, desk.embedder)
    else:
        yield from spoken(found, desk.model, found.searched.asking.system or desk.system, desk.embedder)
