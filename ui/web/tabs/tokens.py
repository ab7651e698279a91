"""Tokens: a text as a model sees it."""

from typing import Any

import gradio as gr

from search.prices import load
from search.service import Service
from ui.web import format as show
from ui.web.chips import chips, side_by_side
from ui.web.parts import EVENT, Turns, calmly, plain_html, script

MODELS = ("all-MiniLM-L6-v2", "text-embedding-3-large", "text-embedding-3-small", "gpt-4o-mini")
LONGEST = 5_000
"""Characters that are compared while one types."""
TEXT = "Hello world! Tokenizers split unbelievabilities, naïveté, Straßenbahn and 🦜."


def tokens(service: Service, tab: gr.Tab) -> None:
    """Lay out the tab."""
    text = gr.Textbox(
        TEXT, label="Text", lines=3, max_lines=10, max_length=100_000, container=True, elem_id="nh-token-text"
    )
    model = gr.Radio(list(MODELS), value=MODELS[0], label="Model", elem_id="nh-model")
    shown = plain_html("nh-chips", script("typing.js"))

    turns = Turns()

    def split(request: gr.Request, words: str, name: str) -> Any:  # noqa: ANN401 - or no change
        return turns.take(request, lambda: split_text(service, words, name))

    def opened(request: gr.Request, words: str, name: str) -> Any:  # noqa: ANN401
        return turns.first(request, lambda: split_text(service, words, name))

    for event in (shown.typed, model.change):
        event(split, [text, model], shown, **EVENT)
    tab.select(opened, [text, model], shown, **EVENT)


def split_text(service: Service, text: str, model: str) -> str:
    """Return the tokens of a text as chips."""
    if not text.strip():
        return show.hint("Type something to see its tokens.")
    return calmly(lambda: f"{chips(service.tokens(text, model), text)}{_beside(service, text)}")


def _beside(service: Service, text: str) -> str:
    """Return the same for all models; nothing for a long text, of which that takes a while."""
    if len(text) > LONGEST:
        return ""
    return side_by_side([service.tokens(text, name) for name in MODELS], load(service.settings.prices))
