"""Look up: one field, what is nearest to it, and what is nearest to that."""

from typing import Any

import gradio as gr

from search.service import Service
from ui.web import format as show
from ui.web.examples import examples
from ui.web.parts import EVENT, Turns, calmly, results
from ui.web.trail import Way, arrive

MANY = 10
HINT = "Choose a passage to see what lies near it."
START = "Results"


def look_up(service: Service, collection: gr.HTML) -> None:
    """Lay out the tab."""
    with gr.Row(elem_id="nh-ask"):
        query = gr.Textbox(
            "",
            placeholder="Find by meaning …",
            show_label=False,
            label="Look up",
            container=False,
            lines=1,
            max_lines=1,
            submit_btn=True,
            max_length=10_000,
            elem_id="nh-query",
        )
    with gr.Accordion("Options", open=False, elem_id="nh-options"):
        k = gr.Radio([5, 10, 20, 50], value=MANY, label="Passages to show", elem_id="nh-k")
    with gr.Row(elem_id="nh-look-up", elem_classes="nh-columns"):
        hits = results("nh-hits")
        near = results("nh-near")
    trail = gr.State(())

    turns = Turns()

    def found(request: gr.Request, text: str, name: str | None, many: int) -> Any:  # noqa: ANN401 - or no change
        return turns.take(request, lambda: start(text, name, many))

    def example(request: gr.Request, event: gr.EventData, name: str | None, many: int) -> Any:  # noqa: ANN401
        return turns.take(request, lambda: (event.text, *start(event.text, name, many)))

    def opened(request: gr.Request, event: gr.EventData, name: str | None, many: int) -> Any:  # noqa: ANN401
        return turns.take(request, lambda: arrived(event.id, name, many, ()))

    def went_on(request: gr.Request, event: gr.EventData, name: str | None, many: int, way: Way) -> Any:  # noqa: ANN401
        return turns.take(request, lambda: arrived(event.id, name, many, way))

    def went_back(request: gr.Request, event: gr.EventData, name: str | None, many: int, way: Way) -> Any:  # noqa: ANN401
        if event.step == 0:
            return turns.take(request, lambda: (show.hint(HINT), ()))
        return turns.take(request, lambda: arrived(way[event.step - 1].id, name, many, way))

    def start(text: str, name: str | None, many: int) -> tuple[str, str, Way]:
        return ranking(service, text, name, many), show.hint(HINT) if text.strip() and name else "", ()

    def arrived(passage_id: str, name: str | None, many: int, way: Way) -> tuple[str, Way]:
        at = arrive(service, passage_id, name, many, way, START)
        return at.html, at.way

    for ask in (query.submit, k.change, collection.choose):
        ask(found, [query, collection, k], [hits, near, trail], **EVENT)
    hits.example(example, [collection, k], [query, hits, near, trail], **EVENT)
    hits.open(opened, [collection, k], [near, trail], **EVENT)
    near.open(went_on, [collection, k, trail], [near, trail], **EVENT)
    near.step(went_back, [collection, k, trail], [near, trail], **EVENT)


def ranking(service: Service, text: str, collection: str | None, k: int) -> str:
    """Return what is nearest to a text; without one, something to start with."""
    if not collection:
        return show.no_collection()
    if not text.strip():
        return calmly(lambda: _start(service, collection))
    return calmly(lambda: show.hits(service.search(text, collection, k)))


def _start(service: Service, collection: str) -> str:
    texts = examples(service, collection)
    if not texts and not service.show(collection).passages:
        return show.empty()
    return show.examples(collection, texts)
