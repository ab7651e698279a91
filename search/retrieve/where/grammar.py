"""Expressions to trees, by recursive descent."""

import re
from collections.abc import Callable
from typing import TypeVar

from search.retrieve.where.tokens import Token, place, tokens, unexpected
from search.retrieve.where.tree import (
    DEEPEST,
    MOST_CLAUSES,
    MOST_VALUES,
    OPS,
    And,
    Clause,
    Not,
    OneOf,
    Op,
    Or,
    Value,
    Where,
    checked,
    too_deep,
    too_many,
)

_T = TypeVar("_T")
_FIELD = re.compile(r"[^\W\d][\w.-]*+")
_INT = re.compile(r"-?\d{1,18}", re.ASCII)
_FLOAT = re.compile(r"-?\d{1,20}\.\d{1,20}", re.ASCII)


def parse(text: str) -> Where:
    """Return the tree of an expression.

    :raises InvalidInputError: For one that cannot be read: where, and what was expected there.
    """
    return checked(_Parser(list(tokens(text))).whole())


class _Parser:
    """Goes through tokens from the first to the last."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._clauses = 0

    def whole(self) -> Where:
        found = self._any(0)
        if self._next.kind != "end":
            raise unexpected(self._next, "and, or, or the end (a text with spaces needs quotes)")
        return found

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self, keyword: str) -> bool:
        """Go past a keyword or sign, if it is next."""
        is_next = self._next.keyword == keyword
        self._at += is_next
        return is_next

    def _need(self, sign: str, expected: str) -> None:
        if not self._take(sign):
            raise unexpected(self._next, expected)

    def _any(self, depth: int) -> Where:
        parts = self._several("or", lambda: self._all(depth))
        return Or(parts) if len(parts) > 1 else parts[0]

    def _all(self, depth: int) -> Where:
        parts = self._several("and", lambda: self._one(depth))
        return And(parts) if len(parts) > 1 else parts[0]

    def _several(self, between: str, part: Callable[[], _T]) -> tuple[_T, ...]:
        parts = [part()]
        while self._take(between):
            parts.append(part())
        return tuple(parts)

    def _one(self, depth: int) -> Where:
        if depth > DEEPEST:
            raise too_deep(place(self._next.at))
        if self._take("not"):
            return Not(self._one(depth + 1))
        if not self._take("("):
            return self._clause()
        found = self._any(depth + 1)
        self._need(")", "and, or, or )")
        return found

    def _clause(self) -> Where:
        self._clauses += 1
        if self._clauses > MOST_CLAUSES:
            raise too_many(place(self._next.at))
        field = self._field()
        is_negated = self._take("not")
        found = self._comparison(field, ("contains",) if is_negated else OPS)
        return Not(found) if is_negated else found

    def _field(self) -> str:
        token = self._next
        is_bare = token.kind == "word" and not token.keyword and _FIELD.fullmatch(token.text)
        if not (is_bare or (token.kind == "name" and token.text)):
            raise unexpected(token, "the name of a field (in backticks, unless it is letters, digits, . - and _)")
        self._at += 1
        return token.text

    def _comparison(self, field: str, ops: tuple[Op, ...]) -> Where:
        if self._take("in"):
            return OneOf(field, self._list())
        op = next((op for op in ops if self._take(op)), None)
        if op is None:
            raise unexpected(self._next, f"one of {' '.join(ops)} in")
        return Clause(field, op, self._text() if op == "contains" else self._value())

    def _list(self) -> tuple[Value, ...]:
        self._need("(", "( and a list of values")
        start = self._next
        values = self._several(",", self._value)
        if len(values) > MOST_VALUES:
            raise unexpected(start, f"a list of at most {MOST_VALUES:,} values, not {len(values):,},")
        self._need(")", "a comma or ) (a text with spaces needs quotes)")
        return values

    def _value(self) -> Value:
        is_word = self._next.kind == "word"
        text = self._text()
        return _number(text) if is_word else text

    def _text(self) -> str:
        token = self._next
        if token.kind not in {"word", "text"} or token.keyword:
            raise unexpected(token, "a value (in quotes, if it is a keyword or has signs)")
        self._at += 1
        return token.text


def _number(word: str) -> Value:
    """Return a number that is written as Python writes it; of others, such as 007, the text is kept."""
    if _INT.fullmatch(word) and str(int(word)) == word:
        return int(word)
    if _FLOAT.fullmatch(word) and str(float(word)) == word:
        return float(word)
    return word
