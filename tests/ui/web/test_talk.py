"""Conversations on the page: what is said, what it rests on, and nothing that leads out of it."""

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from search.chat.events import Asking
from search.service import Service
from search.settings import Settings
from search.store.conversations import Said
from search.types import Answer
from tests.openai_server import OpenAIServer, status
from tests.prepared import Prepared, Taken
from tests.search.chat.hostile_notes import NOTES
from ui.web import talk
from ui.web.answering import Sign
from ui.web.conversation import Conversation
from ui.web.tabs.ask import lines

TIDES = "The tide rises twice a day. The pull of the moon on the sea is what moves it. The sun helps it a little.\n"
BREAD = "Rye bread needs sour dough. It is baked for an hour at a falling heat.\n"
QUESTION = "What moves the tide?"
TAGS = {
    *("article", "blockquote", "button", "code", "details", "div", "em", "h2", "li", "mark", "ol", "p", "section"),
    *("span", "strong", "summary", "sup", "ul", "b"),
}
"""All that a conversation is made of."""


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> tuple[Taken, Taken]:
    """Two notes, and forty hostile ones."""
    folder = tmp_path_factory.mktemp("talk")
    (folder / "notes").mkdir()
    (folder / "notes" / "tides.md").write_text(TIDES)
    (folder / "notes" / "bread.md").write_text(BREAD)
    hostile = folder / "hostile.jsonl"
    hostile.write_text("\n".join(json.dumps({"text": note}) for note in NOTES))
    return Taken("notes", folder / "notes"), Taken("hostile", hostile, text=("text",))


@pytest.fixture
def service(
    settings: Settings, openai_server: OpenAIServer, collections: tuple[Taken, Taken], prepared: Prepared
) -> Iterator[Service]:
    """Both; a chat model over HTTP where one is asked for."""
    prepared(settings, *collections)
    known = replace(
        settings, chat="extractive", openai_api_key="sk-secret-0123456789", openai_base_url=openai_server.url
    )
    with Service(known, "test") as made:
        yield made


def _answered(page: Conversation, text: str, number: int = 0, where: str = "notes", **more: Any) -> tuple[Any, ...]:
    return list(page.answer(Sign(), where, number, text, more.pop("queries", ()), **more))[-1]


def _number(shown: tuple[Any, ...]) -> int:
    return int(shown[0].value)


def _is_closed(html: str) -> None:
    """Nothing but our own tags, and no address."""
    assert {tag.lower() for tag in re.findall(r"<\s*/?\s*([a-zA-Z][\w-]*)", html)} <= TAGS
    assert not re.search(r"<[^>]*\s(href|src|srcset|style|on\w+)\s*=", html, re.IGNORECASE)


def test_an_answer_and_its_sources_are_shown(service: Service) -> None:
    """The quote is marked within its passage, and the conversation is listed."""
    page = Conversation(service)
    first, *_ = page.answer(Sign(), "notes", 0, QUESTION, ())
    assert first[3] == ""
    past, said, sources, *_ = _answered(page, QUESTION)
    assert (f"{QUESTION} (1)", past.value) in past.choices
    assert "nh-cite" in said
    assert "<mark>The pull of the moon on the sea is what moves it.</mark>" in sources
    assert "tides.md" in sources
    _is_closed(said + sources)


def test_sources_are_read_without_their_marks() -> None:
    """Headings, which stand over them already, go; links keep their words, lists and bold type are shown as such."""
    passage = "# Tides\n\n## The moon\n\n- **Pull**: see [the moon](moon.md).\n\n- It <b>lifts</b> the sea."
    cited = {"n": 1, "id": "a", "source": "a.md", "start": 0, "end": 9, "quote": "- It <b>lifts</b> the sea."}
    answer = {"citations": [cited], "refused": False}
    html = talk.sources(0, answer, {"a": passage})
    assert (
        "<blockquote>• <strong>Pull</strong>: see the moon.\n<mark>• It &lt;b&gt;lifts&lt;/b&gt; the sea.</mark>"
        in html
    )


