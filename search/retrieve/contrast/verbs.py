"""Which words of a text are verbs, from their endings and their neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass

from search.retrieve.contrast import lexicon
from search.retrieve.contrast.words import Tag, Word, ends_in_ed, stem

_VERB_STEMS = frozenset(map(stem, lexicon.VERBS | lexicon.LIGHT_VERBS | lexicon.IRREGULAR_PARTICIPLES))
_LIGHT_STEMS = frozenset(map(stem, lexicon.LIGHT_VERBS))
_REPORTING_STEMS = frozenset(map(stem, lexicon.REPORTING_VERBS))
_SYMMETRIC_STEMS = frozenset(map(stem, lexicon.SYMMETRIC_VERBS))
_NOUNS_IN_ING = lexicon.words(
    "building painting ceiling morning evening clothing thing wedding string king ring spring wing railing"
    " swing crossing parking living dining meeting frosting topping drawing wiring siding awning"
)
_PLURALS = lexicon.words("men women children people persons feet teeth mice geese wolves others police")
_SHORTEST_WITH_ING = 5


@dataclass(frozen=True, slots=True)
class Before:
    """What stands directly before a word."""

    noun: bool = False
    several: bool = False
    """Whether that noun is one of several joined by 'and'."""
    verb: bool = False
    """Whether it is 'and' after a verb of the same form."""


def is_participle(word: Word) -> bool:
    """Whether a word may be a past participle: 'chased', 'ridden'."""
    return ends_in_ed(word.text) or word.text in lexicon.IRREGULAR_PARTICIPLES


def is_light(verb: str) -> bool:
    """Whether a verb's stem says only that something is in a place."""
    return verb in _LIGHT_STEMS


def is_reporting(verb: str) -> bool:
    """Whether a verb's stem introduces what someone said."""
    return verb in _REPORTING_STEMS


def is_symmetric(verb: str) -> bool:
    """Whether a verb's stem says the same of both its sides: 'marry'."""
    return verb in _SYMMETRIC_STEMS


def same_inflection(one: Word, other: Word) -> bool:
    """Whether two words end alike, as joined verbs do: 'holds a cup and drinks'."""
    return _ending(one.text) == _ending(other.text)


def is_verb(words: Sequence[Word], at: int, context: Before) -> bool:
    """Whether the word at a place is a verb there."""
    word = words[at]
    before = _tag_before(words, at)
    after = words[at + 1].tag if at + 1 < len(words) else "stop"
    if word.tag != "content" or before == "determiner":
        return False
    if word.text.endswith("ing") and len(word.text) >= _SHORTEST_WITH_ING and word.stem != word.text:
        return _ing_is_verb(word, before, context)
    if is_participle(word) or word.text in lexicon.IRREGULAR:
        return _past_is_verb(word, before, after, context)
    if word.stem in _VERB_STEMS and context.noun:
        return context.several or _agrees(words[at - 1], word)
    may_stand = before in {"auxiliary", "pronoun"} or context.verb or _opens_clause(before, after)
    return word.stem in _VERB_STEMS and may_stand


def _tag_before(words: Sequence[Word], at: int) -> Tag:
    if at == 0:
        return "stop"
    return "auxiliary" if words[at - 1].text == "to" else words[at - 1].tag


def _ing_is_verb(word: Word, before: Tag, context: Before) -> bool:
    if word.text in _NOUNS_IN_ING:
        return before == "be" and word.stem in _VERB_STEMS
    return context.noun or before != "preposition" or word.stem in _VERB_STEMS


def _past_is_verb(word: Word, before: Tag, after: Tag, context: Before) -> bool:
    if before == "number" and after == "content":  # 'two stuffed animals'
        return False
    known = ends_in_ed(word.text) or word.stem in _VERB_STEMS
    after_subject = before in {"be", "auxiliary", "pronoun"} or context.noun or context.verb
    return known and (after_subject or _opens_clause(before, after))


def _opens_clause(before: Tag, after: Tag) -> bool:
    """Whether a verb may stand first in its clause: 'Wash the car', 'and wiped it'."""
    first = before in {"stop", "and", "clause", "adverb"}
    return first and after in {"determiner", "preposition", "pronoun", "adverb"}


def _agrees(noun: Word, verb: Word) -> bool:
    plural = noun.text in _PLURALS or _ends_in_s(noun.text)
    return plural != _ends_in_s(verb.text) or noun.tag == "number"


def _ends_in_s(text: str) -> bool:
    return text.endswith("s") and not text.endswith(("ss", "us", "is"))


def _ending(text: str) -> str:
    if text.endswith("ing"):
        return "ing"
    if text.endswith("ed"):
        return "ed"
    return "s" if _ends_in_s(text) else ""
