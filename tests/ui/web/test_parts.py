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