def test_code_and_tables_of_a_source_are_read_as_on_cards() -> None:
    """Fences go, links within them stay as they are typed, wherever the quote cuts the passage."""
    passage = (
        "> [!tip]\n> To embed:\n\n```md\n![[a.png]]\n```\n\nSo: ![[b.png|100]]\n\n| A | B |\n|---|---|\n| c | [[d|e]] |"
    )
    for quote in ("To embed:", "![[a.png]]", "So:"):
        cited = {"n": 1, "id": "x", "source": "/a.md", "start": 0, "end": 9, "quote": quote}
        html = talk.sources(0, {"citations": [cited], "refused": False}, {"x": passage})
        read = re.sub(r"<[^>]+>", "", html.partition("<blockquote>")[2].partition("</blockquote>")[0])
        assert [line for line in read.split("\n") if line] == [
            "Tip", "To embed:", "![[a.png]]", "So: b.png", "A · B", "c · e"
        ]  # fmt: skip
        assert f"<mark>{quote}</mark>" in html


def test_a_conversation_is_opened_again(service: Service) -> None:
    """Renamed, asked once more, edited, and deleted."""
    page = Conversation(service)
    number = _number(_answered(page, QUESTION))
    _answered(page, "How long is rye bread baked?", number)
    page.rename(number, " The  sea ")
    shown = page.shown("notes", number)
    assert shown[0].choices[1][0] == "The sea (2)"
    assert shown[1].count("<article") == 2
    assert page.sources(number, 0) != page.sources(number, 1) != ""
    assert page.sources(number, 7) == page.sources(number, -1) == ""
    assert page.before(number) == ("How long is rye bread baked?", 1)
    assert page.before(0) == ("", None)
    shown = _answered(page, "Does rye bread need sour dough?", number, after=1)
    assert [said.question for said in service.store.conversations.turns(number)][1:] == [
        "Does rye bread need sour dough?"
    ]
    assert shown[1].count("<article") == 2
    page.delete(number)
    assert page.shown("notes", number)[0].value == 0


def test_what_is_searched_can_be_said(service: Service) -> None:
    """And is shown where it is not the question."""
    _, said, *_ = _answered(
        Conversation(service), "And that?", queries=lines(" sour dough \n\n rye bread "), anyway=True
    )
    assert "Searched for 2 wordings" in said
    assert "sour dough" in said


def test_an_error_stands_in_place_of_the_answer(service: Service, openai_server: OpenAIServer) -> None:
    """Without the key; the question stays in the field, and nothing is kept."""
    service.settings = replace(service.settings, chat="openai:m")
    openai_server.script(status(401))
    past, said, _, draft, *_ = _answered(Conversation(service), QUESTION, anyway=True)
    assert "nh-message" in said
    assert "sk-secret" not in said
    assert draft == QUESTION
    assert service.store.conversations.turns(past.value) == []


def test_an_answer_stays_until_there_is_another(service: Service, openai_server: OpenAIServer) -> None:
    """A model that fails when it is asked again takes nothing away."""
    page = Conversation(service)
    number = _number(_answered(page, QUESTION))
    service.settings = replace(service.settings, chat="openai:m")
    openai_server.script(status(401))
    again, after = page.before(number)
    _answered(page, again, number, anyway=True, after=after)
    (said,) = service.store.conversations.turns(number)
    assert said.answer["model"] == "extractive"


def test_words_appear_as_they_come_and_stop_when_told(service: Service, openai_server: OpenAIServer) -> None:
    """What came until then is kept."""
    service.settings = replace(service.settings, chat="openai:m")
    openai_server.says = lambda _: ("The moon. ", "[1] ", "And more.")
    sign = Sign()
    seen = []
    for shown in Conversation(service).answer(sign, "notes", 0, QUESTION, (), anyway=True):
        seen.append(shown[1])
        if isinstance(shown[1], str) and "The moon." in shown[1]:
            sign.stop.set()
    assert 'aria-busy="true"' in seen[0]
    assert 'data-act="stop"' in seen[0]
    assert "And more" not in seen[-1]
    assert "stopped" in seen[-1]


