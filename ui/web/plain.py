"""Passages as people read them: Markdown without its line breaks and heading marks."""

import re
from dataclasses import dataclass

from ui.web import wiki

_MARKDOWN = (".md", ".markdown")
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
# A line that begins something of its own: a list item, a quotation, a table row, a rule, indented code.
_OWN_LINE = re.compile(r" {0,3}([-*+]\s|\d{1,3}[.)]\s|>|\||#{1,6}\s|[-*_=]{3,}\s*$)| {4}|\t")
# A heading, a table row or indented code ends with its line.
_ENDS = re.compile(r" {0,3}(\||#{1,6}\s)| {4}|\t")
_ROW = re.compile(r" {0,3}\|.*")
_RULE = re.compile(r" {0,3}[|:-][ |:-]*")
_CELLS = re.compile(r"(?<!\\)\|")
_QUOTED = re.compile(r"^ {0,3}(> ?)+")
_BULLET = re.compile(r"^( *)[-*+] (?=\S)")
# Links and pictures keep their words, emphasis its text, code its letters.
_INLINE = (
    (re.compile(r"!?\[([^\]\n]+)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?(?: +\"[^\"\n]*\")?\)"), r"\1"),
    (re.compile(r"(?<![\w*])(\*{1,3})(?=\S)([^*\n]+?)(?<=\S)\1(?![\w*])"), r"\2"),
    (re.compile(r"(?<!\w)(_{1,3})(?=\S)([^_\n]+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"(?<![\w=])==(?=\S)([^=\n]+?)(?<=\S)==(?![\w=])"), r"\1"),
    (re.compile(r"(?<!`)`([^`\n]+)`(?!`)"), r"\1"),
)
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


@dataclass(frozen=True, slots=True)
class Plain:
    """A passage for reading."""

    title: str
    """The headings it begins with; empty without."""
    body: str


def plain(text: str, source: str) -> Plain:
    """Return a passage as it is read. Nothing is left out of it but marks, addresses of links and empty lines."""
    if not source.lower().endswith(_MARKDOWN):
        return Plain("", _tight(text))
    lines = text.strip("\n").split("\n")
    headings = []
    while lines and (not lines[0].strip() or _HEADING.match(lines[0])):
        if found := _HEADING.match(lines.pop(0)):
            headings.append(_bare(found[1]))
    return Plain(" › ".join(headings), _tight("\n".join(_unwrapped(lines))))


def one_line(text: str, source: str, most: int) -> str:
    """Return how a passage begins, on one line of at most so many characters."""
    read = plain(text, source)
    return shorten(f"{read.title}: {read.body}" if read.title and read.body else read.title or read.body, most)


def name(text: str, source: str, most: int) -> str:
    """Return what to call a passage: its last heading, else how it begins."""
    read = plain(text, source)
    return shorten(read.title.split(" › ")[-1] or read.body, most)


def shorten(text: str, most: int) -> str:
    """Return a text on one line of at most so many characters."""
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def table_row(line: str) -> str | None:
    """Return the cells of a table's row, nothing for the rule below its head; None for a line of something else."""
    if "-" in line and "|" in line and _RULE.fullmatch(line):
        return ""
    if not _ROW.fullmatch(line):
        return None
    cells = (cell.strip().replace("\\|", "|") for cell in _CELLS.split(line))
    return " · ".join(filter(None, cells))


def _tight(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", text).strip("\n").rstrip()


def _unwrapped(lines: list[str]) -> list[str]:
    """Join the lines of each paragraph."""
    out: list[str] = []
    fenced = joinable = False
    for quoted in lines:
        line = quoted if fenced else _QUOTED.sub("", quoted)
        # A sentence out of a quotation may come without its mark.
        box = None if fenced or (line is quoted and out) else wiki.box(line)
        line = line if box is None else box
        fence = bool(_FENCE.match(line))
        if fence:
            # The mark itself says nothing to who reads.
            fenced, joinable = not fenced, False
            continue
        read = line if fenced else _bare(_BULLET.sub(r"\1• ", _HEADING.sub(r"\1", line)))
        row = None if fenced else table_row(read)
        if row == "":
            continue
        read = read if row is None else row
        alone = fenced or not line.strip() or bool(_OWN_LINE.match(line))
        if joinable and not alone:
            out[-1] = f"{out[-1].rstrip()} {read.strip()}"
        else:
            out.append(read)
        # Text goes on under a list item, but not under a heading, a table row or code.
        joinable = not fenced and box is None and bool(line.strip()) and not _ENDS.match(line)
    return out


def _bare(line: str) -> str:
    line = wiki.without_links(line)
    for mark, text in _INLINE:
        line = mark.sub(text, line)
    return line
