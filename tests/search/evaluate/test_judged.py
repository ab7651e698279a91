"""A folder of judged queries is asked through the ranking that searches use."""

import json
from pathlib import Path

import numpy as np
import pytest

from ingest.sync import ingest
from search.errors import SourceError
from search.evaluate.card import FOLLOW_UP, MODES, Card
from search.evaluate.judged import FORMS, evaluate_folder
from search.evaluate.shelf import Shelf
from search.retrieve.fuse import Mode
from search.retrieve.options import Options, Term
from search.service import Service
from tests.search.evaluate.folders import DOCUMENTS, QUERIES, write

HISTORY = [{"role": "user", "content": "tell me about the otter"}, {"role": "assistant", "content": "Bread is baked."}]
FOLLOW_UP_QUERY = {"_id": "5", "text": "what does it do at night", "history": HISTORY}


def _means(card: Card, table: str = MODES) -> dict[str, list[float]]:
    summary = card.tables[table].summary()
    return {way: [interval.value for interval in row.values()] for way, row in summary.items()}


def test_scores_equal_values_worked_out_by_hand(shelf: Shelf, tmp_path: Path) -> None:
    """By meaning each query finds its documents first, the better one before the other."""
    card = evaluate_folder(shelf, write(tmp_path / "tiny"))
    assert _means(card)["dense"] == pytest.approx([1, 1, 1])
    assert (card.documents, card.left_out) == (4, {"queries": 1, "documents": 1})
    assert list(card.tables[MODES].scores) == ["dense", "lexical", "hybrid"]
    assert set(card.tables) == {MODES}


def test_a_second_time_nothing_is_embedded(shelf: Shelf, service: Service, tmp_path: Path) -> None:
    """Neither documents nor queries, and the scores are the same."""
    folder = write(
        tmp_path / "tiny", queries=[*QUERIES, FOLLOW_UP_QUERY], judgements=[("1", "heron", 1), ("5", "otter", 1)]
    )
    first, second = evaluate_folder(shelf, folder), evaluate_folder(Shelf(service.store, service.embedder), folder)
    # Of the follow-up question also the joined turns, and the two that fill in what it leaves open.
    assert (first.embedded, second.embedded) == (4 + 2 + 3, 0)
    assert _means(first) == _means(second)
    assert service.store.names() == []


def test_vectors_that_an_ingest_made_are_used(shelf: Shelf, service: Service, tmp_path: Path) -> None:
    """And the other way round: what was evaluated need not be embedded to be taken in."""
    folder = write(
        tmp_path / "tiny",
        [{"_id": "x", "text": "an otter"}, {"_id": "y", "text": "a loan"}],
        judgements=[("1", "x", 1)],
    )
    (tmp_path / "otter.txt").write_text("an otter\n")
    ingest(service.store, service.embedder, "notes", [tmp_path / "otter.txt"], "words")
    assert evaluate_folder(shelf, folder).embedded == 1 + 1
    (tmp_path / "otter.txt").write_text("an otter\na loan\n")
    assert ingest(service.store, service.embedder, "notes", [tmp_path / "otter.txt"], "words").embedded == 0


@pytest.mark.parametrize("mode", Mode)
def test_rankings_are_those_of_a_search(shelf: Shelf, service: Service, tmp_path: Path, mode: Mode) -> None:
    """The first relevant hit of a search stands where the metric says."""
    lines = [f"{place} {kind}" for kind in ("fish", "bread", "money") for place in ("river", "house", "bank", "table")]
    (tmp_path / "lines.txt").write_text("\n".join(lines))
    ingest(service.store, service.embedder, "lines", [tmp_path / "lines.txt"], "sentences")
    documents = [{"_id": line, "text": line} for line in lines]
    queries = [
        {"_id": str(i), "text": text} for i, text in enumerate(["eating by the river", "bank", "a house of bread"])
    ]
    for target in ("river bread", "table money", "house bread"):
        folder = write(tmp_path / target, documents, queries, [(str(i), target, 1) for i in range(3)])
        scores = evaluate_folder(shelf, folder).tables[MODES].scores[mode.value][:, 2]
        found = [service.search(q["text"], "lines", 10, Options(mode=mode)).hits for q in queries]
        expected = [sum(1 / hit.rank for hit in hits if hit.text == target) for hits in found]
        assert scores == pytest.approx(expected)


