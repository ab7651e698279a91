"""The command prints the report card, for people and as JSON."""

import json
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.sync import ingest
from search.errors import InvalidInputError, NearhoodError, SourceError
from search.service import Service
from search.settings import Settings
from tests.search.evaluate.folders import BIRDS, QUERIES, write
from ui.evaluation import evaluate

Told = Callable[..., str]


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """The local model over an empty data folder."""
    with Service(settings, "test") as service:
        yield service


@pytest.fixture
def told(service: Service, capsys: pytest.CaptureFixture[str]) -> Told:
    """Run the command to its end, and return what it printed."""

    def run(path: Path | None = None, *, json: bool = False, **more: Any) -> str:
        given = {"collection": None, "save": None, "against": None} | more
        assert evaluate(service, Namespace(path=path and str(path), json=json, **given)) == 0
        return capsys.readouterr().out

    return run


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """A file of pairs."""
    path = tmp_path / "pairs.tsv"
    path.write_text("a cat sleeps\tthe cat is asleep\t5\na cat sleeps\ta dog sleeps\t3\na cat sleeps\ttax law\t0\n")
    return path


def test_a_folder_prints_a_table(told: Told, tmp_path: Path) -> None:
    """Each mode with its intervals, the differences between them, and what was left out."""
    printed = told(write(tmp_path / "tiny"))
    assert printed.startswith("tiny: 3 queries, 4 documents, local:all-MiniLM-L6-v2\n")
    assert "nDCG@10" in printed
    assert "dense    1.000 [1.000, 1.000]" in printed
    assert "hybrid against dense    nDCG@10" in printed
    assert "left out: 1 queries, 1 documents" in printed


def test_a_folder_as_json(told: Told, tmp_path: Path) -> None:
    """As designed, with follow-up questions where there are any."""
    history = [{"role": "user", "content": "otters"}]
    queries = [
        *QUERIES,
        {"_id": "5", "text": "when do they hunt", "history": history, "rewrite": "when do otters hunt"},
    ]
    folder = write(tmp_path / "tiny", queries=queries, judgements=[("1", "heron", 1), ("5", "otter", 1)])
    value = json.loads(told(folder, json=True))
    assert set(value["modes"]) == {"dense", "lexical", "hybrid"}
    assert set(value["modes"]["hybrid"]) == {"nDCG@10", "Recall@100", "MRR@10"}
    assert set(value["modes"]["hybrid"]["MRR@10"]) == {"value", "low", "high"}
    assert set(value["follow_up"]) == {"last_turn", "joined", "condensed", "rewrite"}
    assert "follow-up, hybrid" in told(folder)


def test_pairs_as_text_and_as_json(told: Told, pairs: Path) -> None:
    """Spearman with its interval, and how many pairs there are."""
    assert "Spearman 1.000 [" in told(pairs)
    value = json.loads(told(pairs, json=True))
    assert value["spearman"]["value"] == pytest.approx(1)
    assert value["pairs"] == 3


def test_a_collection_is_evaluated_without_a_path(told: Told, service: Service, tmp_path: Path) -> None:
    """The only one there is, or the one that is named; by kind of question, too."""
    (tmp_path / "birds.md").write_text(BIRDS)
    ingest(service.store, service.embedder, "birds", [tmp_path / "birds.md"])
    assert "held-out sentences" in told()
    value = json.loads(told(collection="birds", json=True))
    assert value["name"] == "birds"
    assert set(value["by_kind"]) == set(value["kinds"]) == {"heading", "sentence"}
    assert value["differences"]["modes"][0]["metrics"]["MRR@10"]["verdict"] == "no difference"


@pytest.mark.parametrize("kind", ["folder", "pairs"])
def test_cards_are_saved_and_compared(told: Told, pairs: Path, tmp_path: Path, kind: str) -> None:
    """The same set again makes no difference."""
    path, card = write(tmp_path / "tiny") if kind == "folder" else pairs, str(tmp_path / "card.json")
    told(path, save=card)
    printed = told(path, against=card)
    assert "against the card of" in printed
    assert "no difference" in printed
    value = json.loads(told(path, against=card, json=True))["against"]
    assert value["embedder"] == "local:all-MiniLM-L6-v2"
    assert ("spearman" in value) == (kind == "pairs")


def test_pairs_and_rankings_cannot_be_compared(told: Told, pairs: Path, tmp_path: Path) -> None:
    """The one has an order of pairs, the other ranks of passages."""
    told(pairs, save=str(tmp_path / "card.json"))
    with pytest.raises(InvalidInputError, match="cannot be compared"):
        told(write(tmp_path / "tiny"), against=str(tmp_path / "card.json"))


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"path": Path("/nowhere/at all")}, SourceError, "no such folder or file"),
        ({"path": Path("/dev")}, SourceError, "corpus.jsonl: cannot be read"),
        ({"path": Path("/dev/null")}, SourceError, "has 0 pairs"),
        ({"path": Path("/dev/null"), "collection": "notes"}, InvalidInputError, "leave out PATH or -c"),
        ({"against": "/nowhere.json"}, SourceError, "cannot be read"),
        ({"save": "/nowhere/card.json"}, InvalidInputError, "there is no folder /nowhere"),
        ({"save": "/dev"}, InvalidInputError, "it is a folder"),
        ({"collection": "none"}, NearhoodError, "no collection 'none'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    told: Told, given: dict[str, Any], error: type[NearhoodError], says: str
) -> None:
    """With an error that the command maps to its exit code."""
    with pytest.raises(error, match=says) as refused:
        told(**given)
    assert "\n" not in str(refused.value)


def test_refusals_are_judged_where_people_said_what_is_answered(told: Told, tmp_path: Path) -> None:
    """A query that nothing answers needs no judgement; with four documents no gate is fitted, which is said."""
    queries = [
        *(query | {"answerable": True} for query in QUERIES),
        {"_id": "9", "text": "tax law", "answerable": False},
    ]
    value = json.loads(told(write(tmp_path / "tiny", queries=queries), json=True))
    assert set(value["refusal"]) == {"auroc", "false_answer", "false_refusal", "answerable", "unanswerable", "fitted"}
    assert value["refusal"]["auroc"]["value"] > 0.5
    assert (value["refusal"]["unanswerable"], value["refusal"]["fitted"]) == (1, False)
    assert value["refusal"]["false_answer"]["value"] == 1
    printed = told(tmp_path / "tiny")
    assert "AUROC" in printed
    assert "nothing is refused" in printed
