"""What a question passes on its way to an answer: frozen values, in the order in which they come."""

import time
from dataclasses import dataclass, field
from typing import TypeAlias

from search.chat.prompt import Turn
from search.embedders.base import check_unicode
from search.errors import InvalidInputError
from search.retrieve.options import Term
from search.retrieve.where.tree import Where
from search.types import Answer, HitList, Judgement, Vector

MOST_QUERIES = 8
_MOST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Asking:
    """A question, and what goes along with it."""

    question: str
    history: tuple[Turn, ...] = ()
    """What was said before, oldest first; the model itself remembers nothing."""
    queries: tuple[str, ...] = ()
    """What to search, where a user says so; else it follows from question and history."""
    where: Where | None = None
    """Which passages may be found."""
    system: str = ""
    """What a chat model is told first; empty for what is configured."""
    anyway: bool = False
    """Whether to answer even what the notes do not seem to answer."""
    started: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        """:raises InvalidInputError: For a question or a query that is empty, too long, or has half a character."""
        if len(self.queries) > MOST_QUERIES:
            raise InvalidInputError(f"at most {MOST_QUERIES} queries can be searched at once, not {len(self.queries)}")
        for text in (self.question, *self.queries):
            if not text.strip():
                raise InvalidInputError("there is no question: ask one that is not empty")
            if len(text) > _MOST_CHARACTERS:
                raise InvalidInputError(f"a question has at most {_MOST_CHARACTERS:,} characters, not {len(text):,}")
            check_unicode(text)


@dataclass(frozen=True, slots=True)
class Searched:
    """What is searched for, before anything is found."""

    asking: Asking
    terms: tuple[Term, ...]
    """The weightiest first; their weights add up to 1."""

    @property
    def queries(self) -> tuple[str, ...]:
        """The texts."""
        return tuple(term.text for term in self.terms)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, before anything is said."""

    searched: Searched
    vector: Vector
    """Of what is searched, (d,)."""
    hits: HitList
    judgement: Judgement | None
    """Whether they answer the question, as far as scores can tell; None where that cannot be judged."""


@dataclass(frozen=True, slots=True)
class Words:
    """Some words of the answer, as they come; the answer itself comes last, checked."""

    text: str


Event: TypeAlias = Searched | Found | Words | Answer
