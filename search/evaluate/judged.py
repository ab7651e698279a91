"""Judges a search by queries of which people said what answers them: a folder in the BEIR layout."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from search.chat import follow_up
from search.evaluate.beir import Judged, Query, read
from search.evaluate.card import FOLLOW_UP, MODES, Card
from search.evaluate.refusal import Labelled, evaluate_refusal
from search.evaluate.shelf import Shelf
from search.evaluate.table import Scores, Table
from search.evaluate.trial import Question, Round, Trial
from search.retrieve.options import Term

METRICS = ("nDCG@10", "Recall@100", "MRR@10")
Form: TypeAlias = Callable[[Query], Sequence[Term]]
"""What is searched when a query has a history; nothing where it cannot be said."""


def joined(query: Query) -> Sequence[Term]:
    """Return what the user said before, and the query, as one text."""
    return _alone(" ".join([*_said(query, "user"), query.text]))


def condensed(query: Query) -> Sequence[Term]:
    """Return what is searched for a follow-up question without a chat model."""
    return follow_up.terms(query.text, _said(query, "user"), _said(query, "assistant"))


def _said(query: Query, role: str) -> list[str]:
    return [turn.content for turn in query.history if turn.role == role]


def _alone(text: str | None) -> Sequence[Term]:
    return (Term(text, 1.0),) if text else ()


FORMS: Mapping[str, Form] = {
    "last_turn": lambda query: _alone(query.text),
    "joined": joined,
    "condensed": condensed,
    "rewrite": lambda query: _alone(query.rewrite),
}


@dataclass(frozen=True, slots=True)
class _Formed:
    """Follow-up questions in a form, as far as they have one."""

    places: tuple[int, ...]
    asked: Round


def evaluate_folder(shelf: Shelf, folder: Path, forms: Mapping[str, Form] = FORMS) -> Card:
    """Ask a folder's queries in every mode, and its follow-up questions in every form.

    :raises SourceError: Naming file and line of what is not as it should be.
    """
    started = time.perf_counter()
    judged = read(folder)
    asked = Round.of(shelf, [_question(judged, query) for query in judged.queries])
    follow_ups = [query for query in judged.queries if query.history]
    formed = {name: _formed(shelf, judged, follow_ups, form) for name, form in forms.items()}
    labelled = Labelled.of(shelf, [(condensed(query), bool(query.answerable)) for query in judged.labelled])
    texts = [(document.id, document.text) for document in judged.documents if document.text]
    with shelf.collection(texts) as collection:
        trial = Trial(collection, METRICS)
        tables = {MODES: trial.modes(asked)}
        if follow_ups:
            tables[FOLLOW_UP] = _follow_up(trial, follow_ups, formed)
        default = trial.default
        refusal = evaluate_refusal(collection, shelf, labelled) if labelled else None
    left_out = {"queries": judged.unjudged, "documents": len(judged.documents) - len(texts)}
    seconds = time.perf_counter() - started
    return Card(judged.name, shelf.embedder.id, len(texts), default, tables, left_out, shelf.embedded, seconds, refusal)


def _question(judged: Judged, query: Query, terms: Sequence[Term] = ()) -> Question:
    return Question("query", query.text, judged.relevant[query.id], tuple(terms))


def _formed(shelf: Shelf, judged: Judged, queries: Sequence[Query], form: Form) -> _Formed | None:
    said = [(place, query, terms) for place, query in enumerate(queries) if (terms := form(query))]
    if not said:
        return None
    asked = Round.of(shelf, [_question(judged, query, terms) for _, query, terms in said])
    return _Formed(tuple(place for place, _, _ in said), asked)


def _follow_up(trial: Trial, queries: Sequence[Query], formed: Mapping[str, _Formed | None]) -> Table:
    scores: dict[str, Scores] = {}
    for name, form in formed.items():
        if form is not None:
            scores[name] = np.full((len(queries), len(trial.metrics)), np.nan)
            scores[name][list(form.places)] = trial.scores(form.asked, trial.default)
    return Table(tuple(("follow-up", query.text) for query in queries), trial.metrics, scores)
