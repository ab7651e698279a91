"""Near but not the same: what sets apart two texts that an embedder puts close together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from search.retrieve.contrast.antonyms import antonym
from search.retrieve.contrast.negation import negation
from search.retrieve.contrast.numbers import number
from search.retrieve.contrast.quantifiers import quantifier
from search.retrieve.contrast.reading import Reading, counterparts
from search.retrieve.contrast.roles import role_swap

SHORT = 300
"""Characters; a longer text says more than one thing, so that the rules for pairs do not apply to it."""

Kind: TypeAlias = Literal["negation", "role-swap", "antonym", "number", "quantifier"]


@dataclass(frozen=True, slots=True)
class Caution:
    """A reason not to take two near texts for the same."""

    kind: Kind
    why: str
    """A few words with the evidence: "'not' only in the first text"."""


_RULES: tuple[tuple[Kind, Callable[[Reading, Reading], str | None]], ...] = (
    ("negation", negation),
    ("role-swap", role_swap),
    ("antonym", antonym),
    ("number", number),
    ("quantifier", quantifier),
)


def cautions(a: str, b: str) -> tuple[Caution, ...]:
    """Return what sets two texts apart, at most one caution of each kind; the kinds do not depend on the order.

    English only: in other languages all but numbers go unseen. Long texts are compared sentence by sentence,
    each with its nearest in the other text.
    """
    if a == b:
        return ()
    found: dict[Kind, str] = {}
    for x, y in counterparts(a, b):
        for kind, rule in _RULES:
            why = None if kind in found else rule(x, y)
            if why:
                found[kind] = why
    return tuple(Caution(kind, found[kind]) for kind, _ in _RULES if kind in found)


def cautions_if_short(a: str, b: str, most: int = SHORT) -> tuple[Caution, ...]:
    """Return what sets two texts apart that say one thing each; nothing where one of them is longer.

    :param most: Characters of each.
    """
    return cautions(a, b) if max(len(a), len(b)) <= most else ()
