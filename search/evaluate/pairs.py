"""Judges a model by pairs of texts whose likeness people scored: Spearman's rank correlation."""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.errors import InvalidInputError, SourceError
from search.evaluate.bootstrap import Difference, Interval, interval, judge
from search.evaluate.correlation import over_resamples, spearman
from search.evaluate.lines import lines
from search.evaluate.shelf import Shelf

LEAST = 2
"""Pairs without which there is no order."""
LONGEST = 131_072
"""Characters of a text; more of them are a quote left open."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, and how alike people found them."""

    a: str
    b: str
    score: float


@dataclass(frozen=True, slots=True)
class PairCard:
    """How well cosines are in the order of people's scores."""

    name: str
    embedder: str
    pairs: tuple[Pair, ...]
    cosines: tuple[float, ...]
    embedded: int = 0
    """Texts that had no vector yet."""

    @property
    def spearman(self) -> Interval:
        """The rank correlation."""
        return spearman(self._scores, np.array(self.cosines))

    @property
    def _scores(self) -> NDArray[np.float64]:
        return np.array([pair.score for pair in self.pairs])

    def summary(self) -> dict[str, Any]:
        """Return the correlation with its interval, as JSON has it."""
        told = {"spearman": asdict(self.spearman), "pairs": len(self.pairs)}
        return told | {"name": self.name, "embedder": self.embedder, "embedded": self.embedded}

    def against(self, earlier: "PairCard") -> tuple[int, Difference]:
        """Return how many pairs an earlier card shares, and how much better their order is now.

        :raises InvalidInputError: When that are too few.
        """
        theirs = {(pair.a, pair.b): cosine for pair, cosine in zip(earlier.pairs, earlier.cosines, strict=True)}
        shared = [place for place, pair in enumerate(self.pairs) if (pair.a, pair.b) in theirs]
        scores, now = self._scores[shared], np.array(self.cosines)[shared]
        before = np.array([theirs[self.pairs[place].a, self.pairs[place].b] for place in shared])
        if len(shared) < LEAST or _is_constant(scores) or _is_constant(now) or _is_constant(before):
            raise InvalidInputError(f"{self.name!r} and the card of {earlier.name!r} share too few pairs to compare")
        drawn = over_resamples(scores, now) - over_resamples(scores, before)
        change = spearman(scores, now).value - spearman(scores, before).value
        return len(shared), judge(interval(change, drawn), int(np.count_nonzero(now != before)))

    def to_json(self) -> dict[str, Any]:
        """Return all of it, with each pair's cosine."""
        rows = [asdict(pair) | {"cosine": cosine} for pair, cosine in zip(self.pairs, self.cosines, strict=True)]
        return {"card": "pairs", **self.summary(), "rows": rows}

    @classmethod
    def from_json(cls, value: Any) -> "PairCard":  # noqa: ANN401 - whatever a file has
        """Return what `to_json` wrote.

        :raises ValueError, KeyError, TypeError: When it is anything else.
        """
        pairs = tuple(Pair(str(row["a"]), str(row["b"]), float(row["score"])) for row in value["rows"])
        cosines = tuple(float(row["cosine"]) for row in value["rows"])
        return cls(str(value["name"]), str(value["embedder"]), pairs, cosines)


def evaluate_pairs(shelf: Shelf, file: Path) -> PairCard:
    """Compare the order of cosines with that of the scores in a file.

    :raises SourceError: Naming file and line of what is not as it should be.
    """
    pairs = read(file)
    rows = shelf.embed_documents([*(pair.a for pair in pairs), *(pair.b for pair in pairs)]).astype(np.float64)
    # Further digits are rounding, which would put pairs of equal texts into an order.
    cosines = np.round(np.sum(rows[: len(pairs)] * rows[len(pairs) :], axis=1), 6)
    if _is_constant(cosines):
        raise SourceError(file, "all pairs are equally near, so that they have no order")
    return PairCard(file.name, shelf.embedder.id, tuple(pairs), tuple(cosines.tolist()), shelf.embedded)


def read(file: Path) -> list[Pair]:
    """Read text, text and score, a pair a line: with commas between in a .csv file, with tabs in any other.

    :raises SourceError: Naming the line of what is not as it should be.
    """
    pairs = [_pair(file, number, row) for number, row in _rows(file) if row]
    if len(pairs) < LEAST:
        raise SourceError(file, f"has {len(pairs)} pairs of texts, and no order can be seen in fewer than {LEAST}")
    if _is_constant([pair.score for pair in pairs]):
        raise SourceError(file, "all scores are equal, so that they have no order")
    return pairs


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    comma = file.suffix.lower() == ".csv"
    # Quotes are part of the text where tabs are between.
    text = (line for _, line in lines(file))
    rows = csv.reader(text) if comma else csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
    try:
        for row in rows:
            # The limit of the csv module is the whole process's, and others may have moved it.
            _require_closed(row)
            yield rows.line_num, row
    except csv.Error as error:
        raise SourceError(file, f"line {rows.line_num} cannot be read ({error})") from error


def _require_closed(row: Sequence[str]) -> None:
    if any(len(cell) > LONGEST for cell in row):
        raise csv.Error(f"field larger than field limit ({LONGEST})")


def _pair(file: Path, number: int, row: Sequence[str]) -> Pair:
    if len(row) != 3:  # noqa: PLR2004 - text, text and score
        raise SourceError(file, f"line {number} has {len(row)} columns, and should have text, text and score")
    a, b, score = (cell.strip() for cell in row)
    if not a or not b:
        raise SourceError(file, f"line {number} has an empty text")
    return Pair(a, b, _score(file, number, score))


def _score(file: Path, number: int, text: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise SourceError(file, f"line {number} has the score {text!r}, which is no number")
    return score


def _is_constant(values: Sequence[float] | NDArray[np.float64]) -> bool:
    return bool(np.ptp(np.asarray(values)) == 0) if len(values) else True
