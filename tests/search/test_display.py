"""Results show themselves in a notebook."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import search
from ingest.sample import SENTENCES, WORDS
from ingest.sync import ingest
from search.display import hit_list
from search.service import Service
from search.settings import Settings
from search.types import Hit, HitList

CELLS = (
    "import os\nos.environ['NEARHOOD_CACHE'] = {cache!r}\nfrom search import connect\nfound = connect({data!r})",
    "found.search('physician', 'words', k=3)",
    "found.compare(['The dog chased the man', 'The man chased the dog'])",
    "found.draw_map('words')",
    "found.close()",
)


@pytest.fixture
def sample(settings: Settings) -> Iterator[Service]:
    """The words and the sentences of the sample."""
    with Service(settings, "test") as opened:
        ingest(opened.store, opened.embedder, "words", [WORDS], "words")
        ingest(opened.store, opened.embedder, "sentences", [SENTENCES], "sentences")
        yield opened


def test_a_notebook_shows_lists_comparisons_and_maps(sample: Service, settings: Settings, tmp_path: Path) -> None:
    """Each as HTML, in a real kernel."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    sample.close()
    sources = [cell.format(cache=str(settings.cache), data=str(settings.data)) for cell in CELLS]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    where = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3", resources=where).execute()
    hits, pairs, drawn = (cell.outputs[-1].data["text/html"] for cell in book.cells[1:4])
    assert "doctor" in hits
    assert "role-swap" in pairs
    assert "<svg" in drawn


def test_texts_are_escaped() -> None:
    """A note may hold a script, which a notebook would run."""
    hostile = "<script>alert(1)</script>"
    hit = Hit(1, "1", hostile, hostile, 0.5, None, {}, 0, 1)
    shown = hit_list(HitList(hostile, "dense", exact=True, recall=1.0, embedder="e", hits=(hit,), took_ms=1.0))
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 3


def test_importing_the_library_is_light() -> None:
    """Its names are there, and what they need comes with the first that is used."""
    code = (
        "import sys, search; print('numpy' in sys.modules, 'search.service' in sys.modules, callable(search.connect))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["False", "False", "True"]


def test_each_name_of_the_library_is_there() -> None:
    """What `__all__` lists can be imported, and nothing else can."""
    assert all(getattr(search, name) for name in search.__all__)
    with pytest.raises(AttributeError, match="no_such"):
        search.no_such  # noqa: B018
