"""JSON and JSON Lines: a part for each record."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import Any, BinaryIO, TextIO

from ingest.document import Options, Part
from ingest.encoding import UnreadableError, text_of
from ingest.readers import records
from ingest.readers.columns import Row

LONGEST = 64_000_000
"""Characters of one record, or of a file that is one object."""
MOST_KEYS = 1_000
DEEPEST = 3
"""Objects within a record whose values are taken, by names with dots: `author.name`."""
HEAVIEST = 500 * 1024 * 1024
"""Bytes that the values of a record may take in memory."""
_WEIGHTS = {"{": 240, "[": 64, '"': 30, ",": 32}
"""What the value that a sign begins or ends takes, about."""
_LIGHT = 4_000_000
"""Characters that cannot be too heavy."""
_BLOCK = 1_000_000
_SPACE = " \t\n\r"
_NEAR = 16
"""Characters from the end of a block where an error may mean only that more is to come."""
_decoder = json.JSONDecoder()


def read(file: BinaryIO, options: Options = Options()) -> Iterator[Part]:  # noqa: B008 - frozen
    """Yield a part for each object of a list, of the longest list in an object, or of a line.

    :raises UnreadableError: For what is no JSON, is nested too deep, or holds no text.
    """
    with text_of(file) as text:
        rows = (_flat(value) for value in _records(_Values(text.stream)))
        for number, part in enumerate(records.parts(rows, options)):
            yield part if number else replace(part, warnings=text.warnings)


def is_heavy(text: str) -> bool:
    """Whether JSON would fill the memory when it is parsed, which can take thirty times its length."""
    return len(text) > _LIGHT and sum(weight * text.count(sign) for sign, weight in _WEIGHTS.items()) > HEAVIEST


class _Values:
    """The values of a list, or of lines, one by one from a buffer that holds little more than one of them."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self.listed = self._peek() == "["
        self._at += self.listed

    def __iter__(self) -> Iterator[Any]:
        between = False
        while sign := self._peek():
            if self.listed and sign == "]":
                self._at += 1
                if self._peek():
                    raise self._error("there is more behind the list")
                return
            if between and (sign == ",") == self.listed:
                self._at += self.listed
            elif between:
                raise self._error("a comma is missing" if self.listed else "a comma stands between two records")
            between = True
            yield self._value()
        if self.listed:
            raise self._error("it ends within the list")

    def _peek(self) -> str:
        """Return the next sign that is no space; nothing at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def _more(self) -> bool:
        """Read on, by as much again as is there; what is behind is let go."""
        self._line += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :], 0
        if len(self._text) > LONGEST:
            raise self._error(f"a record is longer than {LONGEST:,} characters: write one record a line")
        block = self._stream.read(max(_BLOCK, len(self._text)))
        self._text += block
        if is_heavy(self._text):
            raise self._error("a record holds more than fits into memory: write one record a line")
        self._ended = not block
        return bool(block)

    def _value(self) -> Any:  # noqa: ANN401 - whatever JSON has
        self._peek()
        while True:
            try:
                value, end = _decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                broken = error.pos < len(self._text) - _NEAR and not error.msg.startswith("Unterminated")
                if broken or not self._more():
                    raise self._error(error.msg, error.pos) from error
            except RecursionError as error:
                raise self._error("it is nested too deep") from error
            except ValueError as error:  # Python's limit on the digits of a number
                raise self._error("a number is too long") from error
            else:
                # A number may go on in the next block.
                if end < len(self._text) or not self._more():
                    self._at = end if end <= len(self._text) else len(self._text)
                    return value

    def _error(self, what: str, at: int | None = None) -> UnreadableError:
        line = self._line + self._text.count("\n", 0, self._at if at is None else at)
        return UnreadableError(f"is not JSON: {what[:1].lower()}{what[1:]} (line {line:,})")


def _records(values: _Values) -> Iterator[Any]:
    """Yield the records; a lone object may be the wrapping of a list of them."""
    stream = (value for value in values if value is not None)
    first = list(islice(stream, 2))
    if len(first) == 1 and not values.listed and isinstance(first[0], dict):
        yield from max((v for v in first[0].values() if _is_table(v)), key=len, default=first)
        return
    yield from chain(first, stream)


def _is_table(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _flat(value: object) -> Row:
    return dict(_pairs(value, "", 0)) if isinstance(value, Mapping) else {"value": value}


def _pairs(record: Mapping[str, object], prefix: str, depth: int) -> Iterable[tuple[str, object]]:
    for key, value in list(record.items())[:MOST_KEYS]:
        if isinstance(value, Mapping):
            if depth < DEEPEST:
                yield from _pairs(value, f"{prefix}{key}.", depth + 1)
        else:
            yield prefix + key, value
