"""Files that people made, where they are at hand."""

import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from ingest.document import Options, Part, Span
from ingest.readers import READERS
from ingest.splitter import split
from search.embedders.base import open_embedder
from search.settings import Settings

DATA = Path(os.environ.get("NEARHOOD_TESTDATA", Path(__file__).parents[4] / "shared/data"))
FOLDERS = {
    "bbcnews": 400,
    "epub": 1,
    "goodreads-csv": 1,
    "lecture-slides-jlperla": 8,
    "movies": 5,
    "notes-obsidian-help": 170,
    "notes-quantecon-intro": 60,
    "notes-rustbook": 140,
    "pdf": 3,
}
"""How many files of each can be read, at least."""


@pytest.fixture
def spans(settings: Settings) -> Callable[[Path], list[Span]]:
    """Read a file and cut it."""
    embedder = open_embedder("local", settings)
    return lambda path: [span for part in _parts(path) for span in split(part, embedder)]


def _parts(path: Path) -> Iterator[Part]:
    with path.open("rb") as file:
        yield from READERS.load(path.suffix.lower())(file, Options())


def _file(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not in {DATA}: set NEARHOOD_TESTDATA")
    return path


@pytest.mark.parametrize("folder", FOLDERS)
def test_all_files_are_read(folder: str) -> None:
    """None fails, none warns without a cause, and the parts follow one another."""
    files = sorted(p for p in _file(folder).rglob("*") if p.suffix.lower() in READERS.rows and p.is_file())
    assert len(files) >= FOLDERS[folder]
    for path in files[:: 5 if folder == "bbcnews" else 1]:
        end = None
        for part in _parts(path):
            assert end in {None, part.start}, path
            assert part.warnings == (), path
            end = part.start + len(part.text)


@pytest.mark.parametrize("folder", ["notes-rustbook", "notes-obsidian-help", "notes-quantecon-intro"])
def test_passages_of_notes_are_slices_with_headings(folder: str, spans: Callable[[Path], list[Span]]) -> None:
    """What begins with a heading bears it, and no passage is one alone."""
    for path in sorted(_file(folder).rglob("*.md"))[::9]:
        text = path.read_text()
        for span in spans(path):
            assert text[span.start : span.end] == span.text
            if span.text.startswith("## "):
                assert "heading" in span.metadata, path


def test_films_have_year_and_genres(spans: Callable[[Path], list[Span]]) -> None:
    """A film is a passage unless its extract is long."""
    path = _file("movies/movies-1990s.json")
    films = list(islice(_parts(path), 500))
    assert all(isinstance(film.metadata["year"], int) for film in films)
    assert films[0].text.startswith("The Adventures of Ford Fairlane\nThe Adventures of Ford Fairlane is a 1990")
    assert "genres" in films[0].metadata


def test_books_have_authors() -> None:
    """The title is the text of a table without a longer one."""
    book = next(_parts(_file("goodreads-csv/goodreads_books.csv")))
    assert book.text == "The Hunger Games (The Hunger Games, #1)\n\n"
    assert book.metadata["authors"] == "Suzanne Collins"
    assert book.metadata["average_rating"] == 4.34


def test_a_paper_has_pages_and_whole_words(spans: Callable[[Path], list[Span]]) -> None:
    """Of two columns, one is read before the other."""
    passages = spans(_file("pdf/paper.pdf"))
    assert {passage.metadata["page"] for passage in passages} == set(range(1, 7))
    assert any("potential future directions for development. However, this problem" in p.text for p in passages)


def test_a_book_has_chapters(spans: Callable[[Path], list[Span]]) -> None:
    """Ten of them."""
    chapters = {passage.metadata.get("chapter") for passage in spans(_file("epub/alice.epub"))}
    assert {"Down The Rabbit-Hole", "A Mad Tea-Party"} <= chapters


def test_a_vault_has_links_and_aliases() -> None:
    """Nearly all of its notes."""
    notes = [next(_parts(path)) for path in _file("notes-obsidian-help").rglob("en/**/*.md")]
    assert sum("links" in note.metadata for note in notes) > 150
    assert sum("aliases" in note.metadata for note in notes) > 80


def test_slides_have_cells_and_headings(spans: Callable[[Path], list[Span]]) -> None:
    """Of the lecture itself."""
    passages = spans(_file("lecture-slides-jlperla/slides/nlp_llm.ipynb"))
    assert {passage.metadata["cell_type"] for passage in passages} == {"code", "markdown"}
    assert sum("heading" in passage.metadata for passage in passages) > 20
