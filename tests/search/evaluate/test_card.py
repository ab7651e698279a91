"""Cards are kept, and what became better or worse between two of them is said question by question."""

import json
from pathlib import Path

import numpy as np
import pytest

from search.errors import InvalidInputError, SourceError
from search.evaluate.card import MODES, Card
from search.evaluate.keep import load, save
from search.evaluate.table import Table


def _table(texts: list[str], **scores: list[list[float]]) -> Table:
    columns = {way: np.array(rows) for way, rows in scores.items()}
    return Table(tuple(("query", text) for text in texts), ("MRR@10", "nDCG@10"), columns)


def _card(table: Table) -> Card:
    return Card("set", "local", 7, "hybrid", {MODES: table})


TEXTS = [str(n) for n in range(20)]
LOW, HIGH = [[0.2, 0.3]] * 20, [[0.5, 0.3]] * 20


def test_ways_are_set_beside_each_other() -> None:
    """Each beside those before it, metric by metric."""
    (between,) = _table(TEXTS, dense=LOW, hybrid=HIGH).between()
    assert (between.way, between.than, between.questions) == ("hybrid", "dense", 20)
    assert {name: d.verdict for name, d in between.metrics.items()} == {"MRR@10": "better", "nDCG@10": "no difference"}


def test_an_earlier_card_is_met_over_common_questions() -> None:
    """Whatever their order, and whatever else each of the two was asked."""
    earlier = _card(_table([*TEXTS[::-1], "gone"], dense=[*LOW, [1, 1]]))
    (found,) = _card(_table([*TEXTS, "new"], dense=[*HIGH, [0, 0]], hybrid=[*HIGH, [0, 0]])).against(earlier)[MODES]
    assert (found.way, found.questions) == ("dense", 20)
    assert found.metrics["MRR@10"].value == pytest.approx(0.3)
    assert found.metrics["MRR@10"].verdict == "better"


def test_a_question_that_is_asked_twice_meets_itself_twice() -> None:
    """First with first, and second with second."""
    one = _table(["a", "a", "b"], dense=[[0, 0], [1, 1], [0, 0]])
    other = _table(["a", "b", "a"], dense=[[0, 0], [0, 0], [1, 1]])
    (found,) = one.against(other)
    assert found.questions == 3
    assert found.metrics["MRR@10"].value == 0


def test_questions_of_another_kind_are_others() -> None:
    """A heading and a sentence of the same words."""
    one = Table((("heading", "a"),), ("MRR@10",), {"dense": np.ones((1, 1))})
    other = Table((("sentence", "a"),), ("MRR@10",), {"dense": np.ones((1, 1))})
    with pytest.raises(InvalidInputError, match="no question of 'set'"):
        _card(one).against(_card(other))


def test_a_card_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    """With questions that could not be asked in every way."""
    card = _card(_table(["a", "ü"], dense=[[0.1, 1 / 3], [1, 0]], rewrite=[[np.nan, np.nan], [0.5, 0.5]]))
    save(card, tmp_path / "card.json")
    kept = load(tmp_path / "card.json")
    assert isinstance(kept, Card)
    assert (kept.name, kept.embedder, kept.documents, kept.default) == ("set", "local", 7, "hybrid")
    assert kept.tables[MODES].asked == card.tables[MODES].asked
    for way, scores in card.tables[MODES].scores.items():
        assert np.array_equal(kept.tables[MODES].scores[way], scores, equal_nan=True)
    assert kept.tables[MODES].summary()["rewrite"]["MRR@10"].value == 0.5


def test_a_way_that_no_question_took_has_no_mean() -> None:
    """Nothing is made up for it."""
    table = _table(["a"], dense=[[1, 1]], rewrite=[[np.nan, np.nan]])
    assert list(table.summary()) == ["dense"]
    assert [(between.questions, between.metrics) for between in table.between()] == [(0, {})]


def _spoilt(**change: object) -> str:
    return json.dumps(_card(_table(["a"], dense=[[1, 1]])).to_json() | change)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"card": []}',
        '{"card": "other"}',
        "[" * 100_000,
        _spoilt(tables=None),
        _spoilt(
            tables={
                MODES: {"metrics": ["m"], "ways": ["dense"], "questions": [{"kind": "q", "text": "t", "scores": {}}]}
            }
        ),
        _spoilt(
            tables={
                MODES: {
                    "metrics": ["m"],
                    "ways": ["d"],
                    "questions": [{"kind": "q", "text": "t", "scores": {"d": [1, 2]}}],
                }
            }
        ),
        _spoilt(
            tables={
                MODES: {
                    "metrics": ["m"],
                    "ways": ["d"],
                    "questions": [{"kind": "q", "text": "t", "scores": {"d": [1e999]}}],
                }
            }
        ),
    ],
)
def test_what_is_no_card_is_refused(tmp_path: Path, content: str) -> None:
    """In one line that names the file."""
    (tmp_path / "card.json").write_text(content)
    with pytest.raises(SourceError, match=r"card\.json: is no card that nearhood eval --save wrote"):
        load(tmp_path / "card.json")


def test_a_card_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Nor can one be written where no folder is."""
    with pytest.raises(SourceError, match="cannot be read"):
        load(tmp_path / "none.json")
    with pytest.raises(InvalidInputError, match="cannot be written"):
        save(_card(_table(["a"], dense=[[1, 1]])), tmp_path / "none" / "card.json")
