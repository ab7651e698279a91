"""Tokens: a text as a model sees it."""

import gradio as gr

from search.prices import load
from search.service import Service
from ui.web import format as show
from ui.web.chips import chips, side_by_side
from ui.web.parts import calmly, plain_html, script

MODELS = ("all-MiniLM-L6-v2", "text-embedding-3-large", "text-embedding-3-small", "gpt-4o-mini")
LONGEST = 100_000
"""Characters."""
MOST_COMPARED = 5_000
"""Characters that are split for all models while one types."""
TEXT = "Hello world! Tokenizers split unbelievabilities, naïveté, Straßenbahn and 🦜."


def tokens() -> None:
    """Lay out the tab. The browser fetches what it shows itself, as it has to keep up with typing."""
    # Gradio would let nobody change what no handler of its own reads.
    gr.Textbox(TEXT, label="Text", lines=3, max_length=LONGEST, max_lines=10, interactive=True, elem_id="nh-token-text")
    gr.Radio(list(MODELS), value=MODELS[0], label="Model", interactive=True, elem_id="nh-model")
    plain_html("nh-chips", script("tokens.js"))


def split_text(service: Service, text: str, model: str) -> str:
    """Return the tokens of a text as chips."""
    if not text.strip():
        return show.hint("Type something to see its tokens.")
    return calmly(lambda: f"{chips(service.tokens(text, model), text)}{_beside(service, text)}")


def _beside(service: Service, text: str) -> str:
    """Return the same for all models; nothing for a long text, of which that takes a while."""
    if len(text) > MOST_COMPARED:
        return ""
    return side_by_side([service.tokens(text, name) for name in MODELS], load(service.settings.prices))
