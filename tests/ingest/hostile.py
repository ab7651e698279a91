"""Makes the hostile corpus: whatever a folder can hold to mislead, fill or stop those who read it.

A file that stands for no single limit is small; those whose size is the point come in two sizes.
"""

import codecs
import io
import json
import os
import re
import stat
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pypdf

from tests.ingest.readers.samples import OPF, SAMPLES, epub, excel, notebook, pdf, word, zipped

CANARY = "canary-3f1c77d2"
"""What stands in the file that nobody may read."""
SECRET = "outside.txt"
"""That file, beside the corpus."""
MEGABYTE = 2**20
SAID = "Water runs to the sea, and a bank is beside it."
Make: TypeAlias = Callable[[Path], object]
Files: TypeAlias = "Mapping[str, Make | Sized]"


class Fate(StrEnum):
    """What has to become of a file."""

    IN = "goes in"
    REFUSED = "refused"
    PASSED = "passed over"


class Sized(NamedTuple):
    """A file whose size is the point."""

    make: Callable[[Path, int], object]
    full: int
    short: int


def make(folder: Path, *, full: bool = False) -> dict[str, Fate]:
    """Write the corpus, and beside it the file that nobody may read; return what has to become of each name.

    :param full: Whether the large files are as large as they are meant to be, some 4 GB of holes and 300 MB of data.
    """
    (folder.parent / SECRET).write_text(f"{CANARY} {SAID}")
    fates: dict[str, Fate] = {}
    for fate, files in FATES.items():
        for name, maker in files.items():
            path = folder / name
            _make_folder(path.parent)
            if isinstance(maker, Sized):
                maker.make(path, maker.full if full else maker.short)
            else:
                maker(path)
            fates[name] = fate
    return fates


def remove(folder: Path) -> None:
    """Remove the corpus; some of it resists, and is too deep for Python."""
    subprocess.run(["chmod", "-R", "u+rwx", folder], check=True)
    subprocess.run(["rm", "-rf", folder], check=True)


# Bytes and encodings


def empty(path: Path) -> None:
    """Zero bytes."""
    path.write_bytes(b"")


