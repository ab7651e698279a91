"""A filter as a tree of frozen values, and how large it may be."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from search.errors import InvalidInputError

Op: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">=", "contains"]
Value: TypeAlias = str | int | float
"""True and false are the words."""

OPS: tuple[Op, ...] = get_args(Op)
DEEPEST = 20
"""Ands, ors and nots, or parentheses, around a clause."""
MOST_CLAUSES = 100
MOST_VALUES = 1_000
LONGEST = 10_000
"""Characters of an expression, and of a text in JSON."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A field compared with a value."""

    field: str
    op: Op
    value: Value
    """With `contains`, always a text."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """A field that equals one of some values."""

    field: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """What a part leaves out, passages without its field included."""

    part: "Where"


@dataclass(frozen=True, slots=True)
class And:
    """What all parts let through."""

    parts: "tuple[Where, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """What any part lets through."""

    parts: "tuple[Where, ...]"


Where: TypeAlias = Clause | OneOf | Not | And | Or


def checked(where: Where) -> Where:
    """Return a tree that is within the limits.

    :raises InvalidInputError: For one that is not.
    """
    depth, clauses, level = -1, 0, [where]
    while level:
        depth += 1
        clauses += sum(isinstance(one, Clause | OneOf) for one in level)
        level = [part for one in level for part in _parts(one)]
    if depth > DEEPEST:
        raise too_deep()
    if clauses > MOST_CLAUSES:
        raise too_many()
    return where


def too_deep(place: str = "") -> InvalidInputError:
    """Return the error for what is nested too deep."""
    return InvalidInputError(f"cannot read the filter{place}: expected at most {DEEPEST} levels, found more")


def too_many(place: str = "") -> InvalidInputError:
    """Return the error for too many clauses."""
    return InvalidInputError(f"cannot read the filter{place}: expected at most {MOST_CLAUSES} clauses, found more")


def _parts(where: Where) -> "tuple[Where, ...]":
    match where:
        case And(parts) | Or(parts):
            return parts
        case Not(part):
            return (part,)
    return ()
