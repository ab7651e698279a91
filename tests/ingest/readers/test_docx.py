"""DOCX: styles to headings, lists, code and tables."""

import io

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml

from ingest.document import Part
from ingest.encoding import UnreadableError
from ingest.readers.docx import read
from tests.ingest.readers.samples import word, zipped


def document(data: bytes) -> Part:
    (part,) = read(io.BytesIO(data))
    return part


def test_styles_make_headings_and_lists() -> None:
    """The path is that of the headings' levels."""

    def build(d: docx.document.Document) -> None:
        d.add_heading("Rivers", 1)
        d.add_heading("Banks", 2)
        d.add_paragraph("One", "List Bullet")
        d.add_paragraph("Two", "List Bullet")
        d.add_paragraph("Text.")

    part = document(word(build))
    assert part.text == "# Rivers\n\n## Banks\n\n- One\n- Two\n\nText.\n\n"
    assert [mark.metadata["heading"] for mark in part.marks] == ["Rivers", "Rivers > Banks"]


def test_a_style_of_one_s_own_counts_by_what_it_is_based_on() -> None:
    """Publishers have their own names for headings and code."""

    def build(d: docx.document.Document) -> None:
        d.styles.add_style("Mine", WD_STYLE_TYPE.PARAGRAPH).base_style = d.styles["Heading 2"]
        d.styles.add_style("CodeWide", WD_STYLE_TYPE.PARAGRAPH)
        d.add_paragraph("Banks", "Mine")
        d.add_paragraph("if a:", "CodeWide")
        d.add_paragraph("    b", "CodeWide")

    assert document(word(build)).text == "## Banks\n\n```\nif a:\n    b\n```\n\n"


def test_a_row_of_a_table_is_a_line() -> None:
    """Where it stands among the paragraphs."""

    def build(d: docx.document.Document) -> None:
        d.add_paragraph("Before.")
        table = d.add_table(1, 2)
        table.rows[0].cells[0].text, table.rows[0].cells[1].text = "a", "b"
        d.add_paragraph("After.")

    assert document(word(build)).text == "Before.\n\na | b\n\nAfter.\n\n"


def test_what_unpacks_to_too_much_is_refused() -> None:
    """Before anything of it is parsed."""
    with pytest.raises(UnreadableError, match="unpacks to far more"):
        document(zipped({"word/document.xml": b"<w>" + b" " * 30_000_000}))
    with pytest.raises(UnreadableError, match="files, too many"):
        document(zipped({f"{i}.xml": b"" for i in range(10_001)}))


def test_entities_are_refused() -> None:
    """No office file has any."""
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
    with pytest.raises(UnreadableError, match="defines XML entities"):
        document(zipped({"word/document.xml": bomb}))


def test_another_archive_is_no_docx() -> None:
    """Nor is one that is cut off."""
    for data in (zipped({"a.txt": "text"}), word()[:2_000]):
        with pytest.raises(UnreadableError, match="no whole DOCX"):
            document(data)


def test_what_is_put_in_and_what_is_filled_in_is_text() -> None:
    """Insertions that are not accepted yet, controls, fields, and tables in tables; not what was taken out."""
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    run = "<w:r><w:t xml:space='preserve'>{}</w:t></w:r>"
    change = f"<w:p {names}>{run.format('The dose is ')}<w:ins>{run.format('50 mg')}</w:ins>"
    change += f"<w:del><w:r><w:delText>60 mg</w:delText></w:r></w:del>{run.format(' daily.')}</w:p>"
    control = f"<w:sdt {names}><w:sdtContent><w:p>{run.format('Filled in.')}</w:p></w:sdtContent></w:sdt>"
    field = f"<w:p {names}><w:fldSimple w:instr='DATE'>{run.format('May 1')}</w:fldSimple></w:p>"

    def build(d: docx.document.Document) -> None:
        for xml in (change, control, field):
            d.element.body.insert(-1, parse_xml(xml))
        cell = d.add_table(1, 1).rows[0].cells[0]
        cell.text = "outer"
        cell.add_table(1, 1).rows[0].cells[0].text = "inner"

    assert document(word(build)).text == "The dose is 50 mg daily.\n\nFilled in.\n\nMay 1\n\nouter inner\n\n"