def spaces(path: Path) -> None:
    """A megabyte of blanks."""
    path.write_bytes(b" \t\r\n" * (MEGABYTE // 4))


def mark_alone(mark: bytes, path: Path) -> None:
    """A byte order mark with nothing behind it."""
    path.write_bytes(mark)


def marked(mark: bytes, encoding: str, path: Path) -> None:
    """A text behind its byte order mark."""
    path.write_bytes(mark + f"{SAID} Élève, река, 川".encode(encoding))


def encoded(encoding: str, text: str, path: Path) -> None:
    """A text in an encoding that nothing declares."""
    path.write_bytes(text.encode(encoding) * 4)


def false_mark(path: Path) -> None:
    """A byte order mark of UTF-8 before cp1252."""
    path.write_bytes(codecs.BOM_UTF8 + "It cost £15 and the café has paid for it ever since.".encode("cp1252"))


def odd_wide(path: Path) -> None:
    """UTF-16 with half a character at its end."""
    path.write_bytes(codecs.BOM_UTF16_LE + SAID.encode("utf-16-le") + b"x")


def half_wide(path: Path) -> None:
    """UTF-16 with half of a surrogate pair."""
    path.write_bytes(codecs.BOM_UTF16_LE + SAID.encode("utf-16-le") + b"\x00\xd8" + SAID.encode("utf-16-le"))


def half_narrow(path: Path) -> None:
    """UTF-8 with surrogates in it, as some databases write."""
    path.write_bytes(f"{SAID} Élève à la forêt. ".encode() * 9 + "\ud800 \udfff".encode("utf-8", "surrogatepass"))


def half_json(path: Path) -> None:
    r"""JSON that names half a character by `\ud800`, in a key and in a value."""
    path.write_text(r'[{"title": "half \ud800 of it", "k\udc00": "v"}, {"title": "\udfff"}]')


def half_notebook(path: Path) -> None:
    """A notebook with half a character in a cell."""
    path.write_bytes(notebook(("markdown", f"# half \ud800\n\n{SAID}")))


def zeros(path: Path) -> None:
    """Text with zeros in it, the first of them past two megabytes."""
    path.write_bytes(f"{SAID}\n".encode() * 50_000 + b"\0\0\0")


def noise(path: Path) -> None:
    """All bytes, again and again."""
    path.write_bytes(bytes(range(256)) * 64)


def controls(path: Path) -> None:
    """All control characters but zero, each in a sentence."""
    path.write_bytes(b"".join(f"{SAID} {chr(c)} {chr(c + 128)}\n".encode() for c in range(1, 32)))


def directions(path: Path) -> None:
    """Marks that turn the direction of writing, and joiners of no width."""
    path.write_text("".join(f"{SAID} {chr(c)}txt.exe\n" for c in (*range(0x200B, 0x2010), *range(0x202A, 0x202F))))


def combining(path: Path) -> None:
    """A letter with ten thousand accents."""
    path.write_text("a" + "\u0301" * 10_000)


def one_line(path: Path, size: int) -> None:
    """A text of one line."""
    _repeat(path, b"water runs to the sea and ", size)


def one_word(path: Path, size: int) -> None:
    """A text of one line without a space in it."""
    _repeat(path, b"abcdefghij", size)


def short_lines(path: Path, lines: int) -> None:
    """Lines of one character."""
    _repeat(path, b"a\n", 2 * lines)


def sparse(path: Path, size: int) -> None:
    """A hole: a large file that takes no space on the disk."""
    with path.open("wb") as file:
        file.truncate(size)


# Archives


def bomb(name: str, base: bytes, path: Path, size: int) -> None:
    """A valid archive, of which one file unpacks to gigabytes of zeros."""
    path.write_bytes(base)
    block = bytes(MEGABYTE)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(name, "w", force_zip64=True) as file,
    ):
        for _ in range(size // MEGABYTE):
            file.write(block)


def liar(path: Path) -> None:
    """A bomb whose table of contents says that it is small."""
    whole = zipped({"word/document.xml": bytes(64 * MEGABYTE)})
    for size in (64 * MEGABYTE,):
        whole = whole.replace(struct.pack("<I", size), struct.pack("<I", 1_000))
    path.write_bytes(whole)


def overlapping(path: Path) -> None:
    """An archive whose thousands of files all are the same bytes, as in Fifield's bomb."""
    archive = bytearray(zipped({"xl/a.xml": os.urandom(5_000) + bytes(995_000)}))
    end = len(archive) - 22
    (start,) = struct.unpack("<I", archive[end + 16 : end + 20])
    entry, count = bytes(archive[start:end]), 5_000
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, count * len(entry), start, 0)
    path.write_bytes(bytes(archive[:start]) + entry * count + tail)


def crowded(path: Path) -> None:
    """An archive of many thousand empty files."""
    path.write_bytes(zipped({f"{number}.xhtml": b"" for number in range(12_000)}))


def locked(path: Path) -> None:
    """An archive whose files are encrypted, by the flag in their heads."""
    data = bytearray(word())
    for sign, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.find(sign)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(sign, at + 4)
    path.write_bytes(data)


def compound(path: Path) -> None:
    """What Word and Excel write with a password: no archive at all."""
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4_000))


