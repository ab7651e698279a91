"""Numbers in one spelling: 'two' is 2, '1,000' is 1000, '1.1 billion' is 1100000000, 'two thirds' is 2/3."""

import re
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
    *("twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
)
_SMALL = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * value for value, word in enumerate(_TENS, start=2)
}
_SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_SHORT_SCALES = {"bn": 9, "mn": 6, "tn": 12}
_MONEY_SCALES = {"k": 3, "m": 6, "b": 9}
_MONEY = frozenset("$€£¥")
_RANKS = {word: value for value, word in enumerate(_ORDINALS, start=1)} | {
    word[:-1] + "ieth": _SMALL[word] for word in _TENS
}
_ENDINGS = ("th", "st", "nd", "rd")
_ENDING_OF = {1: "st", 2: "nd", 3: "rd"}
_TEENS = range(11, 14)
_PART = {"quarter": 4} | {word: value for word, value in _RANKS.items() if value > 2}  # noqa: PLR2004
"""What follows the upper number of a fraction: 'one third', and 'thirds' in 'two thirds'."""
_BARE_POINT = re.compile(r"^(-?)\.")
_LEADING_ZEROS = re.compile(r"^(-?)0+(?=\d)")
_FULL_HOUR = re.compile(r"(?<=\d):00$")
_WRITTEN = _SMALL.keys() | _SCALES.keys() | {"dozen"}
_MOST_WORDS = 12
_MOST_DIGITS = 24


def is_number(word: str) -> bool:
    """Whether a word came out of `merge_numerals` as a number."""
    return word.removeprefix("-").removeprefix(".")[:1].isdigit()


def is_rank(number: str) -> bool:
    """Whether a number says which one, and not how many: '3rd'."""
    return number.endswith(_ENDINGS)


def merge_numerals(words: Sequence[str]) -> list[str]:
    """Return the words with every number, however spelt, as one canonical word."""
    merged: list[str] = []
    at = 0
    while at < len(words):
        number, length = _number_at(words, at)
        merged.append(number)
        at += length
    return merged


def _number_at(words: Sequence[str], at: int) -> tuple[str, int]:
    """Return the number that begins at a place, and its length in words; a word that begins none as it is."""
    word = words[at]
    if word == "half":
        return _halved(words, at)
    if word == "minus" and not (at and _begins(words[at - 1])) and _begins(_word(words, at + 1)):
        number, length = _number_at(words, at + 1)
        return f"-{number.removeprefix('-')}", length + 1
    if word in _WRITTEN:
        return _written(words, at)
    if is_number(word):
        number, length = _digits_with_scale(words, at)
        return _fraction(number, length, words, at)
    return _ordinal(_RANKS[word]) if word in _RANKS else word, 1


def _begins(word: str) -> bool:
    return word in _WRITTEN or is_number(word)


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""


def _halved(words: Sequence[str], at: int) -> tuple[str, int]:
    """Read 'half a dozen' and 'half million'."""
    scale = at + 1 + (_word(words, at + 1) == "a")
    following = _word(words, scale)
    if following not in _SCALES and following != "dozen":
        return words[at], 1
    return str(int(_spelt_value([following])) // 2), scale + 1 - at


def _written(words: Sequence[str], at: int) -> tuple[str, int]:
    run = _written_run(words, at)
    value, length = _spelt_value(run), len(run)
    rank = _RANKS.get(_word(words, at + length), 0)
    # 'a twenty second delay' is no rank.
    is_time = rank == _RANKS["second"] and not (at and words[at - 1] == "the")
    if run[-1] in _TENS and 0 < rank < 10 and not is_time:  # noqa: PLR2004
        return _ordinal(int(value) + rank), length + 1
    return _fraction(value, length, words, at)


def _fraction(number: str, length: int, words: Sequence[str], at: int) -> tuple[str, int]:
    """Read on where a number is the upper one of a fraction, or has a half behind it."""
    end = at + length
    following = _word(words, end)
    part = _PART.get(following if number == "1" else following.removesuffix("s"), 0)
    is_one_part = (number == "1") == (following in _PART)
    if number.isdecimal() and len(number) <= _MOST_DIGITS and is_one_part and 0 < int(number) < part:
        return f"{number}/{part}", length + 1
    if number.isdecimal() and list(words[end : end + 3]) == ["and", "a", "half"]:
        return _scaled(f"{number}.5", _word(words, end + 3), length + 3)
    return number, length


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
    return _scaled(_canonical(words[at]), _word(words, at + 1), 1, after_money=at > 0 and words[at - 1] in _MONEY)


def _scaled(number: str, following: str, length: int, *, after_money: bool = False) -> tuple[str, int]:
    """Return a number, times a million where 'million' follows, and its length with that."""
    scale = _scale(following, after_money=after_money)
    is_plain = number.removeprefix("-").replace(".", "", 1).isdecimal()
    if scale is None or len(number) > _MOST_DIGITS or not is_plain:
        return number, length
    return format(Decimal(number).scaleb(scale).normalize(), "f"), length + 1


def _scale(word: str, *, after_money: bool) -> int | None:
    scales = _SCALES | _SHORT_SCALES | (_MONEY_SCALES if after_money else {})
    return scales.get(word)


def _canonical(digits: str) -> str:
    if is_rank(digits):
        return _ordinal(digits[:-2])
    groups = digits.split(",")
    if len(groups) > 1 and all(len(group.partition(".")[0]) == 3 for group in groups[1:]):  # noqa: PLR2004
        digits = "".join(groups)
    if digits.count(".") == 1 and "," not in digits:
        digits = digits.rstrip("0").rstrip(".")
    return _LEADING_ZEROS.sub(r"\1", _BARE_POINT.sub(r"\g<1>0.", _FULL_HOUR.sub("", digits)))


def _ordinal(value: int | str) -> str:
    last = str(value)[-2:]
    teens = last.isdecimal() and int(last) in _TEENS
    return f"{value}{'th' if teens or not last[-1:].isdecimal() else _ENDING_OF.get(int(last[-1]), 'th')}"
