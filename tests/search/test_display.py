"""What notebooks show, and the names that `search` itself has."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import search
from ingest.sample import SENTENCES, WORDS
from ingest.sync import ingest
from search import Service, Settings
from search.errors import InvalidInputError
from search.retrieve.caution import Caution
from search.types import Answer, Citation, Judgement, Statement

HOSTILE = '<img src=x onerror="alert(1)">'


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A folder with the words, the sentences, and a text that would be a tag."""
    folder = tmp_path_factory.mktemp("data")
    hostile = folder / "hostile.txt"
    hostile.write_text(f"{HOSTILE}\nThe man chased the dog\n")
    with Service(Settings(data=folder / "data", cache=cache), "test") as service:
        ingest(service.store, service.embedder, "words", [WORDS], "words")
        ingest(service.store, service.embedder, "sentences", [SENTENCES, hostile], "sentences")
    return folder / "data"


@pytest.fixture
def service(data: Path, cache: Path) -> Iterator[Service]:
    """A service on it."""
    with Service(Settings(data=data, cache=cache), "test") as opened:
        yield opened


def test_a_list_shows_similarity_source_and_cautions(service: Service) -> None:
    """Who looks a sentence up in a notebook is warned of its opposite there, too."""
    shown = service.search("The dog chased the man", "sentences")._repr_html_()
    assert "role-swap: " in shown
    assert f"{SENTENCES}:" in shown
    assert "of random pairs" in shown


def test_what_is_shown_is_text(service: Service) -> None:
    """A passage or a query that looks like a tag is none."""
    shown = service.search(HOSTILE, "sentences")._repr_html_()
    assert "&lt;img src=x" in shown
    assert "<img" not in shown


def test_an_answer_shows_what_it_rests_on_and_what_it_is_worth(service: Service) -> None:
    """Each span with its place, and how often such answers are wrong."""
    said = service.answer("Who chased the man?", "sentences", chat="extractive")
    shown = said._repr_html_()
    assert said.citations
    assert all(f"{cited.source}:{cited.start}-{cited.end}" in shown for cited in said.citations)
    assert "extractive; " in shown
    assert "judge what they answer" in shown or "questions made from these notes" in shown


def test_an_answer_that_cannot_be_believed_says_so() -> None:
    """In words, with all of them escaped."""
    judged = Judgement(answerable=True, probability=0.5, false_answer=0.11, false_refusal=0.07, questions=1_200)
    caution = Caution("number", "3 here, 4 in the source")
    said = Answer(
        question="?",
        searched=("?",),
        answer=f"{HOSTILE}\nIt is 3.",
        refused=False,
        citations=(Citation(1, "a", "a.md", 3, 8, HOSTILE, 0.9),),
        model="openai:x",
        statements=(
            Statement(0, 5, (), None, supported=False),
            Statement(6, 9, (1,), 0.3, supported=False, cautions=(caution,)),
        ),
        broken="the model went away",
        judgement=judged,
    )
    shown = said._repr_html_()
    assert "<img" not in shown
    assert "<br>It is 3." in shown
    assert "not whole: the model went away" in shown
    assert "cites nothing" in shown
    assert "is not what it cites says" in shown
    assert "number: 3 here, 4 in the source" in shown
    assert "on 1,200 questions made from these notes, 11% of those without an answer were answered, and 7%" in shown


def test_a_comparison_shows_each_with_each_and_its_cautions(service: Service) -> None:
    """By the places that the cautions name."""
    shown = service.compare(["The dog chased the man", "The man chased the dog", HOSTILE])._repr_html_()
    assert shown.count("1.000") == 3
    assert "role-swap between 1 and 2: " in shown
    assert "<img" not in shown


def test_a_map_shows_its_picture_and_how_far_to_believe_it(service: Service) -> None:
    """The picture is part of the page, and asks for nothing else."""
    shown = service.draw_map("words")._repr_html_()
    assert 'src="data:image/png;base64,' in shown
    assert "trustworthiness 0." in shown
    assert "stability" in shown
    assert "http" not in shown


def test_a_notebook_shows_lists_and_maps_by_themselves(
    data: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook that is run from end to end has both among its outputs."""
    monkeypatch.setenv("NEARHOOD_CACHE", str(cache))
    monkeypatch.setenv("PYTHONPATH", str(Path(search.__file__).parents[1]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    cells = (
        f"from search import Service\nnotes = Service.at({str(data)!r})",
        "notes.search('a place by the water', 'words')",
        "notes.draw_map('words')",
        "notes.answer('Who chased the man?', 'sentences', chat='extractive')",
        "notes.close()",
    )
    code: list[dict[str, Any]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": c} for c in cells
    ]
    book = nbformat.from_dict({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})  # type: ignore[no-untyped-call] # it has no types
    NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    found, drawn, said = (cell.outputs[0]["data"]["text/html"] for cell in book.cells[1:4])
    assert "of random pairs" in found
    assert "data:image/png;base64," in drawn
    assert "The man was chased by the dog" in said


def test_each_name_of_the_library_is_there(service: Service) -> None:
    """What `search` offers can be imported, and nothing else is promised."""
    assert all(getattr(search, name).__doc__ for name in search.__all__)
    assert {*dir(search)} >= {*search.__all__}
    with pytest.raises(InvalidInputError, match="no passage has a field 'nothing'"):
        service.search("x", "words", options=search.Options(where=search.where("nothing = 1")))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = search.nothing


def test_the_library_itself_imports_nothing() -> None:
    """Its parts come when they are asked for."""
    code = "import sys, search; print(*(name for name in ('numpy', 'search.service') if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
