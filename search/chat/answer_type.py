"""What kind of thing a question asks for, and whether a sentence has one: English only, by its words alone."""

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Literal, TypeAlias

from search.chat.overlap import stems

AnswerType: TypeAlias = Literal["number", "date", "name", "reason", "other"]

_ASKS: tuple[tuple[AnswerType, re.Pattern[str]], ...] = (
    (
        "number",
        re.compile(
            r"\bhow (?:many|much|long|old|large|big|far|tall|high|often|few|fast|deep|wide)\b"
            r"|\b(?:what|which) (?:percentage|number|amount|population|share|proportion)\b"
        ),
    ),
    (
        "date",
        re.compile(
            r"\bwhen\b|\b(?:what|which|whose)\s+(?:\w+\s)?(?:year|date|day|month|century|decade|time|era|period)\b"
        ),
    ),
    (
        "name",
        re.compile(
            r"\bwho(?:m|se)?\b|\bwhere\b|\b(?:what|which)\s+(?:person|king|queen|president|leader|scientist|author"
            r"|emperor|ruler|general|city|country|state|place|location|region|river|building|town|area|continent"
            r"|province)\b"
        ),
    ),
    ("reason", re.compile(r"\bwhy\b|\bwhat (?:reason|caused|cause)\b")),
)
"""The first that fits counts."""
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(rf"\b(?:1\d{{3}}|20\d\d)s?\b|\b(?:{_MONTHS})\b|\bcentur(?:y|ies)\b|\b\d+ (?:BC|AD)\b")
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|million|billion|half"
    r"|third|quarter|twice|dozens?|percent|majority)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|due to|since|so that|in order to|therefore|reason|caused|result|led to|to)\b", re.IGNORECASE
)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[^\W\d_a-z][\w’'.-]+")
"""A capital that no sentence begins with."""


def asked_for(question: str) -> AnswerType:
    """Return what kind of answer a question wants."""
    folded = question.lower()
    return next((kind for kind, asks in _ASKS if asks.search(folded)), "other")


def has(kind: AnswerType, sentence: str, question: AbstractSet[str]) -> bool:
    """Whether a sentence has something of a kind; never for `other`.

    :param question: Stems of the question: a name that it has itself is no answer.
    """
    return _HAS[kind](sentence, question)


def _has_new_name(sentence: str, question: AbstractSet[str]) -> bool:
    return any(not question >= set(stems(match.group())) for match in _NAME.finditer(sentence))


_HAS: Mapping[AnswerType, Callable[[str, AbstractSet[str]], bool]] = {
    "number": lambda sentence, _: bool(_NUMBER.search(sentence)),
    "date": lambda sentence, _: bool(_DATE.search(sentence)),
    "name": _has_new_name,
    "reason": lambda sentence, _: bool(_REASON.search(sentence)),
    "other": lambda *_: False,
}
