"""Numbers, dates and units that differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from search.retrieve.contrast import lexicon
from search.retrieve.contrast.numerals import is_rank
from search.retrieve.contrast.reading import Reading

_UNITS_BY_NAME = """
km kilometre kilometres kilometer kilometers|mile miles|m metre metres meter meters
mm millimetre millimetres|cm centimetre centimetres centimeter centimeters|ft foot feet|inch inches
yd yard yards|kg kilo kilos kilogram kilograms|g gram grams|lb lbs pound pounds|oz ounce ounces
tonne tonnes ton tons|second seconds sec secs|minute minutes min mins|hour hours hr hrs|day days
week weeks|month months|year years|decade decades|century centuries|l litre litres liter liters
ml millilitre milliliter|gallon gallons|celsius|fahrenheit|% percent|mph|kph|kb|mb megabyte megabytes
gb gigabyte gigabytes|tb|mw megawatts|kw kilowatts|$ dollar dollars usd|€ euro euros eur|£ gbp sterling
¥ yen|am|pm|cent cents|times
"""
_UNITS: Mapping[str, str] = MappingProxyType(
    {name: entry.split()[0] for entry in _UNITS_BY_NAME.strip().replace("\n", "|").split("|") for name in entry.split()}
)
_MONTHS = lexicon.words("january february march april may june july august september october november december")
_DAYS = lexicon.words("monday tuesday wednesday thursday friday saturday sunday")
_ALSO_VERBS = lexicon.words("may march")
_DATES: Mapping[str, str] = MappingProxyType(
    {form: name for name in (_MONTHS | _DAYS) - _ALSO_VERBS for form in (name, name[:3])}
    | {"sept": "september", "tues": "tuesday", "thurs": "thursday"}
)
_MEASURING = _UNITS.keys() | _DATES.keys() | _ALSO_VERBS
_NOT_DATES = lexicon.words("sat sun mar")
_ALIKE = 0.4
_FEWEST_DIGITS = 2
_ROUNDED_ABOVE = 10_000
_LONGEST_ROUNDED = 20
_LONGEST_SHOWN = 20
_MOST_COMPARED = 400


@dataclass(frozen=True, slots=True)
class _Figure:
    value: str
    unit: str


def number(x: Reading, y: Reading) -> str | None:
    """Say which numbers, dates or units the texts differ by."""
    if not _about_the_same(x, y):
        return None
    return _figures_differ(list(_figures(x)), list(_figures(y))) or _dates_differ(x, y)


def _about_the_same(x: Reading, y: Reading) -> bool:
    named_x, named_y = (_named(reading) for reading in (x, y))
    return len(named_x & named_y) >= _ALIKE * min(len(named_x), len(named_y))


def _named(reading: Reading) -> set[str]:
    names = (word for word in reading.words if word.tag == "content")
    return {word.stem for word in names if word.text not in _MEASURING}


def _figures(reading: Reading) -> Iterator[tuple[_Figure, str]]:
    """Yield each number with the stem of what it counts, or nothing after it."""
    words = reading.words
    for at, word in enumerate(words):
        if word.tag != "number":
            continue
        after = words[at + 1] if at + 1 < len(words) else None
        sign = words[at - 1].text if at and words[at - 1].tag == "sign" else ""
        counted = after.stem if after is not None and after.tag == "content" else ""
        # 'the one', 'one of them', 'one another' count nothing.
        if word.text != "1" or counted or sign:
            unit = _UNITS.get(sign) or (_UNITS.get(after.text, "") if after is not None else "")
            yield _Figure(word.text, unit), counted


def _figures_differ(x: list[tuple[_Figure, str]], y: list[tuple[_Figure, str]]) -> str | None:
    for ranks in (False, True):
        in_x = {figure.value for figure, _ in x if is_rank(figure.value) == ranks}
        in_y = {figure.value for figure, _ in y if is_rank(figure.value) == ranks}
        own_x, own_y = _unmatched(in_x, in_y), _unmatched(in_y, in_x)
        if own_x and own_y:
            return f"numbers: {_shown(own_x)} and {_shown(own_y)}"
    return _units_differ(x, y) or _counts_differ(x, y)


def _unmatched(own: set[str], others: set[str]) -> set[str]:
    if len(own) * len(others) > _MOST_COMPARED:
        return own - others
    return {value for value in own - others if not any(_rounds(value, other) for other in others)}


def _rounds(a: str, b: str) -> bool:
    """Whether one is the other in fewer digits: 2.5 million and 2,480,000, 0.7 and 0.66; small whole ones are exact."""
    if a.startswith("-") and b.startswith("-"):
        a, b = a[1:], b[1:]
    coarse, fine = sorted((a, b), key=lambda value: len(value.replace(".", "").strip("0")))
    digits = len(coarse.replace(".", "").strip("0"))
    plain = all(len(value) <= _LONGEST_ROUNDED and value.replace(".", "", 1).isdecimal() for value in (a, b))
    if (digits < _FEWEST_DIGITS and "." not in coarse) or not plain:
        return False
    large = "." in a + b or min(float(a), float(b)) >= _ROUNDED_ABOVE
    return large and float(f"{float(fine):.{digits - 1}e}") == float(coarse)


def _units_differ(x: list[tuple[_Figure, str]], y: list[tuple[_Figure, str]]) -> str | None:
    units_x, units_y = _units_of(x), _units_of(y)
    for value in sorted(units_x.keys() & units_y.keys()):
        if units_x[value].isdisjoint(units_y[value]):
            return f"units of {value[:_LONGEST_SHOWN]}: {min(units_x[value])} and {min(units_y[value])}"
    return None


def _units_of(figures: list[tuple[_Figure, str]]) -> dict[str, set[str]]:
    units: dict[str, set[str]] = {}
    for figure, _ in figures:
        if figure.unit:
            units.setdefault(figure.value, set()).add(figure.unit)
    return units


def _counts_differ(x: list[tuple[_Figure, str]], y: list[tuple[_Figure, str]]) -> str | None:
    counts_x, counts_y = _counts(x), _counts(y)
    for counted in sorted(counts_x.keys() & counts_y.keys()):
        if counts_x[counted].isdisjoint(counts_y[counted]):
            return f"numbers of '{counted}': {_shown(counts_x[counted])} and {_shown(counts_y[counted])}"
    return None


def _counts(figures: list[tuple[_Figure, str]]) -> dict[str, set[str]]:
    counts: dict[str, set[str]] = {}
    for figure, counted in figures:
        if counted and not figure.unit:
            counts.setdefault(counted, set()).add(figure.value)
    return counts


def _shown(values: set[str]) -> str:
    return ", ".join(value[:_LONGEST_SHOWN] for value in sorted(values)[:3])


def _dates_differ(x: Reading, y: Reading) -> str | None:
    for names in (_MONTHS, _DAYS):
        in_x, in_y = (_dates(reading) & names for reading in (x, y))
        if in_x - in_y and in_y - in_x:
            return f"dates: {min(in_x - in_y)} and {min(in_y - in_x)}"
    return None


def _dates(reading: Reading) -> set[str]:
    found = set()
    words = reading.words
    for at, word in enumerate(words):
        if word.text in _DATES and word.text not in _NOT_DATES:
            found.add(_DATES[word.text])
        elif word.text in _ALSO_VERBS and any(w.tag == "number" for w in words[max(0, at - 1) : at + 2]):
            found.add(word.text)
    return found
