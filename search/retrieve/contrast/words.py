"""A text as tagged words, in one pass: no model, and time linear in its length."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from search.retrieve.contrast import lexicon
from search.retrieve.contrast.numerals import is_number, merge_numerals

Tag: TypeAlias = Literal[
    "content",
    "number",
    "determiner",
    "pronoun",
    "be",
    "auxiliary",
    "and",
    "clause",
    "preposition",
    "adverb",
    "stop",
    "sign",
]

_TOKEN = re.compile(
    r"(?P<acronym>(?:[^\W\d_]\.){2,})|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)?)"
    r"|(?P<number>(?:(?<![^\s(])(?<!\d\s)-?\.?)?\d+(?:[.,:/]\d+)*(?:(?:st|nd|rd|th)\b)?)|(?P<sign>[$€£¥%°])|(?P<stop>[.,;:!?()\n\u2026\u2013\u2014]|\s-+\s)"
)
_ABBREVIATIONS = lexicon.words(
    "mr mrs ms dr st jr sr vs etc inc ltd co corp gov sen rep gen prof jan feb mar apr jun jul aug sep sept oct"
    " nov dec mon tue wed thu fri sat sun no"
)
_IS_CONTRACTED = lexicon.words("it he she that there here what who where how when let")
_UNAPOSTROPHED = lexicon.words(
    "dont doesnt didnt isnt wasnt arent werent wouldnt couldnt shouldnt havent hasnt hadnt wont"
)
_LONGEST_STEMMED = 40
_CURLY = str.maketrans({"\u2019": "'", "`": "'", "\u02bc": "'", "\u2212": "-"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, in lower case, with its stem and its class."""

    text: str
    stem: str
    tag: Tag

    @property
    def bears_meaning(self) -> bool:
        """Whether it names something: a content word or a number."""
        return self.tag in {"content", "number"}


@lru_cache(maxsize=1 << 11)
def tagged(text: str) -> tuple[Word, ...]:
    """Return the words of a text; set phrases and spelt-out numbers become one word each."""
    words = [_word(word) for word in merge_numerals(_with_phrases(list(_split(text))))]
    for at in range(1, len(words)):
        word = words[at]
        if word.text in lexicon.AUXILIARY_NOUNS and words[at - 1].tag == "determiner":
            words[at] = Word(word.text, word.stem, "content")
    return tuple(words)


def _split(text: str) -> Iterator[str]:
    after_abbreviation = False
    for match in _TOKEN.finditer(text.translate(_CURLY)):
        kind, token = match.lastgroup, match.group()
        token = "usa" if token in {"US", "U.S.", "U.S.A."} else token.lower()
        if kind == "word":
            yield from filter(None, _parts(token))
        elif kind == "acronym":
            yield token.replace(".", "")
        elif kind == "number" or not (token == "." and after_abbreviation):  # noqa: S105 - a word
            yield "".join(_ascii_digits(token)) if kind == "number" else (token.strip() or "\n")
        after_abbreviation = token in _ABBREVIATIONS


def _ascii_digits(token: str) -> Iterator[str]:
    return (str(int(sign)) if sign.isdecimal() else sign for sign in token)


def _parts(token: str) -> Iterator[str]:
    if token in _UNAPOSTROPHED:
        yield from (token[:-2], "n't")
    elif token == "cannot":  # noqa: S105 - a word
        yield from ("can", "n't")
    elif token.endswith("n't"):
        yield from (token[:-3], "n't")
    elif "'" in token:
        word, _, ending = token.partition("'")
        yield word
        if ending == "s" and word in _IS_CONTRACTED:
            yield "is"
        elif ending != "s":
            yield "'" + ending
    else:
        yield token


def _with_phrases(words: Sequence[str]) -> list[str]:
    joined: list[str] = []
    at = 0
    while at < len(words):
        phrase, standing = _phrase_at(words, at)
        joined.append(standing)
        at += len(phrase)
    return joined


def _phrase_at(words: Sequence[str], at: int) -> tuple[tuple[str, ...], str]:
    for phrase, standing in lexicon.PHRASES.get(words[at], ()):
        if tuple(words[at : at + len(phrase)]) == phrase:
            return phrase, standing
    return (words[at],), words[at]


@lru_cache(maxsize=1 << 14)
def _word(text: str) -> Word:
    tag = _tag(text)
    return Word(text, text if tag == "number" else stem(text), tag)


_CLASSES: tuple[tuple[frozenset[str], Tag], ...] = (
    (lexicon.BE, "be"),
    (lexicon.AUXILIARIES, "auxiliary"),
    (lexicon.COORDINATORS, "and"),
    (lexicon.PREPOSITIONS, "preposition"),
    (lexicon.SUBORDINATORS, "clause"),
    (lexicon.DETERMINERS, "determiner"),
    (lexicon.PRONOUNS, "pronoun"),
    (lexicon.ADVERBS, "adverb"),
    (lexicon.words("$ € £ ¥ % °"), "sign"),
)
_TAGS: dict[str, Tag] = {word: tag for members, tag in reversed(_CLASSES) for word in members}


def _tag(word: str) -> Tag:
    tag = _TAGS.get(word)
    if tag:
        return tag
    if is_number(word):
        return "number"
    if not (word[0].isalpha() or word[0] == "'"):
        return "stop"
    is_adverb = len(word) > 4 and word.endswith("ly") and word not in lexicon.LY_NOUNS  # noqa: PLR2004
    return "adverb" if is_adverb else "content"


@lru_cache(maxsize=1 << 14)
def stem(word: str) -> str:
    """Return a form that the inflections of a word share ('riding', 'rides' and 'rode' give 'rid')."""
    if len(word) > _LONGEST_STEMMED:
        return word
    return _bare(lexicon.IRREGULAR.get(word) or _uninflected(word))


def _uninflected(word: str) -> str:
    if len(word) > 4:  # noqa: PLR2004 - 'sing', 'red' and 'bed' carry no ending
        if word.endswith(("ied", "ies")):
            return word[:-3] + "y"
        if word.endswith("ing") and _has_vowel(word[:-3]):
            return word[:-3]
    if ends_in_ed(word):
        return word[:-1] if word.endswith("eed") else word[:-2]
    if word.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):  # noqa: PLR2004
        return word[:-1]
    return word


def ends_in_ed(word: str) -> bool:
    """Whether a word looks like a regular past form."""
    return len(word) > 3 and word.endswith("ed") and _has_vowel(word[:-2]) and word not in lexicon.NOT_PAST  # noqa: PLR2004


def _has_vowel(text: str) -> bool:
    return any(letter in "aeiouy" for letter in text)


def _bare(word: str) -> str:
    if len(word) > 2 and word[-1] == word[-2] and word[-1] not in "aeio":  # noqa: PLR2004
        word = word[:-1]
    word = word.removesuffix("e")
    return word[:-1] + "i" if word.endswith("y") else word
