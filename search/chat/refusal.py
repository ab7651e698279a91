"""Says whether a collection answers a question: a gate fitted on the collection itself, without anybody's judgement.

Questions are made of its notes, and asked twice: of the whole collection, and of what is left when their note is
hidden. A logistic regression tells the two apart, and refuses where no more than a chosen share of the good questions
is lost. Beside it stand rules about the wording, whose weights are the same everywhere: that of a question which looks
as if it were answered, and is not.
"""

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.chat.evidence import Evidence, Reader
from search.chat.logistic import Logistic, out_of_fold, probability
from search.chat.logistic import fit as fit_logistic
from search.chat.rehearsal import Made, make
from search.embedders.base import DocumentEmbedder
from search.retrieve.fuse import Mode, Wanted, rank
from search.retrieve.known import Known
from search.retrieve.rows import Rows
from search.store.collection import Collection
from search.store.derived import part_of
from search.types import Hit, Vector, Vectors

QUESTIONS = 150
"""That are made of a collection's notes."""
REFUSED = 0.2
"""Share of good questions that the gate may lose at most. Its own are harder than people's, of which it loses fewer."""
HITS = 6
"""Passages that an answer may rest on."""
FEWEST_PASSAGES, FEWEST_QUESTIONS = 20, 40
"""With fewer, nothing is refused."""
_LARGE = 0.25
"""Share of a collection from which on a source is not hidden as a whole."""
_PART = 0.125
"""Share of the collection that is hidden then, around the passage."""
_CERTAIN = 2.0
"""Log odds from which on it is the wording that decides. Chosen on half of SQuAD 2's articles."""
_FOLDS = 5
_CHANGED = 0.1
"""Share of a collection's passages that may have changed since the gate was fitted."""
SAME, NEAREST = 0.85, 0.1
"""Cosine from which on another passage says what a note says, and the share of a collection that is nearest to it: both
are hidden with it, or a book that says all things thrice would answer without it."""
_REVISION = 2
"""Of how a gate is fitted, so that one fitted otherwise is not used."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the passages found answer a question, as far as scores can tell."""

    answerable: bool
    probability: float
    """By the gate's own rehearsal, where every other question had its note hidden: 0 to 1."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What tells questions that a collection answers from others."""

    model: Logistic
    threshold: float
    """Log odds below which a question is refused."""
    false_answer: float
    """Share of its questions that were answered with their note hidden, by regressions that had not seen them."""
    false_refusal: float
    """Share of its questions that were refused with their note present."""
    questions: int
    """How many it rehearsed on."""

    def judge(self, evidence: Evidence) -> Judgement:
        """Return whether a question is answered."""
        odds = _odds(self.model.log_odds(evidence.row()[np.newaxis]), [evidence])
        return Judgement(bool(odds[0] >= self.threshold), float(probability(odds)[0]))

    def to_json(self) -> dict[str, Any]:
        """Return its numbers."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> "Gate":  # noqa: ANN401 - whatever a file has
        """Return what `to_json` wrote.

        :raises ValueError, KeyError, TypeError: When it is anything else.
        """
        model = Logistic(float(value["model"]["intercept"]), tuple(map(float, value["model"]["weights"])))
        threshold, wrong, lost = (float(value[name]) for name in ("threshold", "false_answer", "false_refusal"))
        return cls(model, threshold, wrong, lost, int(value["questions"]))


def evidence(question: str, hits: Sequence[Hit], collection: Collection, known: Known) -> Evidence:
    """Return what the passages found tell about a question."""
    return Reader(collection, known).evidence(question, [(hit.text, hit.similarity) for hit in hits])


def fit(collection: Collection, known: Known, embedder: DocumentEmbedder, *, seed: int = 0) -> Gate | None:
    """Return a gate for a collection; None where it is too small, or has too little prose to make questions of.

    The same one for the same passages, in whatever order they came in. Two calls of the embedder.
    """
    if len(collection) < FEWEST_PASSAGES:
        return None
    made = make(collection, embedder, QUESTIONS, seed)
    if len(made) < FEWEST_QUESTIONS:
        return None
    rehearsal = _Rehearsal(collection, known)
    vectors = embedder.embed_documents([question.text for question in made])
    told, truth, folds = rehearsal.ask(made, vectors)
    rows = np.array([one.row() for one in told])
    odds = _odds(out_of_fold(rows, truth, folds), told)
    return Gate(fit_logistic(rows, truth), _threshold(odds, truth), *_rates(odds, truth, folds), len(made))


def fitted(collection: Collection, known: Known, embedder: DocumentEmbedder) -> Gate | None:
    """Return the gate of a collection: the one on disk where little has changed since, else a new one, and keep it.

    None where `fit` finds too little.
    """
    return known.of(collection, _Once).gate(collection, known, embedder)


class _Once:
    """The gate of one collection, fitted when it is first asked for."""

    def __init__(self, _: Collection) -> None:
        # Without the collection, which would keep itself alive.
        self._fitting = Lock()
        self._found: list[Gate | None] = []

    def gate(self, collection: Collection, known: Known, embedder: DocumentEmbedder) -> Gate | None:
        with self._fitting:
            if not self._found:
                self._found.append(_load(collection) or _make(collection, known, embedder))
        return self._found[0]


def _make(collection: Collection, known: Known, embedder: DocumentEmbedder) -> Gate | None:
    gate = fit(collection, known, embedder)
    if gate is not None:
        _save(gate, collection)
    return gate


def _load(collection: Collection) -> Gate | None:
    """Return the gate on disk; None when there is none, or too much has changed since, or it cannot be read."""
    try:
        kept = json.loads(collection.derived.gate.read_text(encoding="utf-8"))
        is_young = 0 <= collection.row.version - kept["version"] <= _CHANGED * len(collection)
        if not is_young or (kept["revision"], kept["embedder"]) != (_REVISION, collection.embedder):
            return None
        return Gate.from_json(kept["gate"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _save(gate: Gate, collection: Collection) -> None:
    """Keep a gate, whole or not at all. Where there is no room, it is fitted again next time."""
    facts = {"version": collection.row.version, "revision": _REVISION, "embedder": collection.embedder}
    file = collection.derived.gate
    with collection.derived.writing() as is_wanted, contextlib.suppress(OSError):
        if is_wanted:
            file.parent.mkdir(mode=0o700, exist_ok=True)
            part_of(file).write_text(json.dumps({**facts, "gate": gate.to_json()}), encoding="utf-8")
            part_of(file).replace(file)


class _Rehearsal:
    """Asks made questions of a collection, with their notes and without."""

    def __init__(self, collection: Collection, known: Known) -> None:
        self._collection = collection
        self._reader = Reader(collection, known)
        self._index = known.lexical(collection)
        self._mode = known.mode(collection)
        self._numbers = self._index.numbers
        self._names = {number: source for number, source, _ in collection.facts()}
        codes = {source: code for code, source in enumerate(dict.fromkeys(self._names.values()))}
        # What came in or went since the index was made belongs to the next collection object.
        self._sources = np.array([codes.get(self._names.get(number, ""), -1) for number in self._numbers.tolist()])

    def ask(
        self, made: Sequence[Made], vectors: Vectors
    ) -> tuple[list[Evidence], NDArray[np.bool_], NDArray[np.int64]]:
        """Return evidence (2n), whether the note was there (2n,), and which fold each belongs to (2n,)."""
        told, groups = [], []
        for question, vector in zip(made, vectors, strict=True):
            words = Rows(self._numbers, self._index.scores(question.text))
            for there in (None, ~self._hidden(question)):
                told.append(self._told(question, vector, words, there))
                groups.append(self._names.get(question.number, ""))
        texts = [question.text for question in made for _ in range(2)]
        return told, np.arange(len(told)) % 2 == 0, _folds(groups if len(set(groups)) >= _FOLDS else texts)

    def _hidden(self, question: Made) -> NDArray[np.bool_]:
        """Return which passages go with a note, (n,): those that say the same, and those of its source.

        Those around it where the source is a large part of all.
        """
        place = min(int(np.searchsorted(self._numbers, question.number)), len(self._numbers) - 1)
        return self._beside(place) | self._same(place)

    def _same(self, place: int) -> NDArray[np.bool_]:
        """Return which passages say nearly the same, (n,); nothing is looked up where not all vectors are at hand."""
        if not self._collection.is_exact:
            return np.zeros(len(self._numbers), dtype=np.bool_)
        own = self._collection.vectors([int(self._numbers[place])])[0]
        numbers, near = zip(*((numbers, rows @ own) for numbers, rows in self._collection.blocks()), strict=True)
        cosines = np.concatenate(near)
        least = min(SAME, float(np.quantile(cosines, 1 - NEAREST)))
        return np.isin(self._numbers, np.concatenate(numbers)[cosines >= least])

    def _beside(self, place: int) -> NDArray[np.bool_]:
        own: NDArray[np.bool_] = self._sources == self._sources[place]
        if own.mean() <= _LARGE:
            return own
        places = np.flatnonzero(own)
        at, side = int(np.searchsorted(places, place)), round(_PART * len(own) / 2)
        around = np.zeros(len(own), dtype=np.bool_)
        around[places[max(0, at - side) : at + side + 1]] = True
        return around

    def _told(
        self, question: Made, vector: Vector, words: Rows[np.float32], there: NDArray[np.bool_] | None
    ) -> Evidence:
        keep = None if there is None else Rows(self._numbers, there)
        wanted = Wanted(vector, HITS, self._mode, None if self._mode == Mode.DENSE else words, keep)
        near = rank(self._collection, wanted).near
        texts = self._collection.read([one.number for one in near])
        found = [(texts[one.number].text, one.similarity) for one in near if one.number in texts]
        return self._reader.evidence(question.text, found, there)


def _folds(names: Sequence[str]) -> NDArray[np.int64]:
    """Return which fold each name belongs to, (n,): equal ones to the same, in whatever order they come."""
    order = sorted(set(names), key=lambda name: hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest())
    places = {name: place % _FOLDS for place, name in enumerate(order)}
    return np.array([places[name] for name in names], dtype=np.int64)


def _odds(found: NDArray[np.float64], told: Sequence[Evidence]) -> NDArray[np.float64]:
    """Return the log odds of an answer, (n,): that the collection has to do with the question, and by its wording."""
    total: NDArray[np.float64] = np.minimum(found, _CERTAIN) + np.array([one.wording for one in told])
    return total


def _threshold(odds: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """Return the log odds from which on questions are answered: those at which the fewest are judged wrongly.

    Both kinds of error count alike, but no more than `REFUSED` of the good questions are lost.
    """
    good, bad = np.sort(odds[truth]), np.sort(odds[~truth])
    tried = good[: 1 + int(REFUSED * len(good))]
    lost = np.arange(len(tried)) / len(good)
    wrong = 1 - np.searchsorted(bad, tried, side="left") / len(bad)
    return float(tried[np.argmin(lost + wrong)])


def _rates(odds: NDArray[np.float64], truth: NDArray[np.bool_], folds: NDArray[np.int64]) -> tuple[float, float]:
    """Return the shares of false answers and of false refusals, each fold by the threshold of the others."""
    answered = np.zeros(len(odds), dtype=np.bool_)
    for fold in np.unique(folds):
        own = folds == fold
        answered[own] = odds[own] >= _threshold(odds[~own], truth[~own])
    return float(answered[~truth].mean()), float(1 - answered[truth].mean())
