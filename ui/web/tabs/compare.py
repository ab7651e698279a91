"""Compare: some texts, each with each."""

from collections.abc import Sequence
from html import escape

import gradio as gr

from search.service import Service
from ui.web import format as show
from ui.web.matrix import matrix
from ui.web.parts import calmly, script

LONGEST = 100_000
"""Characters."""
EXAMPLES = {
    "Words": ("bank", "banks", "river", "money"),
    "Sentences": (
        "The man bites the dog",
        "The dog chased the man",
        "The man was chased by the dog",
        "The man chased the dog",
    ),
}


def compare() -> gr.HTML:
    """Lay out the tab. The browser fetches its table from `/page/compare`."""
    own = script("compare.js")
    return gr.HTML("", html_template=page(), js_on_load=own, apply_default_css=False, elem_id="nh-compare")


def page() -> str:
    """Return the tab as HTML: its form, and a place for the table."""
    examples = "".join(_example(name, texts) for name, texts in EXAMPLES.items())
    first = escape("\n".join(EXAMPLES["Words"]))
    return (
        f'<div class="nh-columns"><form><label class="nh-field"><span>Texts, one a line</span>'
        f'<textarea name="texts" rows="6" maxlength="{LONGEST}" spellcheck="false">{first}</textarea></label>'
        f'<div class="nh-buttons"><button type="submit" class="primary">Compare</button>{examples}</div></form>'
        '<div class="nh-shown"></div></div>'
    )


def _example(name: str, texts: Sequence[str]) -> str:
    return f'<button type="button" class="nh-chip" data-texts="{escape(chr(10).join(texts))}">{name}</button>'


def comparison(service: Service, text: str) -> str:
    """Return the matrix of a text's lines."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < 2:  # noqa: PLR2004 - a pair
        return show.hint("Write at least two texts, one a line.")
    return calmly(lambda: matrix(service.compare(lines)))
