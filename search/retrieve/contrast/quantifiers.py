"""How many, and on what condition: all, most, some, few, none; only, only if, at least."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from search.retrieve.contrast import lexicon
from search.retrieve.contrast.reading import Reading, likeness, overlap

_KINDS: Mapping[str, str] = MappingProxyType(
    {
        word: kind
        for kind, words in {
            "all": "all every each everyone everybody everything always both everywhere",
            "most": "most majority mostly mainly usually",
            "some": "some several someone somebody something sometimes somewhere",
            "few": "few rarely seldom",
            "less": "less",
            "none": "no none nobody nothing never neither nowhere",
            "at least": "at-least",
            "at most": "at-most",
        }.items()
        for word in words.split()
    }
)
_DENIALS = lexicon.words("not n't hardly")
_ONLY = lexicon.words("only solely exclusively merely sole")
_ALIKE = 0.5
_NEARLY_SAME = 0.8
_FARTHEST = 4


@dataclass(frozen=True, slots=True)
class _Quantity:
    kind: str
    text: str
    of: str
    """Stem of what is counted; empty where the word counts by itself ('everyone')."""


def quantifier(x: Reading, y: Reading) -> str | None:
    """Say which quantifiers the texts differ by."""
    if overlap(x, y) < _ALIKE:
        return None
    return _unequal(x, y) or _condition(x, y) or _only(x, y)


def _unequal(x: Reading, y: Reading) -> str | None:
    in_x, in_y = list(_quantities(x)), list(_quantities(y))
    kinds_x, kinds_y = {q.kind for q in in_x}, {q.kind for q in in_y}
    own_x = {q.of: q for q in in_x if q.kind not in kinds_y}
    own_y = {q.of: q for q in in_y if q.kind not in kinds_x}
    for quantity in own_x.values():
        other = _counterpart(quantity, own_y)
        if other:
            return f"quantifiers: {quantity.text}, {other.text}"
    return _alone(own_x, x, y) or _alone(own_y, y, x)


def _counterpart(quantity: _Quantity, others: Mapping[str, _Quantity]) -> _Quantity | None:
    same = others.get(quantity.of) or others.get("")
    return same or (None if quantity.of else next(iter(others.values()), None))


def _alone(own: Mapping[str, _Quantity], reading: Reading, other: Reading) -> str | None:
    """Say which word of little, as in 'few people', the other text lacks."""
    for quantity in own.values():
        if quantity.kind in {"few", "less"} and quantity.of in other.stems:
            return f"'{quantity.text}' only in the {reading.name} text"
    return None


def _quantities(reading: Reading) -> Iterator[_Quantity]:
    words = reading.words
    for at, word in enumerate(words):
        kind = _KINDS.get(word.text)
        before = words[at - 1].text if at else ""
        after = words[at + 1].text if at + 1 < len(words) else ""
        if kind is None or _compares(word.text, before, after):
            continue
        alone = word.tag in {"pronoun", "adverb"} and kind != "less"
        counted = next((w.stem for w in words[at + 1 : at + 1 + _FARTHEST] if w.bears_meaning), "")
        of = "" if alone else counted
        if kind == "all" and before in _DENIALS:
            yield _Quantity("not all", f"not {word.text}", of)
        else:
            yield _Quantity("some" if (before, word.text) == ("a", "few") else kind, word.text, of)


def _compares(text: str, before: str, after: str) -> bool:
    """Whether it is 'the most beautiful' or 'less than', which count nothing."""
    superlative = text == "most" and before in lexicon.DETERMINERS and after != "of"
    return superlative or (text == "less" and after == "than")


def _condition(x: Reading, y: Reading) -> str | None:
    conditions_x, conditions_y = _conditions(x), _conditions(y)
    if conditions_x and conditions_y and conditions_x.isdisjoint(conditions_y):
        return f"conditions: {min(conditions_x)}, {min(conditions_y)}"
    return None


def _conditions(reading: Reading) -> set[str]:
    found = set()
    before = ""
    for word in reading.words:
        if word.text in {"if", "unless"} or (before, word.text) == ("only", "when"):
            found.add(f"only {word.text}" if before == "only" else word.text)
        before = word.text
    return found


def _only(x: Reading, y: Reading) -> str | None:
    if likeness(x, y) < _NEARLY_SAME or _restricts(x) == _restricts(y):
        return None
    return f"'only' in the {x.name if _restricts(x) else y.name} text alone"


def _restricts(reading: Reading) -> bool:
    texts = ["", *(word.text for word in reading.words)]
    return any(text in _ONLY and before not in _DENIALS for before, text in pairwise(texts))
