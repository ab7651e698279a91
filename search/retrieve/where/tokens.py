"""The words of an expression, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from search.errors import InvalidInputError
from search.retrieve.where.tree import LONGEST

Kind: TypeAlias = Literal["sign", "word", "text", "name", "end"]
"""A text stands in quotes, a name in backticks."""

KEYWORDS = frozenset({"and", "or", "not", "in", "contains"})
_TOKEN = re.compile(
    r"(?P<sign>[(),=]|[<>]=?|!=)"
    r"|(?P<quoted>(?P<mark>[\"'`])(?:\\.|(?!(?P=mark))[^\\])*+(?P=mark))"
    r"|(?P<word>[^\s(),=<>!\"'`](?:[^\s(),=<>!\"`]|!(?!=))*+)",
    re.DOTALL,
)
_SPACE = re.compile(r"\s*+")
_ESCAPE = re.compile(r"\\([\\\"'`])")
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Token:
    """A sign, a word or what stands in quotes."""

    kind: Kind
    text: str
    """Without quotes and escapes."""
    at: int
    """Characters before it."""

    @property
    def keyword(self) -> str:
        """What has a meaning of its own, in lower case; else nothing."""
        folded = self.text.lower()
        return folded if self.kind == "sign" or (self.kind == "word" and folded in KEYWORDS) else ""


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of an expression, and at last one for its end.

    :raises InvalidInputError: For an expression that is too long, and for signs that mean nothing.
    """
    if len(text) > LONGEST:
        raise InvalidInputError(f"cannot read the filter: expected at most {LONGEST:,} characters, found {len(text):,}")
    at = _past_space(text, 0)
    while found := _TOKEN.match(text, at):
        yield _token(found)
        at = _past_space(text, found.end())
    if at < len(text):
        raise unreadable(at, "= behind !" if text[at] == "!" else f"another {text[at]} to close the quote", "none")
    yield Token("end", "", at)


def unexpected(token: Token, expected: str) -> InvalidInputError:
    """Return the error for a token that stands where another should."""
    found = repr(token.text if len(token.text) <= _SHOWN else f"{token.text[:_SHOWN]}…")
    return unreadable(token.at, expected, "the end" if token.kind == "end" else found)


def unreadable(at: int, expected: str, found: str) -> InvalidInputError:
    """Return the error for a place of an expression."""
    return InvalidInputError(f"cannot read the filter{place(at)}: expected {expected}, found {found}")


def place(at: int) -> str:
    """Return where an error is, counted from 1."""
    return f" at character {at + 1}"


def _token(found: re.Match[str]) -> Token:
    if found["quoted"]:
        kind: Kind = "name" if found["mark"] == "`" else "text"
        return Token(kind, _ESCAPE.sub(r"\1", found["quoted"][1:-1]), found.start())
    return Token("sign" if found["sign"] else "word", found[0], found.start())


def _past_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
