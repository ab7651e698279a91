"""Reads text files line by line, for readers that name the line where something is wrong."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search.errors import SourceError


def lines(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers, their ends included.

    :raises SourceError: When it cannot be read, or is not UTF-8.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            yield from enumerate(opened, start=1)
    except OSError as error:
        raise SourceError(file, f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SourceError(file, "cannot be read (it is not UTF-8)") from error


def objects(file: Path) -> Iterator["Line"]:
    """Yield the JSON objects of a file, one a line; lines of white space are passed over."""
    for number, text in lines(file):
        if text.strip():
            yield Line(file, number, _parsed(file, number, text))


@dataclass(frozen=True, slots=True)
class Line:
    """A JSON object and where it stands."""

    file: Path
    number: int
    value: dict[str, Any]

    @property
    def id(self) -> str:
        """Its `_id`, which may be a number."""
        value = self.value.get("_id")
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise self.bad("has no '_id'")
        return self.checked(str(value))

    def text(self, key: str) -> str:
        """Return a text, empty where there is none."""
        value = self.value.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.bad(f"has a {key!r} that is no text")
        return self.checked(value)

    def checked(self, text: str) -> str:
        """Return a text that can be written down."""
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise self.bad("has half a character (a lone surrogate)") from error
        return text

    def bad(self, reason: str) -> SourceError:
        """Return an error that names the line."""
        return SourceError(self.file, f"line {self.number} {reason}")


def _parsed(file: Path, number: int, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(file, f"line {number} is not JSON") from error
    if not isinstance(value, dict):
        raise SourceError(file, f"line {number} is no JSON object")
    return value