@pytest.mark.parametrize("words", [(), ("The moon. ",)])
def test_a_model_that_is_silent_can_be_stopped(
    service: Service, openai_server: OpenAIServer, words: tuple[str, ...]
) -> None:
    """At once, and the field has the question; what it had said is kept when it speaks again, and else nothing."""
    goes_on = Event()

    def says(_: object) -> Iterator[str]:
        yield from words
        goes_on.wait(60)
        yield "[1] And more."

    service.settings = replace(service.settings, chat="openai:m")
    openai_server.says = says
    page, sign = Conversation(service), Sign()
    answering = page.answer(sign, "notes", 0, QUESTION, (), anyway=True)
    number = _number(next(answering))
    for shown in answering:
        if "Found in the notes" in shown[2] and all(word.strip() in shown[1] for word in words):
            break
    sign.stop.set()
    *_, last = answering
    assert last[3] == (gr.skip() if words else QUESTION)
    goes_on.set()
    while any(thread.name == "answer" for thread in threading.enumerate()):
        time.sleep(0.01)
    turns = service.store.conversations.turns(number)
    assert [said.answer["answer"].startswith("The moon.") for said in turns] == [True] * len(words)


def test_a_question_is_asked_of_the_collection_that_is_shown(service: Service) -> None:
    """Though the conversation is one with another, as when that was chosen a moment ago; nothing of it is cut."""
    page = Conversation(service)
    number = _number(_answered(page, QUESTION))
    shown = _answered(page, "Does it answer?", number, where="hostile", after=0)
    other = _number(shown)
    assert other not in {0, number}
    assert service.store.conversations.get(other).collection == "hostile"
    assert [said.question for said in service.store.conversations.turns(number)] == [QUESTION]


def test_an_answer_that_was_left_is_not_shown_any_more(service: Service, openai_server: OpenAIServer) -> None:
    """It would take the page back from what was chosen meanwhile. What came of it until then is kept."""
    service.settings = replace(service.settings, chat="openai:m")
    openai_server.says = lambda _: ("The moon. ", "[1] ", "And more.")
    page, session = Conversation(service), cast("Any", SimpleNamespace(session_hash="one"))
    answering = page.answer(page.signs.begin(session, "notes"), "notes", 0, QUESTION, (), anyway=True)
    number = _number(next(answering))
    for shown in answering:
        if isinstance(shown[1], str) and "The moon." in shown[1]:
            break
    page.opened(session, "hostile", 0)
    assert list(answering) == []
    kept = page.shown("notes", number)[1]
    assert "The moon." in kept
    assert "And more" not in kept
    assert "stopped" in kept


def test_a_conversation_that_was_left_does_not_come_back(service: Service) -> None:
    """Renamed, cited or deleted, it may be there later than another one that was opened meanwhile."""
    session = cast("Any", SimpleNamespace(session_hash="left"))

    class Left(Conversation):
        """Another one is opened while one is being read."""

        is_left = False

        def _turns(self, number: int) -> list[Said]:
            if not self.is_left:
                self.is_left = True
                self.opened(session, "hostile", 0)
            return super()._turns(number)

    number = _number(_answered(Conversation(service), QUESTION))
    assert Left(service).cited(session, number, 0) == gr.skip()
    assert "tides.md" in Conversation(service).cited(session, number, 0)

    class Renaming(Conversation):
        """Another one is opened while one is being renamed or deleted."""

        def rename(self, number: int, title: str) -> None:
            super().rename(number, title)
            self.opened(session, "hostile", 0)

        def delete(self, number: int) -> None:
            super().delete(number)
            self.opened(session, "hostile", 0)

    assert Renaming(service).renamed(session, "notes", number, "Tides") == gr.skip()
    assert Conversation(service).renamed(session, "notes", number, "Tides")[5] == "Tides"
    assert Renaming(service).deleted(session, "notes", number) == gr.skip()


def test_who_comes_back_to_an_answer_finds_it_going_on(service: Service) -> None:
    """The question and the way to stop it stay; once it is whole, what is kept is shown."""
    page, session = Conversation(service), cast("Any", SimpleNamespace(session_hash="back"))
    answering = page.answer(page.signs.begin(session, "notes"), "notes", 0, QUESTION, ())
    number = _number(next(answering))
    assert page.returned(session, "notes", number) == gr.skip()
    list(answering)
    assert "nh-cite" in page.returned(session, "notes", number)[1]


