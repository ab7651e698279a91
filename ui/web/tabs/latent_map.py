"""Map: a collection in the plane, and the true neighbours of a point beside it."""

from typing import Any

import gradio as gr

from search.errors import NearhoodError
from search.service import Service
from ui.web import format as show
from ui.web.parts import EVENT, Turns, results, script
from ui.web.trail import Way, arrive

MANY = 10
HINT = "Choose a point to see what is truly nearest to it, whatever the map says."
NOTE = "The lines lead to these. A long line is a place where the map is wrong."
START = "Map"
CANVAS = (
    '<div class="nh-map-frame"><div class="nh-map-host"></div><div class="nh-map-legend" role="group"'
    ' aria-label="Sources" hidden></div></div><p class="nh-map-reading" aria-live="polite"></p>'
)


def latent_map(service: Service, collection: gr.HTML) -> None:
    """Lay out the tab. The browser fetches the map itself once it can be seen."""
    with gr.Row(elem_id="nh-map-tab", elem_classes="nh-columns"):
        canvas = gr.HTML(
            {},
            html_template=CANVAS,
            js_on_load=script("map-tab.js"),
            apply_default_css=False,
            elem_id="nh-map",
        )
        near = results("nh-map-near", show.hint(HINT))
    trail = gr.State(())

    turns = Turns()

    def moved(request: gr.Request, name: str | None) -> Any:  # noqa: ANN401 - or no change
        return turns.take(request, lambda: cleared({"collection": name, "version": _version(service, name)}))

    def picked(request: gr.Request, event: gr.EventData, value: dict[str, Any], way: Way) -> Any:  # noqa: ANN401
        return turns.take(request, lambda: around(service, event.id, value, way))

    def stepped(request: gr.Request, event: gr.EventData, value: dict[str, Any], way: Way) -> Any:  # noqa: ANN401
        if event.step == 0:
            return left(request, value)
        return turns.take(request, lambda: around(service, way[event.step - 1].id, value, way))

    def left(request: gr.Request, value: dict[str, Any]) -> Any:  # noqa: ANN401
        return turns.take(request, lambda: cleared(value))

    shown = [canvas, near, trail]
    collection.choose(moved, collection, shown, **EVENT)
    canvas.pick(picked, [canvas, trail], shown, **EVENT)
    canvas.clear(left, canvas, shown, **EVENT)
    near.open(picked, [canvas, trail], shown, **EVENT)
    near.step(stepped, [canvas, trail], shown, **EVENT)


def around(service: Service, passage_id: str, value: dict[str, Any], way: Way) -> tuple[dict[str, Any], str, Way]:
    """Return what the map marks for a passage, its neighbours as a list, and the way to it."""
    bare = _bare(value)
    at = arrive(service, passage_id, bare["collection"], MANY, way, START, NOTE)
    marked = {**bare, "selected": passage_id, "neighbours": list(at.neighbours)} if at.neighbours else bare
    return marked, at.html, at.way


def cleared(value: dict[str, Any]) -> tuple[dict[str, Any], str, Way]:
    """Return the map without marks."""
    return _bare(value), show.hint(HINT), ()


def _bare(value: dict[str, Any]) -> dict[str, Any]:
    return {"collection": value.get("collection"), "version": value.get("version")}


def _version(service: Service, name: str | None) -> int:
    try:
        return service.show(name).passages if name else 0
    except NearhoodError:
        return 0
