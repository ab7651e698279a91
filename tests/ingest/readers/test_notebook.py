"""Jupyter notebooks: cells, their numbers and types."""

import io

import pytest

from ingest.document import Part
from ingest.encoding import UnreadableError
from ingest.readers.notebook import read
from tests.ingest.readers.samples import notebook


def cells(data: bytes) -> Part:
    (part,) = read(io.BytesIO(data))
    return part


def test_cells_are_numbered_and_typed() -> None:
    """Code stands in a fence of its language; the path of headings goes on below."""
    part = cells(notebook(("markdown", "# A\n\ntext\n\n## B"), ("raw", "x"), ("code", "# no heading\nrun()")))
    assert part.text == "# A\n\ntext\n\n## B\n\n```python\n# no heading\nrun()\n```\n\n"
    assert part.marks[0].metadata == {"cell": 1, "cell_type": "markdown"}
    assert part.marks[-1].metadata == {"cell": 3, "cell_type": "code", "heading": "A > B"}
    assert part.text[part.marks[-1].start :].startswith("```python")


def test_front_matter_of_the_first_cell_is_metadata() -> None:
    """As Quarto's slides have it."""
    part = cells(notebook(("raw", "---\ntitle: Words\nformat:\n  html: x\n---"), ("markdown", "text")))
    assert part.metadata == {"title": "Words"}
    assert part.text == "text\n\n"


def test_a_fence_is_longer_than_those_within() -> None:
    """So that code which writes Markdown stays one block."""
    assert cells(notebook(("code", 's = """\n```\n"""'))).text.startswith("````python\n")


def test_outputs_are_left_out() -> None:
    """Whatever they hold."""
    data = notebook(("code", "1")).replace(b'"source"', b'"outputs": [{"text": ["secret"]}], "source"')
    assert "secret" not in cells(data).text


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"cells": 1}', b"{", b'{"cells":' * 5_000])
def test_what_is_no_notebook_is_an_error(data: bytes) -> None:
    """In one line."""
    with pytest.raises(UnreadableError, match="is no notebook"):
        cells(data)


@pytest.mark.parametrize("cell", [b"1", b'{"source": 1}', b'{"cell_type": [], "source": [1, null, "x"]}', b"null"])
def test_odd_cells_are_passed_over(cell: bytes) -> None:
    """The others are read."""
    good = b'{"cell_type": "markdown", "source": "text"}'
    assert cells(b'{"cells": [' + cell + b"," + good + b"]}").text.endswith("text\n\n")


def test_lines_may_end_in_old_ways() -> None:
    """A return alone ends one, too."""
    book = notebook(("markdown", "intro\r# Heading\r\ntext"))
    assert cells(book).marks[-1].metadata["heading"] == "Heading"


def test_cells_that_are_none_are_passed_over() -> None:
    """As those of a worksheet in the format of old."""
    assert list(read(io.BytesIO(b'{"worksheets":[{"cells":5}]}'))) == []
