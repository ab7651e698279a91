"""What scores and words tell of whether the passages found answer a question."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.chat.extractive import Candidate, candidates, parts
from search.chat.overlap import CLOSED, Overlap, rarity
from search.retrieve.caution import Kind, cautions_if_short
from search.retrieve.contrast.lexicon import NEGATIONS
from search.retrieve.contrast.words import stem
from search.retrieve.known import Known
from search.store.collection import Collection

_SHORT = 400
"""Characters of a question, or of the sentence that answers it best, of which cautions are asked."""
_WORD = re.compile(r"[^\W_]+")
_DENYING = NEGATIONS | {"t"}
"""With what is left of 'isn't' once it is cut at its apostrophe."""
_APART: Mapping[Kind, float] = {"negation": -1.83, "antonym": -2.14, "number": -1.65, "quantifier": -1.11}
_NEAREST, _COVERED, _SAID, _MISSING, _NAMES, _DENIED, _LENGTH = 1.75, -1.74, 1.85, -0.89, -0.54, -1.24, 1.11
"""What each of the evidence adds to the log odds that a question, near as its passages are, is answered by them:
chosen on the unanswerable questions of half of SQuAD 2's articles. A passage whose words are not in one sentence
speaks against it."""
_USUAL = 2.34
"""What they add to an average question there."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer and against it."""

    nearest: float
    """Highest cosine of a passage with the question: 0 for that of a random pair of passages, 1 for that of the
    nearest pair of a hundred."""
    covered: float
    """Share of the question's words that one passage has, a rare word counting for more, 0 to 1."""
    said: float
    """The same for one sentence."""
    missing: float
    """What the rarest word counts for that the best sentence and the one before do not have, beside the rarest of the
    question, 0 to 1."""
    names_missing: float
    """Share of the question's names and numbers that they do not have, 0 to 1."""
    denied: bool
    """Whether the question denies something."""
    words: int
    """Words of the question that name something."""
    apart: tuple[Kind, ...] = ()
    """What sets the question apart from that sentence."""

    def row(self) -> NDArray[np.float64]:
        """Return what tells whether a collection has to do with the question at all, (3,)."""
        return np.array([self.nearest, self.covered, self.said], dtype=np.float64)

    @property
    def wording(self) -> float:
        """Log odds that its wording adds; about 0 for an average question, below that where it may ask for something
        else than what the best sentence says.
        """
        scores = _NEAREST * self.nearest + _COVERED * self.covered + _SAID * self.said
        words = _MISSING * self.missing + _NAMES * self.names_missing + _DENIED * self.denied
        apart = sum(_APART.get(kind, 0.0) for kind in self.apart)
        return scores + words + apart + _LENGTH * math.log1p(self.words) - _USUAL


NOTHING = Evidence(-1.0, 0.0, 0.0, 1.0, 0.0, denied=False, words=0)
"""Where nothing was found."""


class Reader:
    """Reads what was found in a collection."""

    def __init__(self, collection: Collection, known: Known) -> None:
        scale = known.scale(collection)
        self._index = known.lexical(collection)
        self._middle = scale.at(50)
        self._spread = max(scale.at(99) - self._middle, 1e-3)

    def evidence(
        self, question: str, found: Sequence[tuple[str, float]], there: NDArray[np.bool_] | None = None
    ) -> Evidence:
        """Return what passages tell about a question.

        :param found: Texts with their cosines.
        :param there: Which of the collection's passages count, (n,); None for all.
        """
        read = candidates(question, found)
        if not read:
            return NOTHING
        asked, best = self._overlap(question, there), read[0]
        have, names = best.stems | best.before, _names(question)
        return Evidence(
            nearest=(max(cosine for _, cosine in found) - self._middle) / self._spread,
            covered=max(asked.share(frozenset().union(*(own for *_, own in parts(text)))) for text, _ in found),
            said=max(asked.share(one.stems) for one in read),
            missing=asked.heaviest_missing(have),
            names_missing=len(names - have) / max(1, len(names)),
            denied=not _DENYING.isdisjoint(_WORD.findall(question.lower())),
            words=len(asked.stems),
            apart=_apart(question, best),
        )

    def _overlap(self, question: str, there: NDArray[np.bool_] | None) -> Overlap:
        count = len(self._index.numbers) if there is None else int(np.count_nonzero(there))
        forms = {stem(word): word for word in _WORD.findall(question.lower())}

        def rare(word: str) -> float:
            scores = self._index.scores(forms.get(word, word))
            return rarity(int(np.count_nonzero(scores if there is None else scores[there])), count)

        return Overlap(question, rare)


def _names(question: str) -> frozenset[str]:
    """Return the stems of what is written like a name or a number, the first word left out."""
    found = (match.group() for match in _WORD.finditer(question) if match.start())
    return frozenset(stem(w.lower()) for w in found if (w[0].isupper() or w[0].isdigit()) and w.lower() not in CLOSED)


def _apart(question: str, best: Candidate) -> tuple[Kind, ...]:
    return tuple(caution.kind for caution in cautions_if_short(question, best.text, _SHORT))
