"""DOCX: paragraphs, headings, lists and tables."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from ingest.document import Options, Part
from ingest.encoding import UnreadableError
from ingest.readers.archive import opened
from ingest.readers.draft import Draft
from ingest.readers.values import metadata

_HEADING = re.compile(r"(?:heading|head|überschrift|titre|título|titolo|kop)\s*([1-9a-e])$", re.IGNORECASE)
_TITLE = re.compile(r"(?:(?:chapter|book|document)\s*)?title$", re.IGNORECASE)
_CODE = re.compile(r"code|preformatted|source|listing\s*text", re.IGNORECASE)
_NO_CODE = re.compile(r"caption|annotation", re.IGNORECASE)
_NAMES = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVEL, _PARAGRAPH, _TABLE, _RUN = (f"{_NAMES}{name}" for name in ("outlineLvl", "p", "tbl", "r"))
_AROUND = {f"{_NAMES}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
"""What may stand around blocks: controls to be filled in, and what was put in and is not accepted yet."""
_GONE = {f"{_NAMES}{name}" for name in ("del", "moveFrom", "txbxContent")}
"""What was taken out, and boxes beside the text, which are in the file twice."""
_BODY = 9


def read(file: BinaryIO, options: Options = Options()) -> Iterator[Part]:  # noqa: ARG001, B008 - frozen
    """Yield a document as Markdown, with the path of headings.

    :raises UnreadableError: For what is no whole DOCX file, or unpacks to too much.
    """
    if not file.read(1):
        return
    opened(file, "DOCX", tree=True).close()
    try:
        draft, said = _draft(file)
    except (MemoryError, UnreadableError):
        raise
    except Exception as error:  # python-docx raises whatever Python has for XML that it does not expect
        why = " ".join(str(error).split())[:120] or type(error).__name__
        raise UnreadableError(f"is no whole DOCX file ({why})") from error
    if draft.length:
        yield draft.part(metadata=said)


def _draft(file: BinaryIO) -> tuple[Draft, dict[str, Any]]:
    from docx import Document  # noqa: PLC0415 - takes a while, and only a DOCX needs it
    from docx.table import Table  # noqa: PLC0415
    from docx.text.paragraph import Paragraph  # noqa: PLC0415

    file.seek(0)
    document = Document(file)
    writer = _Writer()
    for block in _blocks(document.element.body):
        if block.tag == _TABLE:
            writer.table(Table(block, document))
        else:
            writer.paragraph(Paragraph(block, document))
    writer.finish()
    about = document.core_properties
    return writer.draft, metadata([("title", about.title), ("author", about.author)])


def _blocks(element: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield paragraphs and tables in order, also those within a control or a change."""
    for child in element:
        if child.tag in {_PARAGRAPH, _TABLE}:
            yield child
        elif child.tag in _AROUND:
            yield from _blocks(child)


def _text(paragraph: Any) -> str:  # noqa: ANN401
    """Return the text of a paragraph with all changes accepted, and with that of links, fields and controls."""
    return "".join(run.text for run in paragraph.iter(_RUN) if not _is_aside(run, paragraph))


def _is_aside(element: Any, within: Any) -> bool:  # noqa: ANN401
    """Whether an element is in what is gone, or in a box beside the text."""
    for around in element.iterancestors():
        if around is within:
            return False
        if around.tag in _GONE:
            return True
    return False


class _Writer:
    """Writes blocks into a draft; paragraphs of code, one behind the other, are one block."""

    def __init__(self) -> None:
        self.draft = Draft()
        self._styles: dict[str | None, tuple[str, int]] = {}
        self._code: list[str] = []
        self._listed = False

    def paragraph(self, paragraph: Any) -> None:  # noqa: ANN401 - python-docx is imported only here
        kind, level = self._style(paragraph)
        text = _text(paragraph._p)  # noqa: SLF001
        if kind == "code":
            self._code.append(text)
            return
        self._end_code()
        if self._listed and kind != "item":
            self.draft.close()
        self._listed = kind == "item"
        if kind == "heading":
            self.draft.heading(level, text)
        elif kind == "item":
            self.draft.item(f"- {text}" if text.strip() else "", level)
        else:
            self.draft.paragraph(text)

    def table(self, table: Any) -> None:  # noqa: ANN401
        self.finish()
        above: dict[int, str] = {}
        # Its own way to the cells goes through each place that a merged one covers, which may be two billion.
        for row in table._tbl.tr_lst:  # noqa: SLF001
            place, cells = row.grid_before, dict[str, None]()
            for cell in row.tc_lst:
                if cell.vMerge != "continue":
                    # Those of tables within it, too.
                    texts = (_text(p) for p in cell.iter(_PARAGRAPH) if not _is_aside(p, cell))
                    above[place] = " ".join(" ".join(texts).split())
                cells[above.get(place, "")] = None
                place += cell.grid_span
            self.draft.item(" | ".join(filter(None, cells)))
        self.draft.close()

    def finish(self) -> None:
        """End the code or list at hand."""
        self._end_code()
        if self._listed:
            self.draft.close()
            self._listed = False

    def _end_code(self) -> None:
        if self._code:
            self.draft.code("\n".join(self._code))
            self._code = []

    def _style(self, paragraph: Any) -> tuple[str, int]:  # noqa: ANN401
        """Return what a paragraph is, and its level; styles are looked up once, which is slow."""
        properties = paragraph.paragraph_format.element.pPr
        key = None if properties is None or properties.pStyle is None else properties.pStyle.val
        if key not in self._styles:
            self._styles[key] = _kind(paragraph.style)
        kind, level = self._styles[key]
        if kind == "text" and properties is not None and properties.numPr is not None:
            depth = properties.numPr.ilvl
            return "item", 0 if depth is None else min(8, depth.val)
        return kind, level


def _kind(style: Any) -> tuple[str, int]:  # noqa: ANN401
    """Return what paragraphs of a style are: by the outline that it gives them, else by its name, else by its base."""
    base = style
    for _ in range(10):
        if base is None:
            break
        name = base.name or ""
        if _TITLE.match(name):
            return "heading", 1
        if (level := _level(base, name)) is not None:
            return "heading", level
        base = base.base_style
    name = style.name or ""
    if name.lower().startswith("list") and "paragraph" not in name.lower() and not _CODE.search(name):
        return "item", 0
    return ("code", 0) if _CODE.search(name) and not _NO_CODE.search(name) else ("text", 0)


def _level(style: Any, name: str) -> int | None:  # noqa: ANN401
    for outline in style.element.iter(_LEVEL):
        level = int(outline.get(_LEVEL.replace("outlineLvl", "val"), _BODY))
        return level + 1 if level < _BODY else None
    if found := _HEADING.match(name):
        sign = found.group(1).lower()
        return int(sign) if sign.isdigit() else ord(sign) - ord("a") + 2
    return None
