"""A question as the rules about follow-ups read it: English words and signs, in one pass and without a model."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from search.chat import follow_up_words as english

LONGEST = 4_000
"""Characters of a text that are read."""
RECENT = 12
"""Turns that are looked back at, beside the first."""
_TOKEN = re.compile(r"[^\W_]+(?:[.'’&-][^\W_]+)*|[.,;:!?]")
_CURLY = str.maketrans({"’": "'"})
_OWNER = re.compile(r"(?:'s|(?<=s)')$")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a sign that ends a clause."""

    text: str
    lower: str
    start: int
    end: int

    @property
    def means(self) -> bool:
        """Whether it names something."""
        return self.lower not in english.EMPTY and not self.lower.isdigit() and len(self.lower) > 1

    @property
    def bare(self) -> str:
        """The word in lower case, without the ending of an owner."""
        return _OWNER.sub("", self.lower)

    @property
    def is_name(self) -> bool:
        """Whether it is written like a name."""
        return self.text[0].isupper() and self.lower not in english.CLOSED and self.lower not in english.MYSELF


@dataclass(frozen=True)
class Question:
    """A question, and what the user said before it."""

    text: str
    turns: tuple[str, ...]
    """The first one and the last ones, oldest first."""

    @classmethod
    def of(cls, text: str, turns: Sequence[str]) -> "Question":
        """Return a question after some turns; those that are empty say nothing."""
        said = [turn for turn in turns if turn.strip()]
        return cls(text[:LONGEST], tuple(said[:1] + said[1:][-RECENT:]))

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Its words, and the signs between its clauses."""
        return tokens(self.text)

    @cached_property
    def content(self) -> tuple[Token, ...]:
        """Words that name something."""
        return tuple(token for token in self.tokens if token.means)

    @cached_property
    def has_name(self) -> bool:
        """Whether it calls something by its name."""
        return any(token.is_name for token in self.tokens[1:])

    @cached_property
    def is_english(self) -> bool:
        """Whether its common words are English ones."""
        words = [token.lower.split("'")[0] for token in self.tokens]
        return not english.ENGLISH.isdisjoint(words) or sum(word in english.MAYBE_ENGLISH for word in words) > 1

    @cached_property
    def is_lower(self) -> bool:
        """Whether it has no capitals, so that its names have none either."""
        return self.text == self.text.lower()

    @cached_property
    def said(self) -> frozenset[str]:
        """What the turns before name."""
        return frozenset(token.bare for turn in self.turns for token in tokens(turn) if token.means)

    @cached_property
    def names(self) -> tuple[frozenset[str], ...]:
        """Names in the turns before, as their words."""
        return tuple(
            frozenset(token.bare for token in turn[start:end])
            for turn in map(tokens, self.turns)
            for start, end in names(turn)
        )

    def before(self, at: int) -> str:
        """Return the word before a word, in lower case; empty at the beginning."""
        return self.tokens[at - 1].lower if at > 0 else ""

    def after(self, at: int) -> str:
        """Return the word after a word, in lower case; empty at the end."""
        return self.tokens[at + 1].lower if at + 1 < len(self.tokens) else ""

    def ends(self, at: int) -> bool:
        """Whether a word is the last one of its sentence."""
        return self.after(at) in {"", ".", "!", "?"}

    def clause(self, at: int) -> int:
        """Return where the clause of a word begins."""
        return next((place for place in range(at - 1, 0, -1) if self._begins(place)), 0)

    def _begins(self, at: int) -> bool:
        """Whether a clause begins with a word; 'and' may as well stand between two nouns."""
        word = self.tokens[at].lower
        if word in {"and", "or"}:
            return self.after(at) in english.AFTER_AND
        return word in english.BREAKS


def tokens(text: str) -> tuple[Token, ...]:
    """Return the words of a text, and the signs between its clauses."""
    return tuple(
        Token(match.group(), match.group().lower().translate(_CURLY), match.start(), match.end())
        for match in _TOKEN.finditer(text, 0, LONGEST)
    )


def names(words: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield the places where names begin and end: 'Zappa', 'Zappa and the Mothers of Invention'."""
    at = 0
    while at < len(words):
        end = _name_end(words, at) if _begins_name(words, at) else at
        if end > at + 1 or (end > at and words[at].bare not in english.GENERIC | english.RELATIONAL):
            yield at, end
        at = max(end, at + 1)


def _begins_name(words: Sequence[Token], at: int) -> bool:
    """Whether a word is written like a name, and not only because a sentence begins with it."""
    begins = at == 0 or words[at - 1].lower in {".", "!", "?"}
    return words[at].is_name and not (begins and words[at].lower in english.EMPTY)


def _name_end(words: Sequence[Token], at: int) -> int:
    """Return where the name that begins at a place ends."""
    end = at + 1
    while end < len(words):
        ahead = 1 if words[end].lower in english.WITHIN_NAMES else 0
        ahead += 1 if ahead and end + 1 < len(words) and words[end + 1].lower == "the" else 0
        if end + ahead >= len(words) or not words[end + ahead].is_name:
            break
        end += ahead + 1
    return end
