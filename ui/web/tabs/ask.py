"""Ask: a conversation with the notes, and what its answers rest on."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from search.service import Service
from ui.web import talk
from ui.web.conversation import Conversation
from ui.web.parts import EVENT, plain_html, script

LONGEST = 10_000
STREAM: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "trigger_mode": "once",
    "concurrency_limit": 4,
}
"""How a handler is wired that answers piece by piece: only the queue can do that."""


def ask(service: Service, collection: gr.HTML, tab: gr.Tab) -> None:
    """Lay out the tab."""
    with gr.Row(elem_id="nh-ask-tab", elem_classes="nh-columns"):
        with gr.Column(elem_id="nh-conversation"):
            past = gr.Dropdown(
                [("New conversation", 0)], value=0, label="Conversation", filterable=False, elem_id="nh-past"
            )
            said = plain_html("nh-talk", script("talk.js"))
            # Its value is how many turns stay when an edited question is asked; empty when none is being edited.
            editing = gr.HTML(
                "",
                html_template=talk.REPLACES,
                js_on_load=script("editing.js"),
                apply_default_css=False,
                elem_id="nh-editing",
            )
            question = gr.Textbox(
                "",
                placeholder="Ask your notes …",
                show_label=False,
                label="Question",
                container=False,
                lines=1,
                max_lines=6,
                submit_btn=True,
                max_length=LONGEST,
                elem_id="nh-question",
            )
            with gr.Accordion("Options", open=False, elem_id="nh-ask-options"):
                queries = gr.Textbox(
                    "",
                    label="Search for this instead, one a line",
                    lines=2,
                    max_lines=8,
                    max_length=LONGEST,
                    container=True,
                    elem_id="nh-queries",
                )
                name = gr.Textbox(
                    "", label="Name of the conversation", max_length=200, container=True, elem_id="nh-conversation-name"
                )
                with gr.Row(elem_classes="nh-buttons"):
                    rename = gr.Button("Rename", size="sm", elem_classes="nh-chip")
                    delete = gr.HTML(talk.DELETE, js_on_load=script("sure.js"), apply_default_css=False)
                exported = plain_html("nh-export")
        sources = plain_html("nh-evidence")
    # The collection that is shown: the selector may tell twice of the same.
    last = gr.State(None)

    page = Conversation(service)
    signs = page.signs
    everything = [past, said, sources, question, queries, name, exported]

    def asked(
        request: gr.Request, text: str, number: int | None, where: str | None, instead: str, kept: str
    ) -> Iterator[tuple[Any, ...]]:
        page.turns.begin(request)
        sign, after = signs.begin(request, where), int(kept) if kept else None
        yield from _edited(page.answer(sign, where, number or 0, text, lines(instead), after=after))

    def acted(request: gr.Request, event: gr.EventData, number: int | None, where: str | None) -> Iterator[Any]:
        page.turns.begin(request)
        again, after = page.before(number or 0)
        if not again:
            yield *page.shown(where, number or 0), ""
            return
        anyway = event.act == "anyway"
        sign = signs.begin(request, where)
        yield from _edited(page.answer(sign, where, number or 0, again, (), anyway=anyway, after=after))

    def clicked(request: gr.Request, event: gr.EventData, where: str | None) -> Iterator[Any]:
        page.turns.begin(request)
        yield from page.answer(signs.begin(request, where), where, 0, event.text, ())

    def cited(request: gr.Request, event: gr.EventData, number: int | None) -> Any:  # noqa: ANN401 - or no change
        return page.cited(request, number, event.turn)

    question.submit(asked, [question, past, collection, queries, editing], [*everything, editing], **STREAM)
    said.stop(signs.stop, None, None, **EVENT)
    said.act(acted, [past, collection], [*everything, editing], **STREAM)
    # Not in the queue, that tells of the last piece twice: the second could find the field changed.
    said.edit(page.edited, [collection, past], [*everything, editing], **EVENT)
    said.ask(clicked, [collection], everything, **STREAM)
    said.cite(cited, [past], sources, **EVENT)
    past.input(page.opened, [collection, past], [*everything, editing], **EVENT)
    tab.select(page.returned, [collection, past], everything, **EVENT)
    collection.choose(page.moved, [collection, last], [*everything, editing, last], **EVENT)
    rename.click(page.renamed, [collection, past, name], everything, **EVENT)
    delete.sure(page.deleted, [collection, past], [*everything, editing], **EVENT)


def _edited(shown: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield what is shown, and that no question is being edited any more."""
    for values in shown:
        yield *values, ""


def lines(text: str) -> tuple[str, ...]:
    """Return the lines that say something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