def test_the_whole_of_a_document_counts(shelf: Shelf, tmp_path: Path) -> None:
    """Its title alone may answer."""
    documents = [*DOCUMENTS, {"_id": "t", "title": "Volcanoes of Iceland", "text": ""}]
    folder = write(tmp_path / "f", documents, [{"_id": "1", "text": "volcanoes"}], [("1", "t", 1)])
    assert _means(evaluate_folder(shelf, folder)) == dict.fromkeys(
        ["dense", "lexical", "hybrid"], pytest.approx([1, 1, 1])
    )


def test_a_relevant_document_without_a_text_is_never_found(shelf: Shelf, tmp_path: Path) -> None:
    """It counts as missed, and breaks nothing."""
    folder = write(tmp_path / "f", judgements=[("1", "heron", 1), ("1", "void", 1)])
    assert _means(evaluate_folder(shelf, folder))["dense"][1:] == pytest.approx([1 / 2, 1])


def test_follow_up_questions_are_asked_in_each_form(shelf: Shelf, tmp_path: Path) -> None:
    """What it is that does something at night only the user's turns before tell; the answers between say of bread."""
    queries = [QUERIES[0], FOLLOW_UP_QUERY | {"rewrite": "what do otters do at night"}, FOLLOW_UP_QUERY | {"_id": "6"}]
    folder = write(
        tmp_path / "f", queries=queries, judgements=[("1", "heron", 1), ("5", "otter", 1), ("6", "otter", 1)]
    )
    table = evaluate_folder(shelf, folder).tables[FOLLOW_UP]
    assert list(table.scores) == ["last_turn", "joined", "condensed", "rewrite"]
    assert table.scores["joined"][:, 2].tolist() == [1, 1]
    assert table.scores["condensed"][:, 2].tolist() == [1, 1]
    assert table.scores["rewrite"][0, 2] == 1
    assert np.isnan(table.scores["rewrite"][1]).all()
    assert [between.questions for between in table.between()] == [2, 2, 1, 2, 1, 1]


def test_a_form_can_be_added(shelf: Shelf, tmp_path: Path) -> None:
    """As a chat model's wording would be."""
    folder = write(tmp_path / "f", queries=[FOLLOW_UP_QUERY], judgements=[("5", "otter", 1)])
    forms = {**FORMS, "model": lambda query: (Term(query.history[0].content, 0.5), Term(query.text, 0.5))}
    card = evaluate_folder(shelf, folder, forms)
    assert list(card.tables[FOLLOW_UP].scores) == ["last_turn", "joined", "condensed", "model"]
    assert set(card.summary()["follow_up"]["model"]) == {"nDCG@10", "Recall@100", "MRR@10"}


def test_a_bad_folder_leaves_nothing(shelf: Shelf, service: Service, tmp_path: Path) -> None:
    """No collection, and nothing was embedded for it."""
    with pytest.raises(SourceError):
        evaluate_folder(shelf, write(tmp_path / "f", judgements=[("1", "nobody", 1)]))
    assert service.store.names() == []
    assert shelf.embedded == 0


def test_the_summary_is_json_as_designed(shelf: Shelf, tmp_path: Path) -> None:
    """Each metric of each mode has a value with its interval."""
    summary = json.loads(json.dumps(evaluate_folder(shelf, write(tmp_path / "f")).summary()))
    assert {"value", "low", "high"} == set(summary["modes"]["hybrid"]["nDCG@10"])
    assert set(summary["modes"]["dense"]) == {"nDCG@10", "Recall@100", "MRR@10"}
    assert "follow_up" not in summary
    assert summary["queries"] == 3
