"""PDF: pages, and paragraphs from lines."""

import io

import pypdf
import pytest

from ingest.document import Part
from ingest.encoding import UnreadableError
from ingest.readers.pdf import Words, paragraphs, read
from ingest.splitter import split
from search.embedders.base import open_embedder
from search.settings import Settings
from tests.ingest.readers.samples import pdf


def document(data: bytes) -> Part:
    (part,) = read(io.BytesIO(data))
    return part


def test_pages_are_numbered_from_one(settings: Settings) -> None:
    """A passage bears the page on which it begins; a page without text keeps its number."""
    part = document(pdf("Water runs. " * 100, "", "Banks are dry. " * 100))
    pages = [span.metadata["page"] for span in split(part, open_embedder("local", settings))]
    assert pages == sorted(pages)
    assert set(pages) == {1, 3}


def test_an_encrypted_file_is_an_error() -> None:
    """Only the owner can help."""
    writer, out = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("text"))), io.BytesIO()
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)
    with pytest.raises(UnreadableError, match="encrypted"):
        document(out.getvalue())


def test_pages_without_text_are_an_error() -> None:
    """A scan, most of the time."""
    with pytest.raises(UnreadableError, match="OCR"):
        document(pdf("", ""))


def test_a_cut_off_file_is_an_error_or_read() -> None:
    """Never another exception, wherever it is cut."""
    whole = pdf("Water runs to the sea.")
    for end in range(0, len(whole), 37):
        try:
            document(whole[:end])
        except UnreadableError:
            continue


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("the water runs and per-\nforming a task", "the water runs and performing a task"),
        ("an in-scope query is in-\nscope for all of us", "an in-scope query is in-scope for all of us"),
        ("a user and a system, the user-\nsystem exchange", "a user and a system, the user-system exchange"),
        ("the ﬁrst line goes on\nto the second", "the first line goes on to the second"),
        (
            "Short end.\nThe next paragraph is a long line of text",
            "Short end.\nThe next paragraph is a long line of text",
        ),
        ("the line of a list is here\n• one\n• two", "the line of a list is here\n• one\n• two"),
    ],
)
def test_lines_become_paragraphs(lines: str, expected: str) -> None:
    """Words that a line's end broke are mended by the words of the document."""
    assert paragraphs(lines, Words(lines)) == expected


def test_a_word_of_a_million_letters_takes_no_time() -> None:
    """Its end is not looked for from each of its letters."""
    page = "a" * 1_000_000 + " un-\nbroken"
    assert paragraphs(page, Words(page)).endswith("unbroken")
