"""Scores of the same questions in several ways, summed up and compared."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from search.evaluate.bootstrap import Difference, Interval, differences, means

Scores: TypeAlias = NDArray[np.float64]  # (questions, metrics), NaN where a question could not be asked in this way

Asked: TypeAlias = tuple[str, str]
"""A question's kind and text."""


@dataclass(frozen=True, slots=True)
class Between:
    """How much better one way is than another."""

    way: str
    than: str
    questions: int
    """Those that were asked in both ways."""
    metrics: Mapping[str, Difference]


@dataclass(frozen=True, slots=True)
class Table:
    """Questions, and their scores in each way to look for them: a mode, or a form of the question."""

    asked: tuple[Asked, ...]
    metrics: tuple[str, ...]
    scores: Mapping[str, Scores]

    @property
    def kinds(self) -> dict[str, int]:
        """How many questions there are of each kind."""
        return dict(Counter(kind for kind, _ in self.asked))

    def summary(self) -> dict[str, dict[str, Interval]]:
        """Return each way's means."""
        rows = {way: scores[_there(scores)] for way, scores in self.scores.items()}
        return {way: dict(zip(self.metrics, means(some), strict=True)) for way, some in rows.items() if len(some)}

    def between(self) -> list[Between]:
        """Return each way beside those before it."""
        pairs = [(way, than) for than, way in combinations(self.scores, 2)]
        return [_between(way, than, self.scores[way], self.scores[than], self.metrics) for way, than in pairs]

    def against(self, earlier: "Table") -> list[Between]:
        """Return each way beside the same one earlier, over the questions and metrics that both have."""
        metrics = [name for name in self.metrics if name in earlier.metrics]
        own, other = _shared(self.asked, earlier.asked)
        return [
            _between(way, way, self.at(way, own, metrics), earlier.at(way, other, metrics), metrics)
            for way in self.scores
            if way in earlier.scores and metrics and own
        ]

    def of_kind(self, kind: str) -> "Table":
        """Return the table of the questions of a kind."""
        places = [place for place, (own, _) in enumerate(self.asked) if own == kind]
        scores = {way: scores[places] for way, scores in self.scores.items()}
        return Table(tuple(self.asked[place] for place in places), self.metrics, scores)

    def at(self, way: str, places: Sequence[int], metrics: Sequence[str]) -> Scores:
        """Return the scores of some questions by some metrics."""
        columns = [self.metrics.index(name) for name in metrics]
        return self.scores[way][np.ix_(places, columns)]

    def to_json(self) -> dict[str, Any]:
        """Return all of it, as JSON has it."""
        rows = [
            {"kind": kind, "text": text, "scores": {way: _row(scores[i]) for way, scores in self.scores.items()}}
            for i, (kind, text) in enumerate(self.asked)
        ]
        return {"metrics": list(self.metrics), "ways": list(self.scores), "questions": rows}

    @classmethod
    def from_json(cls, value: Any) -> "Table":  # noqa: ANN401 - whatever a file has
        """Return what `to_json` wrote.

        :raises ValueError, KeyError, TypeError: When it is anything else.
        """
        metrics, rows = tuple(map(str, value["metrics"])), value["questions"]
        asked = tuple((str(row["kind"]), str(row["text"])) for row in rows)
        scores = {str(way): _column([row["scores"][way] for row in rows], len(metrics)) for way in value["ways"]}
        return cls(asked, metrics, scores)


def _between(way: str, than: str, scores: Scores, earlier: Scores, metrics: Sequence[str]) -> Between:
    both = _there(scores) & _there(earlier)
    found = differences(scores[both], earlier[both]) if np.any(both) else []
    return Between(way, than, int(np.sum(both)), dict(zip(metrics, found, strict=False)))


def _there(scores: Scores) -> NDArray[np.bool_]:
    there: NDArray[np.bool_] = ~np.any(np.isnan(scores), axis=1)
    return there


def _column(rows: Sequence[Sequence[float] | None], metrics: int) -> Scores:
    found = np.array([row or [np.nan] * metrics for row in rows], dtype=np.float64).reshape(len(rows), metrics)
    if np.any(np.isinf(found)):
        raise ValueError
    return found


def _row(scores: NDArray[np.float64]) -> list[float] | None:
    return None if np.any(np.isnan(scores)) else scores.tolist()


def _shared(asked: Sequence[Asked], earlier: Sequence[Asked]) -> tuple[list[int], list[int]]:
    """Return the places, here and there, of the questions that both have."""
    places = dict(_counted(earlier))
    both = [(place, places[key]) for key, place in _counted(asked) if key in places]
    return [own for own, _ in both], [other for _, other in both]


def _counted(asked: Sequence[Asked]) -> Iterator[tuple[tuple[str, str, int], int]]:
    """Yield what tells a question from all others, and its place: the same one may be asked several times."""
    seen: Counter[Asked] = Counter()
    for place, question in enumerate(asked):
        yield (*question, seen[question]), place
        seen[question] += 1
