"""Answers that come late do not replace newer ones."""

from types import SimpleNamespace
from typing import Any

import gradio as gr

from ui.web.parts import Turns

HERE: Any = SimpleNamespace(session_hash="a")
THERE: Any = SimpleNamespace(session_hash="b")


def test_what_is_asked_last_is_shown() -> None:
    """Of one session; others have their own turns."""
    turns = Turns()

    def late() -> str:
        assert turns.take(HERE, lambda: "new") == "new"
        assert turns.take(THERE, lambda: "other") == "other"
        return "old"

    assert turns.take(HERE, late) == gr.skip()


def test_who_opens_a_tab_sees_something_at_once() -> None:
    """Again and again, as long as the session asks for nothing."""
    turns = Turns()
    assert [turns.first(HERE, lambda: "example") for _ in range(2)] == ["example", "example"]
    assert turns.take(HERE, lambda: "asked") == "asked"
    assert turns.first(HERE, lambda: "example") == gr.skip()
    assert turns.first(THERE, lambda: "example") == "example"


def test_what_opens_a_tab_gives_way_to_a_click_behind_it() -> None:
    """Whichever of the two the server comes to first."""
    turns = Turns()

    def clicked_meanwhile() -> str:
        assert turns.take(HERE, lambda: "clicked") == "clicked"
        return "example"

    assert turns.first(HERE, clicked_meanwhile) == gr.skip()


def test_what_goes_with_the_page_gives_way_to_what_is_asked_meanwhile() -> None:
    """And makes nothing late itself."""
    turns = Turns()
    assert turns.beside(HERE, lambda: "sources") == "sources"

    def asked_meanwhile() -> str:
        assert turns.take(HERE, lambda: "asked") == "asked"
        return "sources"

    assert turns.beside(HERE, asked_meanwhile) == gr.skip()

    def cited_meanwhile() -> str:
        assert turns.beside(HERE, lambda: "sources") == "sources"
        return "asked"

    assert turns.take(HERE, cited_meanwhile) == "asked"
