"""HTML: what a page says, without what surrounds it."""

import codecs
import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from ingest.document import Options, Part
from ingest.encoding import NotTextError, UnreadableError, text_of
from ingest.readers.draft import Draft
from ingest.readers.values import metadata

LARGEST = 24 * 1024 * 1024
"""Bytes of a page: its tree takes up to thirty times as many."""
MOST_TAGS, MOST_ATTRIBUTES = 2_000_000, 1_000
"""Attributes of one tag: libxml2 takes the square of their number, minutes for some ten thousand."""
_TAG = re.compile(r"""<[a-zA-Z](?:[^"'>]++|"[^"]*+"?|'[^']*+'?)*+""")
_QUOTED = re.compile(r""""[^"]*"?|'[^']*'?""")
_DECLARED = re.compile(rb"""<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I)
_BESIDE = {
    "script", "style", "noscript", "template", "nav", "footer", "aside", "button", "select", "svg",
    "iframe", "object", "embed", "audio", "video", "canvas", "head", "dialog", "textarea",
}  # fmt: skip
_ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "menu", "dialog"}
_INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "img", "input", "ins", "kbd", "label", "mark", "math", "q", "rp", "rt", "ruby", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
}  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_WESTERN = {"iso8859-1", "cp1252", "ascii"}


def read(file: BinaryIO, options: Options = Options()) -> Iterator[Part]:  # noqa: ARG001, B008 - frozen
    """Yield a page as Markdown, with the path of headings, and with its title as metadata.

    :raises UnreadableError: For a page that is too large.
    """
    if file.seek(0, io.SEEK_END) > LARGEST:
        raise UnreadableError(f"is larger than {LARGEST // 2**20} MB, too much for one page")
    file.seek(0)
    text, warnings = decoded(file.read())
    root = tree(text)
    if root is None:
        return
    draft = Draft()
    render(root, draft)
    title = " ".join(root.xpath("string(//title)").split())
    if draft.length:
        yield draft.part(metadata=metadata([("title", title)]), warnings=warnings)


def decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return a page's text, and a warning when it is not in the encoding that it declares.

    :raises NotTextError: For bytes that are no text.
    """
    declared = _declared(data)
    if declared and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        actual = "utf-8" if declared in _WESTERN and _is_utf8(data) else declared
        try:
            # As browsers do: whoever says Latin-1 writes cp1252.
            text = data.decode("cp1252" if actual in _WESTERN else actual)
        except (UnicodeError, LookupError):
            actual = ""
        else:
            return text, _lie(declared, actual)
    with text_of(io.BytesIO(data)) as opened:
        text, found = opened.stream.read(), codecs.lookup(opened.stream.encoding or "utf-8").name
    lie = _lie(declared, found.removesuffix("-sig")) if declared else ()
    return text, (*opened.warnings, *lie)


def _declared(data: bytes) -> str:
    found = _DECLARED.search(data[:4096])
    try:
        codec = codecs.lookup(found.group(1).decode("ascii")) if found else None
    except (LookupError, UnicodeError):
        return ""
    # Hex and rot13 are codecs too, and no page with ASCII's letters is in UTF-16.
    usable = codec is not None and getattr(codec, "_is_text_encoding", True)
    return (
        codec.name if codec and usable and not codec.name.startswith(("utf-16", "utf-32", "idna", "punycode")) else ""
    )


def _is_utf8(data: bytes) -> bool:
    try:
        return not data.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def _lie(declared: str, actual: str) -> tuple[str, ...]:
    same = declared == actual or (declared in _WESTERN and actual in _WESTERN)
    return () if same else (f"declares the encoding {declared} but is in {actual}",)


def tree(text: str) -> Any:  # noqa: ANN401 - lxml's elements
    """Return the root of a page, None of an empty one. Nothing is fetched, and an entity stands for a sign at most.

    :raises UnreadableError: For elements within elements without end, and for too many of them.
    """
    if "\0" in text:
        raise NotTextError
    if len(text) > LARGEST or text.count("<") > MOST_TAGS or any(map(_is_crowded, _TAG.finditer(text))):
        raise UnreadableError("holds more than one page should")
    # HTML has no entities to expand: huge_tree only raises the limits of depth and length.
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        root = None
    if any("depth" in entry.message for entry in parser.error_log):
        raise UnreadableError("is nested too deep")
    return root


def _is_crowded(tag: re.Match[str]) -> bool:
    start, end = tag.span()
    return end - start > MOST_ATTRIBUTES and len(_QUOTED.sub("", tag.group()).split()) > MOST_ATTRIBUTES


def render(root: Any, draft: Draft) -> None:  # noqa: ANN401
    """Write a page's main content into a draft."""
    mains = [main for main in root.iter("main", "article") if len("".join(main.itertext()).split()) > 1]
    only = next((m for m in mains if m.tag == "main"), mains[0] if len(mains) == 1 else None)
    _Writer(draft).write(root if only is None else only)


class _Writer:
    """Goes through a tree, without recursion: pages are nested as deep as they like."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._text: list[str] = []
        self._cells: list[str] = []
        self._pre = 0
        self._lists = 0

    def write(self, root: Any) -> None:  # noqa: ANN401
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                if element is not root and _is_beside(element, tag):
                    walker.skip_subtree()
                    continue
                self._start(tag, element)
                self._text.append(element.text or "")
            else:
                if element is root or not _is_beside(element, tag):
                    self._end(tag)
                if element is not root:
                    self._text.append(element.tail or "")
        self._flush()

    def _start(self, tag: str, element: Any) -> None:  # noqa: ANN401
        if tag == "br":
            self._text.append("\n" if self._pre else " ")
        elif tag == "img" and (alt := element.get("alt")):
            self._text.append(f" {alt} ")
        elif tag not in _INLINE and not self._cells_open(tag):
            self._flush()
        if tag == "pre":
            self._pre += 1
        elif tag in {"ul", "ol"}:
            self._lists += 1

    def _cells_open(self, tag: str) -> bool:
        """Whether a block stands within a row of a table, whose cells go on one line."""
        if tag in {"td", "th"}:
            self._text.append("\0")
        return tag not in {"table", "tr", "thead", "tbody"} and "\0" in self._text

    def _end(self, tag: str) -> None:
        if tag in _HEADINGS and "\0" not in self._text:
            self._draft.heading(_HEADINGS[tag], self._taken())
        elif tag == "pre":
            self._pre = max(0, self._pre - 1)
            if "\0" not in self._text:
                self._draft.code("".join(self._text))
                self._text.clear()
        elif tag == "li" and "\0" not in self._text:
            self._item()
        elif tag == "tr":
            self._row()
        elif tag not in _INLINE and "\0" not in self._text:
            self._flush()
        if tag in {"ul", "ol"}:
            self._lists = max(0, self._lists - 1)
        if tag in {"ul", "ol", "table"} and not self._lists:
            self._draft.close()

    def _item(self) -> None:
        if text := self._taken():
            self._draft.item(f"- {text}", min(max(0, self._lists - 1), 8))

    def _row(self) -> None:
        cells = [" ".join(cell.split()) for cell in "".join(self._text).split("\0")]
        self._text.clear()
        self._draft.item(" | ".join(cell for cell in cells if cell))

    def _flush(self) -> None:
        if self._pre:
            return
        if self._lists:
            self._item()
        elif text := self._taken():
            self._draft.close()
            self._draft.paragraph(text)

    def _taken(self) -> str:
        text = " ".join("".join(self._text).replace("\0", " ").split())
        self._text.clear()
        return text


def _is_beside(element: Any, tag: str) -> bool:  # noqa: ANN401
    """Whether an element is not read: it is hidden, runs, or leads around."""
    return (
        not tag
        or tag in _BESIDE
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or element.get("role") in _ROLES
    )
