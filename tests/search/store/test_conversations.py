"""Conversations outlive the process and another embedder, and go with their collection and their sources."""

from dataclasses import replace
from pathlib import Path

import pytest

from search.errors import SourceNotFoundError
from search.store.conversations import GONE, ConversationNotFoundError, Conversations, markdown
from search.store.ledger import Record
from search.store.purge import purge
from search.store.store import Store
from search.types import Answer, Citation, Passage
from search.vectors import unit

CITED = Citation(1, "a-0", "/a.txt", 0, 8, "A quote.", 0.9)
ANSWER = Answer("What is it?", ("What is it?",), "A thing. [1]", refused=False, citations=(CITED,), model="extractive")


def _fill(store: Store) -> int:
    collection = store.create("things", "test:2", 2)
    store.begin_source(collection, "/a.txt")
    passage = Passage("a-0", "/a.txt", 0, "A quote.", 0, 8)
    store.put(collection, [Record(passage, b"k")], [b"k"], unit([[1.0, 0.0]]), 1)
    return collection.row.number


def _begin(store: Store) -> int:
    number = store.conversations.begin(_fill(store), "What  is\nit?")
    store.conversations.add(number, ANSWER)
    return number


def test_a_conversation_is_there_after_reopening(tmp_path: Path) -> None:
    """With its title, its turns and what they rest on."""
    with Store(tmp_path, 2**30, "test") as store:
        number = _begin(store)
    with Store(tmp_path, 2**30, "test") as store:
        info = store.conversations.get(number)
        assert (info.collection, info.title, info.turns) == ("things", "What is it?", 1)
        (said,) = store.conversations.turns(number)
        assert said.answer["citations"][0]["quote"] == "A quote."


def test_turns_keep_their_order_and_can_be_cut(tmp_path: Path) -> None:
    """As when a question is asked again."""
    with Store(tmp_path, 2**30, "test") as store:
        number = _begin(store)
        for question in ("And then?", "Why?"):
            store.conversations.add(number, replace(ANSWER, question=question))
        store.conversations.cut(number, 2)
        assert [said.question for said in store.conversations.turns(number)] == ["What is it?", "And then?"]


def test_names_can_be_changed_and_conversations_deleted(tmp_path: Path) -> None:
    """A deleted one is not there, and neither is one that never was."""
    with Store(tmp_path, 2**30, "test") as store:
        number = _begin(store)
        store.conversations.rename(number, "Things")
        assert store.conversations.get(number).title == "Things"
        store.conversations.delete(number)
        assert store.conversations.infos() == []
        with pytest.raises(ConversationNotFoundError):
            store.conversations.get(number)


def test_conversations_go_with_their_collection(tmp_path: Path) -> None:
    """What was said about notes that are gone is gone."""
    with Store(tmp_path, 2**30, "test") as store:
        number = _begin(store)
        store.drop("things")
        assert store.conversations.infos() == []
        assert store.conversations.turns(number) == []


def test_purging_a_source_purges_what_was_said_of_it(tmp_path: Path) -> None:
    """The question stays; nothing of the source does."""
    with Store(tmp_path, 2**30, "test") as store:
        number = _begin(store)
        store.purge_source("/a.txt", ["things"])
        assert store.conversations.turns(number)[0].answer["answer"] == GONE
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"A quote." in path.read_bytes()]


def test_what_was_said_of_a_source_follows_its_name(tmp_path: Path) -> None:
    """Its passages are found by it, and a purge by the new name finds the answer."""
    with Store(tmp_path, 2**30, "test") as store:
        number = _begin(store)
        store.rename_source(store.collection("things"), "/a.txt", "/b.txt", "b")
        (citation,) = store.conversations.turns(number)[0].answer["citations"]
        assert (citation["source"], citation["id"], citation["quote"]) == ("/b.txt", "b-0", "A quote.")
        assert store.collection("things").get("b-0").passage.source == "/b.txt"
        purge(store, "/b.txt")
        assert store.conversations.turns(number)[0].answer["answer"] == GONE


def test_what_was_said_of_a_source_that_left_can_be_purged(tmp_path: Path) -> None:
    """It is in no collection any more, but its quotes are here; one that nobody speaks of is not found."""
    with Store(tmp_path, 2**30, "test") as store:
        number = _begin(store)
        store.remove_source(store.collection("things"), "/a.txt")
        assert purge(store, "/a.txt").collections == ("things",)
        assert store.conversations.turns(number)[0].answer["answer"] == GONE
        assert store.sources.count_orphans() == 0
        with pytest.raises(SourceNotFoundError):
            purge(store, "/a.txt")


def test_an_answer_that_is_written_during_a_purge_is_not_kept(tmp_path: Path) -> None:
    """It rests on what is gone when it is whole."""
    with Store(tmp_path, 2**30, "test") as store:
        number = _begin(store)
        answer = replace(ANSWER, question="And then?")
        store.purge_source("/a.txt", ["things"])
        store.conversations.add(number, answer)
        assert [said.answer["answer"] for said in store.conversations.turns(number)] == [GONE, GONE]
        assert store.conversations.turns(number)[1].question == "And then?"


def test_markdown_has_questions_answers_and_quotes(tmp_path: Path) -> None:
    """All that there is to see."""
    with Store(tmp_path, 2**30, "test") as store:
        number = _begin(store)
        conversations: Conversations = store.conversations
        text = markdown(conversations.get(number), conversations.turns(number))
    assert "## What is it?" in text
    assert "A thing. [1]" in text
    assert "1. /a.txt, 0 to 8:\n   > A quote." in text
