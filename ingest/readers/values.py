"""What others' values become as metadata: short scalars, since Chroma takes no others."""

import datetime
import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from search.store.entry import RESERVED
from search.types import MetadataValue

LONGEST = 300
"""Characters of a value."""
MOST = 50
"""Values of a passage."""
_LISTED = 100
_WIDEST = 2**63
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def clean(text: str) -> str:
    """Return text without what no tokenizer and no database takes: zeros and halves of characters."""
    return _NO_TEXT.sub("\ufffd", text)


def metadata(pairs: Iterable[tuple[object, object]]) -> dict[str, MetadataValue]:
    """Return what can be kept of some pairs; nothing, nested and not a number are left out."""
    kept: dict[str, MetadataValue] = {}
    for key, value in pairs:
        name = clean(str(key)).strip()[:LONGEST]
        if name and not name.startswith(RESERVED) and (small := scalar(value)) is not None:
            kept[name] = small
        if len(kept) == MOST:
            break
    return kept


def scalar(value: object) -> MetadataValue | None:
    """Return a value as metadata has it: a list joined, a time in ISO's way; None for what cannot be."""
    match value:
        case bool():
            return value
        case int() | float() | Decimal():
            return _number(value)
        case str():
            return short(clean(value).strip()) or None
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case list() | tuple() | set():
            return joined(value) or None
    return None


def _number(value: float | Decimal) -> MetadataValue | None:
    if isinstance(value, int) and -_WIDEST <= value < _WIDEST:
        return value
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def joined(values: Iterable[object], longest: int = LONGEST) -> str:
    """Return the scalars of a list with commas between, as many as there is room for."""
    text = ""
    for value, _ in zip(values, range(_LISTED), strict=False):
        if isinstance(value, Mapping | list | tuple | set) or (one := scalar(value)) is None:
            continue
        more = f"{text}, {one}" if text else str(one)
        if len(more) > longest:
            break
        text = more
    return text


def short(text: str, longest: int = LONGEST) -> str:
    """Return a text cut to a length."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
