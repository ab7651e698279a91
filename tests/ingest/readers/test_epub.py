"""EPUB: chapters in the order of reading."""

import io

import pytest

from ingest.document import Part
from ingest.encoding import UnreadableError
from ingest.readers.epub import read
from tests.ingest.readers.samples import OPF, epub, zipped


def book(data: bytes) -> list[Part]:
    return list(read(io.BytesIO(data)))


def test_chapters_come_in_the_order_of_the_spine() -> None:
    """With their names from the table of contents, which is itself no chapter."""
    first, second = book(epub())
    assert first.text == "# spring\n\nOf the spring.\n\n"
    assert first.metadata == {"title": "Waters", "author": "A. Writer", "chapter": "The Spring"}
    assert second.metadata["chapter"] == "The Sea"
    assert second.start == len(first.text)


def test_an_old_table_of_contents_names_chapters_too() -> None:
    """As EPUB 2 has it."""
    ncx = (
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Old</text></navLabel>'
        '<content src="b.xhtml"/></navPoint></navMap></ncx>'
    )
    opf = OPF.replace(
        'href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"',
        'href="toc.ncx" media-type="application/x-dtbncx+xml"',
    )
    assert book(epub(**{"OEBPS/book.opf": opf, "OEBPS/toc.ncx": ncx}))[0].metadata["chapter"] == "Old"


def test_entities_are_not_expanded() -> None:
    """Neither files nor bombs."""
    bomb = '<!DOCTYPE p [<!ENTITY b "bbbb"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    parts = book(epub(**{"OEBPS/book.opf": bomb + OPF.replace("Waters", "Waters&b;&c;")}))
    assert "bbbb" not in str(parts[0].metadata)
    assert "root:" not in str(parts[0].metadata)


def test_a_locked_book_is_an_error() -> None:
    """Scrambled fonts alone are none."""
    locked = '<encryption xmlns:e="x"><e:CipherReference URI="OEBPS/{}"/></encryption>'
    assert book(epub(**{"META-INF/encryption.xml": locked.format("font.otf")}))
    with pytest.raises(UnreadableError, match="DRM"):
        book(epub(**{"META-INF/encryption.xml": locked.format("b.xhtml")}))


@pytest.mark.parametrize("files", [{"a": "b"}, {"META-INF/container.xml": "<a/>"}, {"META-INF/container.xml": "<"}])
def test_another_archive_is_no_epub(files: dict[str, str | bytes]) -> None:
    """It says what is missing."""
    with pytest.raises(UnreadableError, match="no whole EPUB"):
        book(zipped(files))
