"""Jupyter notebooks: the source of their cells."""

import io
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from ingest.document import Options, Part
from ingest.encoding import UnreadableError, decode
from ingest.readers.draft import Draft
from ingest.readers.frontmatter import front_matter
from ingest.readers.jsonfile import is_heavy
from ingest.readers.outline import Path, outline
from ingest.readers.values import clean
from search.types import MetadataValue

LARGEST = 64 * 1024 * 1024
"""Bytes of a notebook, pictures in its outputs included."""


def read(file: BinaryIO, options: Options = Options()) -> Iterator[Part]:  # noqa: ARG001, B008 - frozen
    """Yield a notebook as Markdown, with the number of each cell from 1, its type and the path of headings.

    Outputs are left out: they are made of the code, and are pictures and tables of numbers as often as text.

    :raises UnreadableError: For what is no notebook.
    """
    notebook = _load(file)
    cells = _cells(notebook)
    draft, path = Draft(), Path()
    said: dict[str, MetadataValue] = {}
    language = _language(notebook)
    for number, cell in enumerate(cells, start=1):
        kind, source = _cell(cell)
        if number == 1 and kind != "code" and (front := front_matter(source)).end:
            said, source = front.metadata, source[front.end :]
        if source.strip() and kind != "raw":
            _write(draft, path, number, kind, source, language)
    if draft.length:
        yield draft.part(metadata=said)


def _load(file: BinaryIO) -> dict[str, Any]:
    if file.seek(0, io.SEEK_END) > LARGEST:
        raise UnreadableError(f"is larger than {LARGEST // 2**20} MB: clear its outputs first")
    file.seek(0)
    data = file.read()
    if not data.strip():
        return {"cells": []}
    try:
        text = decode(data)
        if is_heavy(text):
            raise UnreadableError("holds more than fits into memory: clear its outputs first")
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(f"is no notebook: it is not JSON ({error})") from error
    if not isinstance(notebook, dict):
        raise UnreadableError("is no notebook: it has no cells")
    return notebook


def _cells(notebook: dict[str, Any]) -> list[Any]:
    """Return the cells; those of format 3 are in worksheets."""
    cells = notebook.get("cells")
    if cells is None and isinstance(sheets := notebook.get("worksheets"), list):
        held = (sheet.get("cells") for sheet in sheets if isinstance(sheet, dict))
        cells = [cell for some in held if isinstance(some, list) for cell in some]
    if not isinstance(cells, list):
        raise UnreadableError("is no notebook: it has no cells")
    return cells


def _cell(cell: Any) -> tuple[str, str]:  # noqa: ANN401 - whatever JSON has
    if not isinstance(cell, dict):
        return "raw", ""
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    text = clean(source) if isinstance(source, str) else ""
    return str(cell.get("cell_type")), text.replace("\r\n", "\n").replace("\r", "\n")


def _language(notebook: dict[str, Any]) -> str:
    about = notebook.get("metadata")
    spec = about.get("kernelspec") if isinstance(about, dict) else None
    language = spec.get("language") if isinstance(spec, dict) else None
    return language if isinstance(language, str) and language.isalnum() else ""


def _write(draft: Draft, path: Path, number: int, kind: str, source: str, language: str) -> None:
    draft.mark(cell=number, cell_type=kind)
    if kind == "code":
        draft.code(source, language)
        return
    begin = draft.length
    for heading in outline(source).headings:
        draft.mark(begin + heading.start, heading=path.enter(heading.level, heading.title))
    draft.add(source.rstrip() + "\n\n")
