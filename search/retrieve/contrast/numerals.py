"""Numbers in one spelling: 'two' is 2, '1,000' is 1000, '1.1 billion' is 1100000000; ranks end in 'th', 3th too."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import takewhile

_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"),
    "twelfth",
)
_SMALL = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * value for value, word in enumerate(_TENS, start=2)
}
_SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_SHORT_SCALES = {"bn": 9, "mn": 6, "tn": 12}
_MONEY_SCALES = {"k": 3, "m": 6, "b": 9}
_MONEY = frozenset("$€£¥")
_RANKS = {word: value for value, word in enumerate(_ORDINALS, start=1)}
_ENDINGS = ("st", "nd", "rd", "th")
_WRITTEN = _SMALL.keys() | _SCALES.keys() | {"dozen"}
_MOST_WORDS = 12
_MOST_DIGITS = 24


def is_number(word: str) -> bool:
    """Whether a word came out of `merge_numerals` as a number."""
    return word[:1].isdigit()


def merge_numerals(words: Sequence[str]) -> list[str]:
    """Return the words with every number, however spelt, as one canonical word."""
    merged: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word in _WRITTEN:
            run = _written_run(words, at)
            merged.append(_spelt_value(run))
            at += len(run)
        elif is_number(word):
            number, length = _digits_with_scale(words, at)
            merged.append(number)
            at += length
        else:
            merged.append(_ordinal(_RANKS[word]) if word in _RANKS else word)
            at += 1
    return merged


def _written_run(words: Sequence[str], at: int) -> list[str]:
    window = words[at : at + _MOST_WORDS]
    run = list(takewhile(lambda word: word in _WRITTEN or word == "and", window))
    while run[-1] == "and":
        run.pop()
    # 'one and two' and 'two three' are lists, 'two hundred and one' and 'twenty one' are not.
    for place in range(1, len(run)):
        if not _continues(run[place - 1], run[place]):
            return run[: place - (run[place - 1] == "and")]
    return run


def _continues(before: str, word: str) -> bool:
    if word == "and":
        return before in _SCALES
    if word in _SCALES or word == "dozen":
        return True
    return before in _SCALES or before == "and" or (before in _TENS and _SMALL[word] < 10)  # noqa: PLR2004


def _spelt_value(run: Sequence[str]) -> str:
    total = current = 0
    for word in run:
        if word in _SMALL:
            current += _SMALL[word]
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word == "dozen":
            current = max(current, 1) * 12
        elif word in _SCALES:
            total += max(current, 1) * 10 ** _SCALES[word]
            current = 0
    return str(total + current)


def _digits_with_scale(words: Sequence[str], at: int) -> tuple[str, int]:
    number = _canonical(words[at])
    following = words[at + 1] if at + 1 < len(words) else ""
    scale = _scale(following, after_money=at > 0 and words[at - 1] in _MONEY)
    if scale is None or len(number) > _MOST_DIGITS or not number.replace(".", "", 1).isdigit():
        return number, 1
    return format(Decimal(number).scaleb(scale).normalize(), "f"), 2


def _scale(word: str, *, after_money: bool) -> int | None:
    scales = _SCALES | _SHORT_SCALES | (_MONEY_SCALES if after_money else {})
    return scales.get(word)


def _canonical(digits: str) -> str:
    for ending in _ENDINGS:
        if digits.endswith(ending):
            return _ordinal(digits.removesuffix(ending))
    groups = digits.split(",")
    if len(groups) > 1 and all(len(group.partition(".")[0]) == 3 for group in groups[1:]):  # noqa: PLR2004
        digits = "".join(groups)
    if digits.count(".") == 1 and "," not in digits:
        digits = digits.rstrip("0").rstrip(".")
    return digits.lstrip("0") or "0"


def _ordinal(value: int | str) -> str:
    return f"{value}th"
