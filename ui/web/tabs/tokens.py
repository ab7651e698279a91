"""Tokens: a text as a model sees it."""

from html import escape

import gradio as gr

from search.prices import load
from search.service import Service
from ui.web import format as show
from ui.web.chips import chips, side_by_side
from ui.web.parts import calmly, script

MODELS = ("all-MiniLM-L6-v2", "text-embedding-3-large", "text-embedding-3-small", "gpt-4o-mini")
LONGEST = 100_000
"""Characters."""
MOST_COMPARED = 5_000
"""Characters that are split for all models while one types."""
TEXT = "Hello world! Tokenizers split unbelievabilities, naïveté, Straßenbahn and 🦜."


def tokens() -> gr.HTML:
    """Lay out the tab. The browser fetches what it shows from `/page/tokens`, as it has to keep up with typing."""
    own = script("tokens.js")
    return gr.HTML("", html_template=page(), js_on_load=own, apply_default_css=False, elem_id="nh-split")


def page() -> str:
    """Return the tab as HTML: its form, and a place for what is fetched."""
    models = "".join(_choice(name) for name in MODELS)
    return (
        f'<form><label class="nh-field"><span>Text</span><textarea name="text" rows="3" maxlength="{LONGEST}"'
        f' spellcheck="false">{escape(TEXT)}</textarea></label>'
        f'<fieldset class="nh-kinds"><legend>Model</legend>{models}</fieldset></form>'
        '<div class="nh-shown"></div>'
    )


def _choice(name: str) -> str:
    checked = " checked" if name == MODELS[0] else ""
    return f'<label><input type="radio" name="model" value="{name}"{checked}>{name}</label>'


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