def test_an_answer_stays_when_its_own_collection_is_told_of_late(service: Service) -> None:
    """A busy server may come to the choice after the question: it is no other collection, and nothing is left."""
    page, session = Conversation(service), cast("Any", SimpleNamespace(session_hash="two"))
    answering = page.answer(page.signs.begin(session, "notes"), "notes", 0, QUESTION, ())
    first = next(answering)
    told = page.moved(session, "notes", None)
    assert len(told) == len(first) + 2
    assert told[-1] == "notes"
    assert {str(value) for value in told[:-1]} == {str(gr.skip())}
    *_, last = answering
    assert "nh-cite" in last[1]
    assert _number(page.moved(session, "hostile", "notes")) == 0
    assert _number(page.moved(session, "notes", "hostile")) == 0


def test_what_was_found_is_shown_while_a_model_reads_it(service: Service, openai_server: OpenAIServer) -> None:
    """Each passage as it stands, and nothing of it as HTML."""
    service.settings = replace(service.settings, chat="openai:m")
    openai_server.says = lambda _: ("It does. [1]",)
    shown = list(Conversation(service).answer(Sign(), "hostile", 0, NOTES[0], (), anyway=True))
    found = next(values[2] for values in shown if isinstance(values[2], str) and "Found in the notes" in values[2])
    assert found.count("<li ") == 6
    _is_closed(found)
    assert "Found in the notes" not in shown[-1][2]


def test_a_question_that_is_stopped_at_once_can_be_asked_again(service: Service, openai_server: OpenAIServer) -> None:
    """Nothing is kept of it, and the field has it."""
    service.settings = replace(service.settings, chat="openai:m")
    sign = Sign()
    sign.stop.set()
    *_, last = Conversation(service).answer(sign, "notes", 0, QUESTION, (), anyway=True)
    assert last[3] == QUESTION
    assert not any(info.turns for info in service.store.conversations.infos("notes"))


def test_sources_say_when_a_note_has_changed(service: Service) -> None:
    """The quote stays as it was."""
    answer = asdict(next(e for e in service.ask(Asking(QUESTION, anyway=True), "notes") if isinstance(e, Answer)))
    first = answer["citations"][0]
    assert "has changed since" in talk.sources(0, answer, {first["id"]: "Something else."})
    assert "has changed since" in talk.sources(0, answer, {})
    assert "has changed since" not in talk.sources(0, answer, {c["id"]: TIDES for c in answer["citations"]})


def test_markdown_of_a_model_is_read_and_its_links_are_not(service: Service) -> None:
    """Lists, bold and code are; a link keeps its words, a picture its description."""
    text = (
        "# Tides\n- **moon** and `sun` [1]\n- [here](https://evil.example/x)\n\n![see](https://evil.example/p.png) <b>"
    )
    html = talk.body(0, {"answer": text, "citations": [{"n": 1}], "statements": []})
    assert "<li><strong>moon</strong> and <code>sun</code><button" in html
    assert "<li>here</li>" in html
    assert "evil.example" not in html
    assert "&lt;b&gt;" in html
    _is_closed(html)


@pytest.mark.parametrize("chat", ["extractive", "openai:obeys"])
def test_hostile_notes_lead_nowhere(service: Service, openai_server: OpenAIServer, chat: str) -> None:
    """Whatever they and an obedient model say, there is no tag and no address but the page's own."""
    openai_server.says = lambda body: (body["messages"][-1]["content"], " [1] ![x](https://evil.example/x.png)")
    for note in NOTES:
        answer = list(service.ask(Asking(note[:200], anyway=True), "hostile", chat))[-1]
        assert isinstance(answer, Answer)
        said = Said(answer.question, json.loads(json.dumps(asdict(answer))))
        passages = {cited.id: service.get(cited.id, "hostile").text for cited in answer.citations}
        _is_closed(talk.talk([said]) + talk.sources(0, said.answer, passages))
