"""Markers in an answer, such as [2] or [1, 3]: the passages that it cites, as they are asked of a model.

What stands in backticks, or in a fenced block, is code and has none; nor does a name that an index follows, as in
xs[10], unless there is a passage of that number.
"""

import re
from collections.abc import Iterable, Iterator

_LISTED = r"\d{1,3}(?:\s{0,2}[,;]\s{0,2}\d{1,3}){0,9}"
MARKER = re.compile(rf"\s?\[({_LISTED})\]")
LEADING = re.compile(rf"(?:\s?\[{_LISTED}\])+[.,;]?")
"""Markers behind a full stop: they belong to the sentence before."""
# What is not closed is code to the end of its line; a fence to the end of all.
_CODE = re.compile(r"(?:(?<=\n)|\A)[ \t]*```.*?(?:\n[ \t]*```|\Z)|`[^`\n]*(?:`|(?=\n)|\Z)", re.DOTALL)
# What may be the beginning of a marker, or of a fence: nothing is said of it before the next words are there.
_OPEN = re.compile(r"(?:\s?(?:\[[\d\s,;]{0,80})?|(?:\n[ \t]*)?`{1,2})\Z")
# Behind it stands no marker that would take the line's end with it, and no fence.
_LINE = re.compile(r"\n(?=[^\s\[`])")


def markers(text: str) -> list[re.Match[str]]:
    """Return the markers of a text, each with the numbers in its first group."""
    return [found for start, end in _prose(text) for found in MARKER.finditer(text, start, end)]


def numbers(listed: str) -> list[int]:
    """Return the numbers that a marker lists."""
    return [int(n) for n in re.findall(r"\d+", listed)]


def without_strangers(text: str, count: int) -> str:
    """Return an answer without the markers of passages that were not among the hits."""
    parts, at = [], 0
    for marker in markers(text):
        known = [n for n in numbers(marker.group(1)) if 1 <= n <= count]
        space = " " if marker.group()[0] in " \n" else ""
        if not known and re.match(r"[A-Za-z_)]\[", text[max(0, marker.start() - 1) : marker.start() + 1]):
            continue
        cited = space + "".join(f"[{n}]" for n in dict.fromkeys(known)) if known else ""
        parts += [text[at : marker.start()], cited]
        at = marker.end()
    return "".join([*parts, text[at:]])


def streamed(words: Iterable[str], count: int) -> Iterator[str]:
    """Yield words as they come, as `without_strangers` has them all; what may begin a marker waits to be whole."""
    held, sent = "", 0
    for some in words:
        held += some
        safe = held[: _OPEN.search(held).start()]  # type: ignore[union-attr] # it matches the empty end
        clean = without_strangers(safe, count)
        if clean[sent:]:
            yield clean[sent:]
        sent = max(sent, len(clean))
        # So that a long answer is not gone through again for each word.
        ends = [line.end() for line in _LINE.finditer(safe) if not _is_code(safe, line.end())]
        if ends:
            sent -= len(without_strangers(safe[: ends[-1]], count))
            held = held[ends[-1] :]
    rest = without_strangers(held, count)
    if rest[sent:]:
        yield rest[sent:]


def _is_code(text: str, place: int) -> bool:
    return any(code.start() < place <= code.end() and "```" in code.group() for code in _CODE.finditer(text))


def _prose(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of what is no code."""
    at = 0
    for code in _CODE.finditer(text):
        yield at, code.start()
        at = code.end()
    yield at, len(text)
