"""Passages as an answer's sources show them, with what is quoted marked: HTML, in which every text is escaped."""

import re
from collections.abc import Sequence
from html import escape

from ui.web import wiki
from ui.web.plain import table_row

LINK = re.compile(r"!?\[([^\]\n]*)\]\((?:[^()\n]|\([^()\n]*\))*\)")
ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+")
HEADING = re.compile(r"^\s{0,3}#{1,6}\s+")
INLINE = (
    (re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), r"<em>\1</em>"),
    (re.compile(r"`([^`\n]+)`"), r"<code>\1</code>"),
)
_QUOTED = re.compile(r"^ {0,3}(?:> ?)+")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)[^`\n]*$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
# The headings that a passage begins with: they stand over it.
_TITLES = re.compile(r"\A(?:\s{0,3}#{1,6}[ \t][^\n]*\n\s*)+")
_AROUND = 220
"""Characters of a passage that are shown before its first quote, and behind its last."""


def quoted(quotes: Sequence[str], passage: str | None) -> str:
    """Return quotes with what stands around them in their passage; alone where that has changed since."""
    if passage is None or not all(quote in passage for quote in quotes):
        alone = "".join(f"<blockquote><mark>{read(quote)}</mark></blockquote>" for quote in quotes)
        return f'{alone}<p class="nh-how">The note has changed since.</p>'
    out, at = "", 0
    for place, quote in enumerate(quotes):
        start = passage.find(quote, at)
        if start < 0:
            # It lies within, or before, another one that is marked.
            continue
        between = passage[at:start]
        before = _end(_TITLES.sub("", between)) if place == 0 else between
        is_code = _is_code(passage[:start]) != _is_code(before)
        out += read(before, is_code=is_code, is_inside=_is_inside(passage[:at]))
        out += f"<mark>{_behind(passage, start, quote)}</mark>"
        at = start + len(quote)
    return f"<blockquote>{out}{_behind(passage, at, beginning(passage[at:]))}</blockquote>"


def _behind(passage: str, at: int, text: str) -> str:
    """Return what stands at a place of a passage, as it reads there."""
    return read(text, is_code=_is_code(passage[:at]), is_inside=_is_inside(passage[:at]))


def _is_inside(before: str) -> bool:
    """Return whether what follows a text goes on with a line, so that a star or a number there begins no item."""
    return bool(_QUOTED.sub("", before.rpartition("\n")[2]).strip())


def _is_code(text: str) -> bool:
    """Return whether what follows a text stands in a fence that is opened in it."""
    return len(_FENCE.findall(text)) % 2 == 1


def read(text: str, *, is_code: bool = False, is_inside: bool = False) -> str:
    """Return part of a passage without the marks of Markdown, escaped.

    :param is_code: Whether it begins within a fence.
    :param is_inside: Whether it begins within a line.
    """
    out = []
    for number, line in enumerate(text.split("\n")):
        goes_on = is_inside and number == 0
        if _FENCE.match(line) and not goes_on:
            is_code = not is_code
            continue
        out.append(escape(line) if is_code else _line(line, is_inside=goes_on))
    return _BLANK_LINES.sub("\n", "\n".join(out))


def _line(line: str, *, is_inside: bool) -> str:
    bare = line if is_inside else _QUOTED.sub("", line)
    line = bare if bare is line else (wiki.box(bare) or bare)
    shown = LINK.sub(r"\1", wiki.without_links(line))
    if not is_inside:
        shown = ITEM.sub("• ", HEADING.sub("", shown), count=1)
    row = table_row(shown)
    html = escape(shown if row is None else row)
    for mark, tag in INLINE:
        html = mark.sub(tag, html)
    return html


def _end(text: str) -> str:
    return text.lstrip() if len(text) <= _AROUND else f"… {text[-_AROUND:].partition(' ')[2]}"


def beginning(text: str) -> str:
    """Return how a long text begins."""
    return text.rstrip() if len(text) <= _AROUND else f"{text[:_AROUND].rpartition(' ')[0]} …"
