"""Whether a sentence says what a thing is, and does not merely name it: English only, by its words alone."""

import re
from collections.abc import Sequence

from search.retrieve.contrast.lexicon import DETERMINERS, PREPOSITIONS, words
from search.retrieve.contrast.words import stem

_ASKS = re.compile(
    r"\s*(?:what(?:['’]?s| is| are| was| were)|define|what (?:do|does)(?=.*\bmean\W*$))\s+(?:an?\s|the\s)?"
    r"(?P<term>[^\W\d_][\w'’-]*(?: [\w'’-]+){0,3}?)(?: mean)?(?: in [\w'’-]+)?\s*[?.]?\s*",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\$[^$]*\$|\([^()]*\)|\[(?=[^\]]*\]\()|\]\([^)]*\)|[*_`\"“”]")
"""Formulas, brackets, and the marks of Markdown."""
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[.,;:!?—–]")
_IS = words("is are was were")
_MEANS = words("means mean refers refer denotes denote describes describe")
_KIND = words("a an the any one another simply just that")
_CALLED = words("called termed named known")
_BEFORE_NAME = DETERMINERS | {"as"}
_NO_TERM = PREPOSITIONS | words("this that these those it they he she there and or which who name")
_APPOSED = 5
"""Words that may stand between two commas behind a term: 'a struct, or structure, is a ...'."""


def term_of(question: str) -> tuple[str, ...]:
    """Return the words that a question like 'What is a Markov chain?' wants defined; empty for other questions."""
    match = _ASKS.fullmatch(question)
    found = match["term"].lower().split() if match else []
    return () if not _NO_TERM.isdisjoint(found) else tuple(found)


def defines(term: Sequence[str], sentence: str) -> bool:
    """Whether a sentence defines a term: 'A Markov chain is a ...', '... is called a Markov chain'."""
    said = _TOKEN.findall(_ASIDE.sub("", sentence).lower())
    stems, wanted = [stem(word) for word in said], [stem(word) for word in term]
    places = (at for at in range(len(stems) - len(term) + 1) if stems[at : at + len(term)] == wanted)
    return bool(term) and any(_is_called(said, at) or _is_said(said, at, term) for at in places)


def _is_said(said: Sequence[str], start: int, term: Sequence[str]) -> bool:
    """Whether the term is what a clause says something of: 'A term is a ...', 'A term refers to ...'."""
    end = start + len(term)
    is_other_number = said[end - 1] != term[-1]  # 'Markov chains are a workhorse' is not what a Markov chain is
    before = start - 1 if start and said[start - 1] in DETERMINERS else start
    if before and said[before - 1][0].isalnum() and said[before - 1] != "that":
        return False
    if "," in said[end : end + 1] and "," in said[end + 1 : end + 2 + _APPOSED]:
        end = said.index(",", end + 1) + 1
    while end < len(said) and said[end] in PREPOSITIONS:  # what is left of 'on $S$'
        end += 1
    verb, follows, then = [*said[end : end + 3], "", "", ""][:3]
    if verb in {"are", "were"} and is_other_number:
        return False
    return verb in _MEANS or (verb in _IS and (follows in _KIND or (follows, then) == ("defined", "as")))


def _is_called(said: Sequence[str], start: int) -> bool:
    """Whether the term is a name that is given: '... is called the term', '... is known as a term'."""
    before = start - 1
    while before > 0 and said[before] in _BEFORE_NAME:
        before -= 1
    return before >= 0 and said[before] in _CALLED