def cut(data: bytes, path: Path) -> None:
    """The first half of a valid file."""
    path.write_bytes(data[: len(data) // 2])


# XML


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)
"""Ten to the power of nine laughs."""


def laughing(base: bytes, name: str, path: Path) -> None:
    """An archive with a billion laughs in one of its files."""
    path.write_bytes(_changed(base, name, lambda text: _behind_head(text, LAUGHS).replace("</", "&j;</", 1)))


def laughing_book(path: Path) -> None:
    """A book with a billion laughs on a page and in its title."""
    page = f"{LAUGHS}<html xmlns='http://www.w3.org/1999/xhtml'><body><p>{SAID} &j;</p></body></html>"
    opf = LAUGHS + OPF.replace("Waters", "&j;")
    path.write_bytes(epub(**{"OEBPS/b.xhtml": page, "OEBPS/book.opf": opf}))


def telling_book(path: Path) -> None:
    """A book whose entities and pages are files outside of it."""
    entity = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{_secret(path).as_uri()}">]>'
    page = f"{entity}<html xmlns='http://www.w3.org/1999/xhtml'><body><p>{SAID} &x;</p></body></html>"
    opf = entity + OPF.replace("Waters", "&x;").replace("a%20b.xhtml", f"../../{SECRET}")
    path.write_bytes(epub(**{"OEBPS/b.xhtml": page, "OEBPS/book.opf": opf}))


def telling_page(path: Path) -> None:
    """A page with an entity, frames and links that are files outside."""
    secret = _secret(path).as_uri()
    head = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{secret}">]><base href="{secret}"><link href="{secret}">'
    path.write_text(f"{head}<iframe src='{secret}'></iframe><object data='{secret}'></object><p>{SAID} &x;</p>")


def deep_page(path: Path) -> None:
    """Elements within elements, a hundred thousand."""
    path.write_text("<div>" * 100_000 + SAID)


def deep_document(path: Path) -> None:
    """A DOCX whose elements stand within elements, five thousand."""
    inner = "<w:sdt><w:sdtContent>" * 5_000 + "</w:sdtContent></w:sdt>" * 5_000
    path.write_bytes(_changed(word(), "word/document.xml", lambda text: text.replace("</w:body>", f"{inner}</w:body>")))


def wide_cell(path: Path) -> None:
    """A DOCX with a table whose one cell covers two billion columns."""
    span = '<w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr>'
    data = word(lambda document: document.add_table(1, 1).cell(0, 0).add_paragraph(SAID))
    path.write_bytes(_changed(data, "word/document.xml", lambda text: re.sub("<w:tcPr>.*?</w:tcPr>", span, text)))


def far_row(path: Path) -> None:
    """A workbook whose second row says that it is the trillionth."""
    path.write_bytes(
        _changed(excel(), "xl/worksheets/sheet1.xml", lambda x: x.replace('r="2"', 'r="1000000000000"', 1))
    )


# Front matter, tables, JSON


def yaml_tags(path: Path) -> None:
    """Front matter that would run a command, were it loaded without care."""
    command = f"touch {_secret(path).with_name('ran')}"
    path.write_text(f'---\ntitle: !!python/object/apply:os.system ["{command}"]\n---\n{SAID}\n')


def yaml_aliases(path: Path) -> None:
    """A billion laughs in YAML."""
    lines = ["a0: &a0 [ha]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10))]
    path.write_text("---\n" + "\n".join(lines) + f"\n---\n{SAID}\n")


def yaml_deep(path: Path) -> None:
    """YAML nested as deep as front matter may be long."""
    path.write_text("---\na: " + "[" * 30_000 + f"\n---\n{SAID}\n")


def deep_quotes(path: Path) -> None:
    """Quotes within quotes, and lists within lists."""
    path.write_text(">" * 5_000 + f" {SAID}\n\n" + "- " * 5_000 + SAID)


def open_ticks(path: Path, runs: int) -> None:
    """Runs of backticks, each of another length, so that none is closed."""
    path.write_text("".join(f"{'`' * n} {SAID} " for n in range(1, runs)))


def open_brackets(path: Path, links: int) -> None:
    """Thousands of links that begin and do not end."""
    path.write_text(f"{SAID} " + "[[a|" * links)


def ragged(path: Path) -> None:
    """A CSV whose rows have between none and a thousand cells."""
    path.write_text("\n".join(",".join(["river"] * (number * 7 % 1_000)) for number in range(200)))


def wide_table(path: Path) -> None:
    """A CSV of 100,000 columns."""
    path.write_text((",".join(f"w{number}" for number in range(100_000)) + "\n") * 3)


def open_quote(lines: int, path: Path) -> None:
    """A CSV with a quote that is never closed."""
    path.write_text('title,year\n"River,1984\n' + f"{SAID},1990\n" * lines)


def long_cell(path: Path) -> None:
    """A CSV of one line that no CSV has."""
    path.write_text("a," * 5_000_000)


def deep_json(opening: str, closing: str, path: Path) -> None:
    """JSON nested 5,000 deep."""
    path.write_text(opening * 5_000 + "1" + closing * 5_000)


def long_number(path: Path) -> None:
    """A number that takes Python a while."""
    path.write_text(f'[{{"title": "River", "year": {"9" * 1_000_000}}}]')


def no_numbers(path: Path) -> None:
    """What is no number, and one that is too large to be one."""
    path.write_text('[{"title": "River", "a": NaN, "b": -Infinity, "c": 1e999, "d": 1' + "0" * 400 + "}]")


def wrong_notebook(path: Path) -> None:
    """A notebook whose fields are all of another kind."""
    path.write_text(json.dumps({"cells": [1, None, {"source": {"a": 1}}, {"source": [1, SAID], "cell_type": 7}]}))


# PDF


def encrypted(path: Path) -> None:
    """A PDF with a password."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(SAID)))
    writer.encrypt("secret", algorithm="RC4-128")
    with path.open("wb") as file:
        writer.write(file)


def looping(path: Path) -> None:
    """A PDF whose tree of pages is its own child."""
    path.write_bytes(pdf(SAID).replace(b"/Kids[4 0 R]", b"/Kids[2 0 R]"))


def packed(path: Path, size: int) -> None:
    """A PDF whose page unpacks to gigabytes."""
    squeezed = zlib.compressobj(1)
    stream = b"".join(squeezed.compress(b" " * MEGABYTE) for _ in range(size // MEGABYTE)) + squeezed.flush()
    path.write_bytes(_page_of(stream, "/Filter/FlateDecode"))


def nested_forms(path: Path) -> None:
    """A PDF whose page shows a form ten times, which shows a form ten times, and so on."""
    page = b"BT /F1 12 Tf (%b) Tj ET /X Do" % SAID.encode()
    path.write_bytes(_page_of(page, "", *(_form(number, 10) for number in range(6, 15)), _form(15, 0)))


# Names and kinds of files


def plain(path: Path) -> None:
    """A good text, under whatever name."""
    path.write_text(f"{SAID} {path.name.encode('ascii', 'replace').decode()}")


def pipe(path: Path) -> None:
    """A FIFO, which nobody writes to."""
    os.mkfifo(path)


def socket(path: Path) -> None:
    """A socket, which nobody listens at."""
    os.mknod(path, stat.S_IFSOCK | 0o600)


def link(target: str, path: Path) -> None:
    """A link."""
    path.symlink_to(target)


def link_out(path: Path) -> None:
    """A link to the file that nobody may read."""
    path.symlink_to(_secret(path))


def unreadable(path: Path) -> None:
    """A file without any permission."""
    plain(path)
    path.chmod(0)


def unsearchable(path: Path) -> None:
    """A file in a folder that tells its names and nothing else."""
    plain(path)
    path.parent.chmod(0o400)


def closed(path: Path) -> None:
    """A folder without any permission."""
    path.mkdir()
    path.chmod(0)


def sparse_ignore(path: Path) -> None:
    """An ignore file of a gigabyte."""
    sparse(path, 2**30)


def broken_ignore(path: Path) -> None:
    """A text beside an ignore file of what are no patterns, and of one that would match for ever."""
    path.with_name(".nearhoodignore").write_text("!\n\\\n[z-a]\n" + "a*" * 100 + "b\n")
    plain(path)


MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
RUSSIAN = "Вода бежит к морю, и берег стоит рядом с рекой. "
JAPANESE = "水は海へ流れ、岸はそのそばにある。川の水はとても冷たいです。"
CHINESE = "水流向大海，岸在它的旁边。河里的水很冷，人们坐在河边。"
KOREAN = "물은 바다로 흐르고 강둑은 그 옆에 있다. 강물은 아주 차갑다. "
FRENCH = "L'élève a traversé la forêt, où l'eau coule vers la mer à côté du pré. "
GREEK = "Το νερό τρέχει προς τη θάλασσα και η όχθη είναι δίπλα του. "
ENCODINGS = {
    "ascii": SAID, "utf-8": FRENCH, "utf-7": RUSSIAN, "utf-16-le": FRENCH, "utf-16-be": FRENCH, "cp1252": FRENCH,
    "latin-1": FRENCH, "mac_roman": FRENCH, "cp1251": RUSSIAN, "koi8-r": RUSSIAN, "iso8859-5": RUSSIAN,
    "cp866": RUSSIAN, "shift_jis": JAPANESE, "euc_jp": JAPANESE, "iso2022_jp": JAPANESE, "gb18030": CHINESE,
    "big5": "水流向大海，岸在它的旁邊。", "hz": CHINESE, "euc_kr": KOREAN, "cp1253": GREEK, "cp037": SAID,
}  # fmt: skip
WIDE = {"utf-32-le": FRENCH, "utf-32-be": FRENCH}
"""What has zeros in it, and nothing that says why."""
ARCHIVES = {
    ".docx": ("word/media.xml", word()),
    ".xlsx": ("xl/more.xml", excel()),
    ".xlsm": ("xl/more.xml", excel()),
    ".epub": ("OEBPS/more.xhtml", epub()),
}
GIGABYTES, SHORT = 2 * 2**30, 300 * MEGABYTE


def _make_folder(path: Path) -> None:
    """Make a folder that lies deeper than Python calls itself."""
    for folder in reversed([path, *path.parents]):
        if not folder.is_dir():
            folder.mkdir()


def _repeat(path: Path, piece: bytes, size: int) -> None:
    block = piece * (MEGABYTE // len(piece))
    with path.open("wb") as file:
        for _ in range(size // len(block)):
            file.write(block)
        file.write(block[: size % len(block)])


def _secret(path: Path) -> Path:
    """Return the file that nobody may read, as seen from one at the top of the corpus."""
    return path.parent.parent / SECRET


def _changed(archive: bytes, name: str, change: Callable[[str], str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        files = {one: opened.read(one) for one in opened.namelist()}
    return zipped({**files, name: change(files[name].decode())})


def _behind_head(xml: str, more: str) -> str:
    """Put a document type where it belongs: behind the declaration."""
    end = xml.find("?>") + 2 if xml.startswith("<?xml") else 0
    return xml[:end] + more + xml[end:]


def _page_of(stream: bytes, filters: str, *objects: bytes) -> bytes:
    """Return a PDF of one page with a stream; more objects are numbered from 6."""
    resources = b"/Resources<</Font<</F1 3 0 R>>/XObject<</X 6 0 R>>>>/MediaBox[0 0 612 792]"
    content = f"<</Length {len(stream)}{filters}>>".encode() + b"stream\n" + stream + b"\nendstream"
    every = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[4 0 R]>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Page/Parent 2 0 R" + resources + b"/Contents 5 0 R>>",
        content,
        *objects,
    )
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, one) for number, one in enumerate(every, start=1))
    return b"%PDF-1.4\n" + body + b"trailer\n<</Size %d/Root 1 0 R>>\n" % (len(every) + 1) + b"startxref\n0\n%%EOF"


def _form(number: int, shown: int) -> bytes:
    """Return a form that shows the next one some times."""
    stream = b"/X Do " * shown
    resources = b"/Resources<</Font<</F1 3 0 R>>/XObject<</X %d 0 R>>>>" % (number + 1)
    head = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]%b/Length %d>>" % (resources, len(stream))
    return head + b"stream\n" + stream + b"\nendstream"


_SMALL_DOCUMENT = word()
GOES_IN: Files = {
    **{f"mark-{name}.txt": partial(marked, mark, name) for name, mark in MARKS.items()},
    **{f"encoding-{name}.txt": partial(encoded, name, text) for name, text in ENCODINGS.items()},
    "mark-false.txt": false_mark,
    "half-narrow.txt": half_narrow,
    "half.json": half_json,
    "half.ipynb": half_notebook,
    "controls.txt": controls,
    "directions.txt": directions,
    "combining.txt": combining,
    "short-lines.txt": Sized(short_lines, 1_000_000, 20_000),
    "wide-cell.docx": wide_cell,
    "far-row.xlsx": far_row,
    "telling.epub": telling_book,
    "telling.html": telling_page,
    "tags.md": yaml_tags,
    "aliases.md": yaml_aliases,
    "deep-yaml.md": yaml_deep,
    "deep-quotes.md": deep_quotes,
    "open-ticks.md": Sized(open_ticks, 900, 150),
    "open-brackets.md": Sized(open_brackets, 20_000, 1_000),
    "ragged.csv": ragged,
    "wide.csv": wide_table,
    "open-quote.csv": partial(open_quote, 10),
    "no-numbers.json": no_numbers,
    "wrong.ipynb": wrong_notebook,
    "forms.pdf": nested_forms,
    "new\nline.txt": plain,
    "tab\tand\x1b[31mred.txt": plain,
    "right\u202etxt.md": plain,
    "-rf.txt": plain,
    "$(touch ran) `touch ran`; touch ran.txt": plain,
    " .txt": plain,
    "n" * 251 + ".txt": plain,
    "deep/" + "d/" * 1_200 + "a.txt": plain,
    f"ignores-broken/{'a' * 200}.txt": broken_ignore,
}
REFUSED: Files = {
    **{f"empty{suffix}": empty for suffix in SAMPLES},
    **{f"mark-alone-{name}.txt": partial(mark_alone, mark) for name, mark in MARKS.items()},
    **{f"encoding-{name}.txt": partial(encoded, name, text) for name, text in WIDE.items()},
    **{f"cut{suffix}": partial(cut, SAMPLES[suffix]) for suffix in (".docx", ".epub", ".parquet", ".pdf", ".xlsx")},
    **{f"bomb{suffix}": Sized(partial(bomb, *base), GIGABYTES, SHORT) for suffix, base in ARCHIVES.items()},
    **{f"noise{suffix}": noise for suffix in SAMPLES},
    "spaces.txt": spaces,
    "odd.txt": odd_wide,
    "half-wide.txt": half_wide,
    "zeros.txt": zeros,
    "one-line.txt": Sized(one_line, 200 * MEGABYTE, 10 * MEGABYTE),
    "one-line.md": Sized(one_line, 200 * MEGABYTE, 10 * MEGABYTE),
    "one-word.txt": Sized(one_word, 200 * MEGABYTE, 10 * MEGABYTE),
    "sparse.txt": Sized(sparse, 2**30, 2**30),
    "sparse.csv": Sized(sparse, 2**30, MEGABYTE),
    "sparse.html": Sized(sparse, 2**30, 50 * MEGABYTE),
    "sparse.ipynb": Sized(sparse, 2**30, 300 * MEGABYTE),
    "sparse.pdf": Sized(sparse, 2**30, MEGABYTE),
    "sparse.xlsx": Sized(sparse, 2**30, MEGABYTE),
    "liar.docx": liar,
    "overlapping.xlsx": overlapping,
    "crowded.epub": crowded,
    "locked.docx": locked,
    "compound.docx": compound,
    "compound.xlsx": compound,
    "laughing.docx": partial(laughing, _SMALL_DOCUMENT, "word/document.xml"),
    "laughing.xlsx": partial(laughing, excel(), "xl/worksheets/sheet1.xml"),
    "laughing.epub": laughing_book,
    "deep.html": deep_page,
    "deep.docx": deep_document,
    "long-cell.csv": long_cell,
    "open-quote-long.csv": partial(open_quote, 40_000),
    "deep.json": partial(deep_json, "[", "]"),
    "deep.jsonl": partial(deep_json, '{"a":', "}"),
    "deep.ipynb": partial(deep_json, '{"cells":', "}"),
    "long-number.json": long_number,
    "encrypted.pdf": encrypted,
    "looping.pdf": looping,
    "packed.pdf": Sized(packed, GIGABYTES, SHORT),
    os.fsdecode(b"not-\xff-utf-8.txt"): plain,
    "closed-file.txt": unreadable,
    "names-only/a.txt": unsearchable,
    "closed": closed,
    "ignores-pipe/.nearhoodignore": pipe,
    "ignores-zero/.nearhoodignore": partial(link, "/dev/zero"),
    "ignores-hole/.nearhoodignore": sparse_ignore,
}
PASSED: Files = {
    "pipe.txt": pipe,
    "socket.txt": socket,
    "zero.txt": partial(link, "/dev/zero"),
    "circle.txt": partial(link, "circle.txt"),
    "nowhere.txt": partial(link, "nowhere/at/all.txt"),
    "out.txt": link_out,
    "out": partial(link, "/"),
    "around": partial(link, "."),
    "a.folder.txt/.hidden.txt": plain,
    "node_modules/a.txt": plain,
    "bomb.zip": Sized(partial(bomb, "zeros", zipped({"a.txt": SAID})), GIGABYTES, SHORT),
    "bomb.odt": Sized(partial(bomb, "content.xml", zipped({"mimetype": "application/x"})), GIGABYTES, SHORT),
}
FATES: Mapping[Fate, Files] = {Fate.IN: GOES_IN, Fate.REFUSED: REFUSED, Fate.PASSED: PASSED}
