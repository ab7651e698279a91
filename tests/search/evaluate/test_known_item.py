"""A collection is asked for what is known to be in it."""

from pathlib import Path

import pytest

from ingest.sync import Wish, ingest, sync
from search.errors import CollectionNotFoundError, EmbedderMismatchError, InvalidInputError
from search.evaluate.card import MODES, Card
from search.evaluate.keep import load, save
from search.evaluate.known_item import (
    HEADING,
    MOST,
    SENTENCE,
    evaluate_collection,
    heading_questions,
    held_out_sentences,
)
from search.evaluate.shelf import Shelf
from search.service import Service
from search.types import Passage
from tests.search.evaluate.folders import BIRDS, MONEY


@pytest.fixture
def notes(service: Service, tmp_path: Path) -> Service:
    """Two files of notes as the collection `notes`."""
    (tmp_path / "birds.md").write_text(BIRDS)
    (tmp_path / "money.md").write_text(MONEY)
    ingest(service.store, service.embedder, "notes", [tmp_path / "birds.md", tmp_path / "money.md"])
    return service


def _passage(id_: str, text: str, heading: str | None = None, source: str = "s") -> Passage:
    return Passage(id_, source, 0, text, 0, len(text), {} if heading is None else {"heading": heading})


def _evaluated(service: Service) -> Card:
    return evaluate_collection(Shelf(service.store, service.embedder), "notes")


def test_a_heading_asks_for_the_passages_under_it() -> None:
    """By its own words, and with those above it where several places share them."""
    passages = [
        _passage("1", "x", "Book > Owning"),
        _passage("2", "x", "Book > Owning"),
        _passage("3", "x", "Book > Owning > Summary"),
        _passage("4", "x", "Book > Lending > Summary"),
        _passage("5", "x", "Preface", source="a"),
        _passage("6", "x", "preface", source="b"),
        _passage("7", "x", "Book > ***"),
        _passage("8", "x"),
    ]
    asked = {question.text: set(question.relevant) for question in heading_questions(passages)}
    assert asked == {"Owning": {"1", "2"}, "Book Owning Summary": {"3"}, "Book Lending Summary": {"4"}}


def test_a_sentence_is_taken_out_of_its_passage() -> None:
    """What is left is the passage without it."""
    kept, taken = "It waits there for many hours.", "The grey heron stands in\nshallow water all day long."
    (found,) = held_out_sentences([_passage("1", f"{taken} Oh! {kept}")])
    rests = {"The grey heron stands in shallow water all day long.": f"Oh! {kept}", kept: f"{taken} Oh!"}
    assert " ".join(found.passage.text.split()) == " ".join(rests[found.sentence].split())
    assert found.passage.id == "1"


@pytest.mark.parametrize(
    "texts",
    [
        ["One sentence with nothing at all beside it."],
        ["Too short. Far too short. Oh."],
        ["let x = [1, 2, 3]; y = f(x)[0]; # {a: 1}! They say so."],
        ["This sentence stands in two places, so it asks for neither. Yes."] * 2,
        ["# A heading of six words or more\n\nshort text"],
    ],
)
def test_some_sentences_ask_for_nothing(texts: list[str]) -> None:
    """Those without a rest, without enough words, of code, of two passages, and headings."""
    assert held_out_sentences([_passage(str(i), text) for i, text in enumerate(texts)]) == []


def test_chinese_sentences_are_held_out() -> None:
    """A character is a word."""
    (found,) = held_out_sentences([_passage("1", "苍鹭站在浅水里等鱼游过来。 它用长长的嘴一下子抓住鱼。")])
    assert found.sentence in {"苍鹭站在浅水里等鱼游过来。", "它用长长的嘴一下子抓住鱼。"}


def test_another_splitter_is_asked_much_the_same() -> None:
    """Lots are drawn by the sentences' own words, whatever the passages are."""
    lines = [
        f"The number {n} comes after the number {n - 1} in this list. It is a number that many people like."
        for n in range(1, 500)
    ]
    lines = [line.replace("It is a number", f"Number {n} is one") for n, line in enumerate(lines)]
    short = [_passage(str(i), line) for i, line in enumerate(lines)]
    long = [_passage(str(i), " ".join(lines[i : i + 2])) for i in range(0, len(lines), 2)]
    asked, other = ({found.sentence for found in held_out_sentences(some)} for some in (short, long))
    assert len(asked) == MOST
    assert len(asked & other) > MOST / 2


def test_a_collection_is_its_own_judge(notes: Service) -> None:
    """Headings find their passages, sentences what they were taken out of; nothing of it stays."""
    before = notes.collections()
    card = _evaluated(notes)
    assert set(card.tables[MODES].kinds) == {HEADING, SENTENCE}
    assert card.tables[MODES].summary()["hybrid"]["Success@10"].value == 1
    assert card.documents == before[0].passages
    assert notes.collections() == before
    assert notes.store.names() == ["notes"]


def test_a_second_time_nothing_is_embedded(notes: Service) -> None:
    """The questions and the passages without a sentence were kept; and the scores are the same."""
    first, second = _evaluated(notes), _evaluated(notes)
    asked = first.tables[MODES].kinds
    assert first.embedded == asked[HEADING] + 2 * asked[SENTENCE]
    assert second.embedded == 0
    assert first.summary()["modes"] == second.summary()["modes"]


def test_the_same_again_is_no_difference(notes: Service, tmp_path: Path) -> None:
    """Nothing, where nothing changed."""
    card = _evaluated(notes)
    save(card, tmp_path / "card.json")
    kept = load(tmp_path / "card.json")
    assert isinstance(kept, Card)
    same = card.against(kept)[MODES]
    assert [between.questions for between in same] == [len(card.tables[MODES].asked)] * 3
    assert {d.verdict for between in same for d in between.metrics.values()} == {"no difference"}


def test_a_list_of_words_has_nothing_to_ask(service: Service, tmp_path: Path) -> None:
    """And says what to do instead."""
    (tmp_path / "words.txt").write_text("bank\nriver\n")
    sync(service.store, service.embedder, "notes", Wish([tmp_path / "words.txt"]))
    with pytest.raises(InvalidInputError, match="run nearhood eval DIR"):
        _evaluated(service)
    assert service.store.names() == ["notes"]


def test_a_collection_has_to_be_there(service: Service) -> None:
    """And made by the configured embedder."""
    with pytest.raises(CollectionNotFoundError):
        _evaluated(service)
    service.store.create("notes", "other:model", 3)
    with pytest.raises(EmbedderMismatchError):
        _evaluated(service)
