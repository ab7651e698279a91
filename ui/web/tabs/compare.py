"""Compare: some texts, each with each."""

from typing import Any

import gradio as gr

from search.service import Service
from ui.web import format as show
from ui.web.matrix import matrix
from ui.web.parts import EVENT, Turns, calmly, plain_html

EXAMPLES = {
    "Words": ("bank", "banks", "river", "money"),
    "Sentences": (
        "The man bites the dog",
        "The dog chased the man",
        "The man was chased by the dog",
        "The man chased the dog",
    ),
}


def compare(service: Service, tab: gr.Tab) -> None:
    """Lay out the tab."""
    with gr.Row(elem_id="nh-compare", elem_classes="nh-columns"):
        with gr.Column(elem_id="nh-compare-texts"):
            texts = gr.Textbox(
                "\n".join(EXAMPLES["Words"]),
                label="Texts, one a line",
                lines=6,
                max_lines=16,
                max_length=100_000,
                container=True,
                elem_id="nh-texts",
            )
            with gr.Row(elem_classes="nh-buttons"):
                run = gr.Button("Compare", variant="primary", size="md", elem_id="nh-run-compare")
                examples = [gr.Button(name, size="sm", elem_classes="nh-chip") for name in EXAMPLES]
        table = plain_html("nh-table")

    turns = Turns()

    def compared(request: gr.Request, text: str) -> Any:  # noqa: ANN401 - or no change
        return turns.take(request, lambda: comparison(service, text))

    def exemplified(request: gr.Request, name: str) -> Any:  # noqa: ANN401
        text = "\n".join(EXAMPLES[name])
        return turns.take(request, lambda: (text, comparison(service, text)))

    def opened(request: gr.Request, text: str) -> Any:  # noqa: ANN401
        return turns.first(request, lambda: comparison(service, text))

    for ask in (run.click, texts.submit):
        ask(compared, texts, table, **EVENT)
    tab.select(opened, texts, table, **EVENT)
    for button in examples:
        button.click(exemplified, button, [texts, table], **EVENT)


def comparison(service: Service, text: str) -> str:
    """Return the matrix of a text's lines."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < 2:  # noqa: PLR2004 - a pair
        return show.hint("Write at least two texts, one a line.")
    return calmly(lambda: matrix(service.compare(lines)))
