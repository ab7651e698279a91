"""How to look for passages, beside what for."""

from dataclasses import dataclass

from search.errors import InvalidInputError
from search.retrieve.fuse import Mode
from search.retrieve.where.tree import Where

MOST_TERMS = 20
_MOST_WEIGHT = 100.0


@dataclass(frozen=True, slots=True)
class Term:
    """A text that is looked for among others, or led away from."""

    text: str
    weight: float = 1.0
    """Beside the others; where it is added to a query, that has 1. Below 0 to lead away from the text."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a search takes beside its query."""

    mode: Mode | None = None
    """None for the one that does best for the kind of collection."""
    where: Where | None = None
    """Which passages may be found, by their metadata; None for all."""
    terms: tuple[Term, ...] = ()
    """More texts to look for, or to lead away from."""
    diversity: float = 0.0
    """0 for the best passages, towards 1 for passages unlike each other."""
    fold: bool = False
    """Whether near-duplicates stand behind the first of them."""
    why: bool = False
    """Whether each hit says what makes it near."""
    hubs: bool = False
    """Whether each hit says in how many lists of nearest it stands."""

    def __post_init__(self) -> None:
        """:raises InvalidInputError: For a number out of its range, or a text that is empty."""
        if not 0 <= self.diversity <= 1:
            raise InvalidInputError(f"diversity must be from 0 to 1, not {self.diversity:g}")
        if len(self.terms) > MOST_TERMS:
            raise InvalidInputError(f"at most {MOST_TERMS} texts can be added and taken away, not {len(self.terms)}")
        for term in self.terms:
            if not term.text.strip():
                raise InvalidInputError("a text to add or take away is empty")
            if not 0 < abs(term.weight) <= _MOST_WEIGHT:
                raise InvalidInputError(f"a weight must be above 0 and at most {_MOST_WEIGHT:g}, not {term.weight:g}")
