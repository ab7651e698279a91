"""A small valid file for each format, made by the library that people make them with."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence

import docx
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

HTML = b"<html><head><title>Rivers</title></head><body><h1>Rivers</h1><p>Water runs to the sea.</p></body></html>"
CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
OPF = (
    '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>Waters</dc:title><dc:creator>A. Writer</dc:creator></metadata><manifest>"
    '<item id="n" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    '<item id="a" href="a%20b.xhtml" media-type="application/xhtml+xml"/>'
    '<item id="b" href="b.xhtml" media-type="application/xhtml+xml"/></manifest>'
    '<spine><itemref idref="n"/><itemref idref="b"/><itemref idref="a"/></spine></package>'
)
NAV = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol><li><a href="b.xhtml">The Spring</a></li>'
    '<li><a href="a%20b.xhtml#top">The Sea</a></li></ol></nav></body></html>'
)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def epub(**more: str) -> bytes:
    page = "<html xmlns='http://www.w3.org/1999/xhtml'><body><h1>{0}</h1><p>Of the {0}.</p></body></html>"
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": CONTAINER,
            "OEBPS/book.opf": OPF,
            "OEBPS/nav.xhtml": NAV,
            "OEBPS/a b.xhtml": page.format("sea"),
            "OEBPS/b.xhtml": page.format("spring"),
            **more,
        }
    )


def word(build: Callable[..., object] | None = None) -> bytes:
    document = docx.Document()
    if build:
        build(document)
    else:
        document.add_heading("Rivers", 1)
        document.add_paragraph("Water runs to the sea.")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def excel(**sheets: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    films: dict[str, Sequence[Sequence[object]]] = {"films": [["title", "year"], ["River", 1984], ["Sea", 1990]]}
    for name, rows in (sheets or films).items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def parquet(rows: list[dict[str, object]] | None = None) -> bytes:
    sink = io.BytesIO()
    pq.write_table(
        pa.Table.from_pylist(rows or [{"title": "River", "year": 1984}, {"title": "Sea", "year": 1990}]), sink
    )
    return sink.getvalue()


def pdf(*pages: str, trailer: str = "") -> bytes:
    """A PDF of a few lines a page, written by hand."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, page in enumerate(pages):
        lines = " ".join(f"({line}) Tj 0 -14 Td" for line in page.split("\n"))
        stream = f"BT /F1 12 Tf 72 720 Td {lines} ET"
        resources = "/Resources<</Font<</F1 3 0 R>>>>/MediaBox[0 0 612 792]"
        objects.append(f"<</Type/Page/Parent 2 0 R{resources}/Contents {5 + 2 * number} 0 R>>")
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    head = f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    end = f"{head}trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{len(out)}\n%%EOF"
    return out + end.encode()


def notebook(*cells: tuple[str, str], **more: object) -> bytes:
    made = [{"cell_type": kind, "source": source.splitlines(keepends=True)} for kind, source in cells]
    about = {"kernelspec": {"language": "python"}}
    return json.dumps({"nbformat": 4, "metadata": about, "cells": made, **more}).encode()


MARKDOWN = b"---\ntags: [water]\n---\n# Rivers\n\nWater runs to the [[Sea]].\n\n## Banks\n\nA bank is beside it.\n"
TABLE = b"title,year\nRiver,1984\nSea,1990\n"
RECORDS = b'[{"title": "River", "year": 1984}, {"title": "Sea", "year": 1990}]'
LINES = b'{"title": "River", "year": 1984}\n{"title": "Sea", "year": 1990}\n'
SAMPLES: dict[str, bytes] = {
    ".csv": TABLE,
    ".docx": word(),
    ".epub": epub(),
    ".htm": HTML,
    ".html": HTML,
    ".ipynb": notebook(("markdown", "# Rivers\n\nWater runs."), ("code", "run = 1")),
    ".json": RECORDS,
    ".jsonl": LINES,
    ".markdown": MARKDOWN,
    ".md": MARKDOWN,
    ".ndjson": LINES,
    ".parquet": parquet(),
    ".pdf": pdf("Water runs to the sea.", "A bank is beside it."),
    ".tab": TABLE.replace(b",", b"\t"),
    ".tsv": TABLE.replace(b",", b"\t"),
    ".txt": b"Water runs to the sea.\r\n\r\nA bank is beside it.\n",
    ".xhtml": HTML,
    ".xlsm": excel(),
    ".xlsx": excel(),
}
