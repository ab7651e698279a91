"""Judges a search by queries of which people said what answers them: a folder in the BEIR layout."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from search.evaluate.beir import Judged, Query, read
from search.evaluate.card import FOLLOW_UP, MODES, Card
from search.evaluate.shelf import Shelf
from search.evaluate.table import Scores, Table
from search.evaluate.trial import Question, Round, Trial

METRICS = ("nDCG@10", "Recall@100", "MRR@10")
Form: TypeAlias = Callable[[Query], str | None]
"""What is looked for when a query has a history; None where it cannot be said."""


def joined(query: Query) -> str:
    """Return what the user said before, and the query."""
    return " ".join([*(turn.content for turn in query.history if turn.role == "user"), query.text])


FORMS: Mapping[str, Form] = {
    "last_turn": lambda query: query.text,
    "joined": joined,
    "rewrite": lambda query: query.rewrite,
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
    asked = Round.of(shelf, [_question(judged, query, query.text) for query in judged.queries])
    follow_ups = [query for query in judged.queries if query.history]
    formed = {name: _formed(shelf, judged, follow_ups, form) for name, form in forms.items()}
    texts = [(document.id, document.text) for document in judged.documents if document.text]
    with shelf.collection(texts) as collection:
        trial = Trial(collection, METRICS)
        tables = {MODES: trial.modes(asked)}
        if follow_ups:
            tables[FOLLOW_UP] = _follow_up(trial, follow_ups, formed)
        default = trial.default
    left_out = {"queries": judged.unjudged, "documents": len(judged.documents) - len(texts)}
    seconds = time.perf_counter() - started
    return Card(judged.name, shelf.embedder.id, len(texts), default, tables, left_out, shelf.embedded, seconds)


def _question(judged: Judged, query: Query, text: str) -> Question:
    return Question("query", text, judged.relevant[query.id])


def _formed(shelf: Shelf, judged: Judged, queries: Sequence[Query], form: Form) -> _Formed | None:
    said = [(place, query, text) for place, query in enumerate(queries) if (text := form(query))]
    if not said:
        return None
    asked = Round.of(shelf, [_question(judged, query, text) for _, query, text in said])
    return _Formed(tuple(place for place, _, _ in said), asked)


def _follow_up(trial: Trial, queries: Sequence[Query], formed: Mapping[str, _Formed | None]) -> Table:
    scores: dict[str, Scores] = {}
    for name, form in formed.items():
        if form is not None:
            scores[name] = np.full((len(queries), len(trial.metrics)), np.nan)
            scores[name][list(form.places)] = trial.scores(form.asked, trial.default)
    return Table(tuple(("follow-up", query.text) for query in queries), trial.metrics, scores)
