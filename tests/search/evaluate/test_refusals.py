"""Refusals are judged by questions of which people said whether they are answered."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from search.chat.refusal import QUESTIONS
from search.evaluate.judged import evaluate_folder
from search.evaluate.refusal import Labelled, auroc, evaluate_refusal, rates, resampled
from search.evaluate.shelf import Shelf
from search.retrieve.options import Term
from search.service import Service
from tests.search.chat.notes import NOTES
from tests.search.evaluate.folders import write

TOLD = [
    ("Who opened the bakery in Mill Street?", True),
    ("When was the lighthouse on Gull Island lit for the first time?", True),
    ("How many pupils does the village school have?", True),
    ("Which enzyme copies DNA?", False),
    ("How do transformers attend to earlier tokens?", False),
]
ASKED = [((Term(text, 1.0),), answerable) for text, answerable in TOLD]
TEXTS = [(f"{source}-{place}", text) for source, texts in NOTES.items() for place, text in enumerate(texts)]


def test_a_folder_of_labelled_questions_is_judged(shelf: Shelf) -> None:
    """By a gate that is fitted on its documents, without the labels."""
    asked = Labelled.of(shelf, ASKED)
    assert asked is not None
    with shelf.collection(TEXTS) as collection:
        card = evaluate_refusal(collection, shelf, asked)
    assert (card.auroc.value, card.false_answer.value, card.false_refusal.value) == (1.0, 0.0, 0.0)
    assert (card.answerable, card.unanswerable, card.fitted) == (3, 2, True)


def test_a_follow_up_question_is_judged_by_what_is_searched_for_it(
    shelf: Shelf, service: Service, tmp_path: Path
) -> None:
    """By itself it would be refused; a second time nothing is embedded, not even what the gate rehearses on."""
    history = [{"role": "user", "content": "When was the lighthouse on Gull Island lit for the first time?"}]
    asked = {"_id": "a", "text": "What did it run on?", "history": history, "answerable": True}
    other = {"_id": "b", "text": "Which enzyme copies DNA?", "answerable": False}
    documents = [{"_id": name, "text": text} for name, text in TEXTS]
    folder = write(tmp_path / "f", documents, [asked, other], [("a", TEXTS[0][0], 1)])
    first, second = evaluate_folder(shelf, folder), evaluate_folder(Shelf(service.store, service.embedder), folder)
    assert first.refusal is not None
    assert (first.refusal.false_refusal.value, first.refusal.fitted) == (0.0, True)
    assert second.embedded == 0
    assert first.embedded > QUESTIONS
    alone = Labelled.of(shelf, [((Term(str(q["text"]), 1.0),), bool(q["answerable"])) for q in (asked, other)])
    assert alone is not None
    with shelf.collection(TEXTS) as collection:
        assert evaluate_refusal(collection, shelf, alone).false_refusal.value == 1.0


def test_too_few_documents_refuse_nothing(shelf: Shelf) -> None:
    """And the card says so."""
    asked = Labelled.of(shelf, ASKED)
    assert asked is not None
    with shelf.collection(TEXTS[:3]) as collection:
        card = evaluate_refusal(collection, shelf, asked)
    assert (card.false_answer.value, card.false_refusal.value, card.fitted) == (1.0, 0.0, False)


@pytest.mark.parametrize("asked", [[], ASKED[:2], ASKED[3:]])
def test_one_kind_of_question_tells_nothing(shelf: Shelf, asked: list[tuple[tuple[Term, ...], bool]]) -> None:
    """Neither rate has a meaning then."""
    assert Labelled.of(shelf, asked) is None


@given(st.integers(0, 1_000), st.integers(3, 40))
def test_the_area_is_scikit_learns(seed: int, n: int) -> None:
    """Over resamples, too."""
    rng = np.random.default_rng(seed)
    answerable = rng.random(n) < 0.5
    answerable[:2] = True, False
    scores = np.round(rng.normal(size=n), 1)
    counts = rng.integers(1, 4, n)
    assert auroc(answerable, scores) == roc_auc_score(answerable, scores)
    (drawn,) = resampled(answerable, scores, counts[np.newaxis])
    assert drawn == pytest.approx(roc_auc_score(answerable, scores, sample_weight=counts))


def test_rates_are_shares_of_their_kind() -> None:
    """Of the unanswerable questions those answered, and of the answerable ones those refused."""
    answerable = np.array([True] * 4 + [False] * 5)
    refused = np.array([True, False, False, False, True, True, True, False, False])
    card = rates(answerable, np.where(refused, 0.1, 0.9), refused)
    assert (card.false_answer.value, card.false_refusal.value) == (0.4, 0.25)
    assert card.false_answer.low <= 0.4 <= card.false_answer.high
    assert card.summary()["auroc"]["value"] == card.auroc.value
