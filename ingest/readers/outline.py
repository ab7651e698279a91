"""Headings: the path that is in force at a place of a text."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.readers.values import clean, short

_WIKILINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_ATTRIBUTES = re.compile(r"\s*\{[#.][^{}]*\}\s*$")
_MOST = 1_000
_markdown = MarkdownIt("commonmark").enable("table").disable(["inline", "reference"])
_inline = MarkdownIt("commonmark")


class Path:
    """The headings that a place stands under."""

    def __init__(self) -> None:
        self._stack: list[tuple[int, str]] = []

    def enter(self, level: int, title: str) -> str:
        """Go under a heading, and return the path: `Chapter > Section`."""
        while self._stack and self._stack[-1][0] >= level:
            self._stack.pop()
        self._stack.append((level, short(" ".join(clean(title).split()))))
        return self.text

    @property
    def text(self) -> str:
        """The path as it is."""
        return short(" > ".join(title for _, title in self._stack if title))


class Heading(NamedTuple):
    """A heading of a Markdown text."""

    start: int
    level: int
    title: str


class Outline(NamedTuple):
    """What there is to know of a Markdown text."""

    headings: list[Heading]
    prose: list[str]
    """Its text without code, a piece for each paragraph, heading and cell."""


def outline(text: str) -> Outline:
    """Parse Markdown; headings in code, quotes and lists do not count, those that are underlined do."""
    tokens = _markdown.parse(text)
    lines = [0, *(match.end() for match in re.finditer("\n", text))]
    return Outline(list(_headings(tokens, lines)), [t.content for t in tokens if t.type == "inline"])


def _headings(tokens: list[Token], lines: list[int]) -> Iterator[Heading]:
    for token, content in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            yield Heading(lines[token.map[0]], int(token.tag[1:]), _plain(content.content))


def _plain(heading: str) -> str:
    """Return what a heading reads like: without marks, links and attributes."""
    source = _ATTRIBUTES.sub("", _WIKILINK.sub(r"\1", heading[:_MOST]))
    children = _inline.parseInline(source)[0].children or []
    return "".join(c.content or (" " if c.type == "softbreak" else "") for c in children if c.type != "html_inline")
