"""How much of a question a text says: the stems of its words, a rare one for more than a common one."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from search.retrieve.contrast.lexicon import (
    ADVERBS,
    AUXILIARIES,
    BE,
    COORDINATORS,
    DETERMINERS,
    PREPOSITIONS,
    PRONOUNS,
    SUBORDINATORS,
    words,
)
from search.retrieve.contrast.words import stem

Rarity: TypeAlias = Callable[[str], float]
"""What a stem counts for, above 0."""

CLOSED = (
    DETERMINERS
    | PRONOUNS
    | BE
    | AUXILIARIES
    | COORDINATORS
    | SUBORDINATORS
    | PREPOSITIONS
    | ADVERBS
    | words("who whom whose when where why how what which s t")
)
"""English words that name nothing."""
_WORD = re.compile(r"[\u2e80-\u9fff]|[^\W_\u2e80-\u9fff]+")
"""Of Chinese and Japanese, each character."""


def stems(text: str) -> list[str]:
    """Return the stems of the words that name something, in order."""
    return [stem(word) or word for word in _WORD.findall(text.lower()) if word not in CLOSED]


def rarity(count: int, of: int) -> float:
    """Return what a word counts for that stands in so many of some texts: the inverse document frequency of BM25."""
    return math.log(1 + (of - count + 0.5) / (count + 0.5))


def rarity_among(texts: Iterable[AbstractSet[str]]) -> Rarity:
    """Return what stems count for among some texts, each given by its own stems."""
    all_texts = list(texts)
    counts = Counter(word for text in all_texts for word in text)
    return lambda word: rarity(counts[word], len(all_texts))


class Overlap:
    """A question's words, with what each counts for."""

    def __init__(self, question: str, rare: Rarity) -> None:
        self.stems = stems(question)
        self._weights = {word: rare(word) for word in self.stems}
        self._total = sum(self._weights.values())

    @property
    def words(self) -> AbstractSet[str]:
        """The different stems."""
        return frozenset(self._weights)

    def share(self, said: AbstractSet[str]) -> float:
        """Return the share of the question that these stems say, 0 to 1; 0 for a question without words."""
        if not self._total:
            return 0.0
        return sum(self._weights[word] for word in self._weights.keys() & said) / self._total

    def heaviest_missing(self, said: AbstractSet[str]) -> float:
        """Return what the rarest word counts for that they do not say, beside the rarest of all, 0 to 1."""
        missing = max((self._weights[word] for word in self._weights.keys() - said), default=0.0)
        return missing / max(self._weights.values()) if missing else 0.0
