"""What is kept in mind of a clause while it is read."""

from dataclasses import dataclass, field

from search.retrieve.contrast.phrases import Phrase
from search.retrieve.contrast.verbs import is_light


@dataclass(slots=True)
class Verb:
    """A verb, and what stands around it."""

    stem: str
    at: int
    subjects: list[Phrase]
    passive: bool = False
    behind: Phrase | None = None
    """The phrase before it."""
    object: Phrase | None = None

    @property
    def places(self) -> bool:
        """Whether it says no more than that something is somewhere, or has something."""
        return is_light(self.stem)


@dataclass(slots=True)
class Clause:
    """What was read of the clause so far."""

    subjects: list[Phrase] = field(default_factory=list)
    verb: Verb | None = None
    is_copular: bool = False
    fronted: tuple[str, Phrase] | None = None
    """A preposition and its phrase that came before all else: 'Behind a fence, ...'."""


@dataclass(slots=True)
class Pending:
    """What the next phrase will belong to."""

    preposition: str = ""
    opens: bool = False
    """Whether the preposition followed 'and'."""
    joins: bool = False
    listed: bool = False
    """Whether it was a comma that joins."""
    is_predicate: bool = False
    follows: tuple[str, Verb] | None = None
    """A verb with 'before' or 'after' behind it, which may govern a verb too."""
