"""Fuzzes a reader: what it makes of any bytes are exact slices of its text, or a reason of one line, and soon.

    python -m tests.ingest.fuzz READER SECONDS [FOLDER]

Needs atheris, which no lock has: `pip install atheris` into an environment of Python 3.11 or 3.12. What is found is
written into FOLDER, by default the current one; mend it, and keep it in tests/ingest/readers/regressions.
"""

import io
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import cast

from ingest.document import Options, Part
from ingest.readers import READERS
from search.embedders.base import Embedder

TIMEOUT, MEMORY_MB, LONGEST = 10, 2_048, 16_384
"""Seconds and memory of one input, and bytes."""
INSTRUMENTED = ("ingest", "docx", "openpyxl", "pypdf", "yaml", "markdown_it")
"""Where atheris counts branches: imported only by `fuzz`, since it has to see them come in."""
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
REGRESSIONS = Path(__file__).parent / "readers" / "regressions"


@dataclass(frozen=True, slots=True)
class Target:
    """A reader, and how a file for it is made of fuzzed bytes."""

    suffix: str
    words: tuple[str, ...] = ()
    """Words that the format knows."""
    parts: tuple[tuple[str, str], ...] = ()
    """Files of an archive, with what in them XML is put before; none for a whole file."""
    elements: str = ""
    """What may be put there, with spaces between."""
    attributes: tuple[str, ...] = ("",)
    """Of these elements, with their values."""

    def file(self, data: bytes) -> bytes:
        """Return the file for some bytes.

        Of an archive they are one of its files or, since few bytes are XML, choose the elements that it has more: its
        checksums would let no other change through.
        """
        if not self.parts:
            return data
        choice = data[0] if data else 0
        name, before = self.parts[choice // 2 % len(self.parts)]
        content = data[1:]
        if choice % 2:
            whole = _unpacked(self.suffix, name).decode()
            content = whole.replace(before, self._xml(data[1:]) + before, 1).encode()
        return _packed(self.suffix, name, content)

    def seeds(self) -> list[bytes]:
        """Return what the fuzzer begins with."""
        if not self.parts:
            kept = [file.read_bytes() for file in REGRESSIONS.glob(f"*{self.suffix}")]
            return [_sample(self.suffix), *kept]
        whole = [bytes([2 * i]) + _unpacked(self.suffix, name) for i, (name, _) in enumerate(self.parts)]
        return [*whole, *(bytes([2 * i + 1]) + bytes(range(2, 80)) for i in range(len(self.parts)))]

    def _xml(self, choices: bytes) -> str:
        """Return elements within elements: of each two bytes the first opens one, closes one, or is text."""
        made, opened, elements = list[str](), list[str](), self.elements.split()
        for choice, more in zip(choices[::2], choices[1::2], strict=False):
            kind = choice % (len(elements) + 9)
            if kind < len(elements):
                opened.append(elements[kind])
                made.append(f"<{opened[-1]} {self.attributes[more % len(self.attributes)]}>")
            elif kind % 3 and opened:
                made.append(f"</{opened.pop()}>")
            else:
                made.append(str(more) if more % 2 else " water ")
        return "".join([*made, *(f"</{element}>" for element in reversed(opened))])


TARGETS: Mapping[str, Target] = {
    "docx": Target(
        ".docx",
        parts=(
            ("word/document.xml", "</w:body>"),
            ("word/styles.xml", "</w:styles>"),
            ("docProps/core.xml", "</cp:coreProperties>"),
        ),
        elements="w:p w:r w:t w:tab w:pPr w:pStyle w:numPr w:ilvl w:tbl w:tblGrid w:tr w:tc w:tcPr w:vMerge w:gridSpan "
        "w:hyperlink w:sdt w:sdtContent w:style w:name w:basedOn w:outlineLvl w:trPr w:gridBefore",
        attributes=(
            "",
            'w:val="1"',
            'w:val="-1"',
            'w:val="x"',
            'w:val="continue"',
            'w:val="restart"',
            'w:val="99999999999"',
            'w:val="ListParagraph"',
            'w:val="Code"',
            'w:val="Heading1"',
            'w:styleId="Heading1" w:type="paragraph"',
        ),
    ),
    "epub": Target(
        ".epub",
        elements="p h1 h6 div span table tr td th pre code ul ol li br img main article nav a item itemref rootfile "
        "navPoint navLabel content title script svg",
        parts=(
            ("OEBPS/b.xhtml", "</body>"),
            ("OEBPS/book.opf", "</manifest>"),
            ("OEBPS/book.opf", "</spine>"),
            ("OEBPS/nav.xhtml", "</body>"),
            ("META-INF/container.xml", "</rootfiles>"),
        ),
        attributes=(
            "",
            'href="b.xhtml"',
            'href="../../../x"',
            'href="%00"',
            'id="b" idref="b" href="nav.xhtml" properties="nav"',
            'full-path="OEBPS/nav.xhtml"',
            'src="b.xhtml#x"',
            'media-type="application/x-dtbncx+xml" href="nav.xhtml"',
            "hidden='' role='navigation'",
            "alt='&#10;'",
        ),
    ),
    "excel": Target(
        ".xlsx",
        elements="row c v is t f sheetData dimension mergeCell mergeCells sheet sheets definedName xf numFmt cols col "
        "si r rPr dataValidation hyperlink conditionalFormatting sheetPr",
        parts=(
            ("xl/worksheets/sheet1.xml", "</sheetData>"),
            ("xl/worksheets/sheet1.xml", "</worksheet>"),
            ("xl/workbook.xml", "</sheets>"),
            ("xl/styles.xml", "</cellXfs>"),
            ("xl/workbook.xml", "</workbook>"),
        ),
        attributes=(
            "",
            'r="A1"',
            'r="XFD1048576"',
            'r="0"',
            'r="99999999999"',
            't="s"',
            't="d"',
            't="b"',
            't="e"',
            's="1"',
            'r="B2" t="inlineStr"',
            't="n" s="999"',
            f'name="x" sheetId="9" xmlns:r="{_LINKS}" r:id="rId1"',
            'min="1" max="99999999"',
        ),
    ),
    "html": Target(".html", ("<table>", "<td>", "<pre>", "<li>", "<main>", "charset=", "<svg>", "hidden", "</", "&#")),
    "jsonfile": Target(".json", ('"', "[", "{", "\\ud800", "null", "1e999", "NaN", ",", "]", "}", ":")),
    "markdown": Target(".md", ("---\n", "```", "[[", "]]", "#", "tags:", "!!python", "&a", "*a", "- ", "|", "> ")),
    "notebook": Target(".ipynb", ('"cells"', '"source"', '"cell_type"', '"worksheets"', "null", "[]", "{}", "---\\n")),
    "parquet": Target(".parquet", ("PAR1",)),
    "pdf": Target(".pdf", ("obj", "endobj", "stream", "/Kids", "/Contents", "<<", ">>", "xref", "Tj", "Do", "/Filter")),
    "table": Target(".csv", ('"', ",", "\t", ";", "|", "\r\n", "1e999", "9" * 30)),
    "text": Target(".txt", ("\xef\xbb\xbf", "\xff\xfe", "\xfe\xff", "\x00", "\n\n")),
}


class _ByLength:
    """Counts tokens fast, which is all that cutting needs."""

    max_tokens = 256

    def count_tokens(self, text: str) -> int:
        return len(text) // 4 + 1


def check(suffix: str, data: bytes) -> None:
    """Read a file and cut it, checking what comes out; that it is refused is well, too."""
    from ingest.encoding import UnreadableError
    from ingest.splitter import split

    parts, reason = list[Part](), "none"
    try:
        parts += READERS.load(suffix)(io.BytesIO(data), Options())
    except UnreadableError as error:
        reason = error.reason
    assert reason.strip()
    assert "\n" not in reason
    assert all(a.start + len(a.text) == b.start for a, b in pairwise(parts))
    for part in parts:
        part.text.encode()
        values = [*part.metadata.values(), *(value for mark in part.marks for value in mark.metadata.values())]
        assert all(isinstance(value, str | int | float | bool) for value in values)
        for span in split(part, cast("Embedder", _ByLength())):
            assert span.text.strip()
            assert part.text[span.start - part.start : span.end - part.start] == span.text


def _sample(suffix: str) -> bytes:
    from tests.ingest.readers.samples import SAMPLES

    return SAMPLES[suffix]


def _unpacked(suffix: str, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(_sample(suffix))) as archive:
        return archive.read(name)


def _packed(suffix: str, name: str, content: bytes) -> bytes:
    """Return a sample with one of its files replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_sample(suffix))) as archive, zipfile.ZipFile(buffer, "w") as made:
        for one in archive.namelist():
            made.writestr(one, content if one == name else archive.read(one))
    return buffer.getvalue()


def fuzz(name: str, seconds: int, folder: Path) -> None:
    """Fuzz a reader; the process ends with the time, or with what is found."""
    try:
        atheris = import_module("atheris")
    except ImportError:
        raise SystemExit("atheris is not here: pip install atheris, with Python 3.11 or 3.12") from None
    target = TARGETS[name]
    with atheris.instrument_imports(include=[*INSTRUMENTED]):
        for module in (
            *INSTRUMENTED,
            "ingest.encoding",
            "ingest.splitter",
            f"ingest.readers.{name}",
            "tests.ingest.readers.samples",
        ):
            import_module(module)
    corpus = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    for number, seed in enumerate(target.seeds()):
        (corpus / str(number)).write_bytes(seed)
    words = corpus.with_suffix(".words")
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words or target.elements.split()))
    limits = [f"-max_total_time={seconds}", f"-timeout={TIMEOUT}", f"-rss_limit_mb={MEMORY_MB}", f"-max_len={LONGEST}"]
    arguments = [sys.argv[0], str(corpus), f"-dict={words}", f"-artifact_prefix={folder}/{name}-", *limits]
    atheris.Setup(arguments, lambda data: check(target.suffix, target.file(data)))
    atheris.Fuzz()


def _escaped(word: str) -> str:
    return "".join(f"\\x{ord(sign):02x}" for sign in word)


if __name__ == "__main__":
    fuzz(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3] if len(sys.argv) > 3 else "."))
