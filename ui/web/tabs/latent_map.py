"""Map: a collection in the plane, and beside it in words what it shows."""

from typing import Any

import gradio as gr

from search.errors import NearhoodError, NotFoundError
from ui.web import format as show
from ui.web import map_list
from ui.web.map_focus import Shown, Viewer
from ui.web.page_maps import PageMaps
from ui.web.parts import EVENT, Turns, results, script
from ui.web.trail import Way

FRAME = (
    '<form class="nh-map-place" role="search">'
    '<label class="nh-unseen" for="nh-map-text">Place a text on the map</label>'
    '<input id="nh-map-text" type="text" maxlength="10000" autocomplete="off"'
    ' placeholder="Place a text on the map …">'
    '<button type="submit" aria-label="Place it"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 21s7-6.2'
    ' 7-11.5a7 7 0 0 0-14 0C5 14.8 12 21 12 21Z"/><circle cx="12" cy="9.5" r="2.2"/></svg></button></form>'
    '<div class="nh-map-frame"><div class="nh-map-host"></div><div class="nh-map-legend" hidden></div></div>'
    '<div class="nh-map-foot"><p class="nh-map-reading"></p><div class="nh-map-fit"></div></div>'
)


def latent_map(maps: PageMaps, collection: gr.HTML) -> None:
    """Lay out the tab. The browser fetches the map itself once it can be seen."""
    with gr.Row(elem_id="nh-map-tab", elem_classes="nh-columns"):
        canvas = gr.HTML(
            {},
            html_template=FRAME,
            js_on_load=script("map-tab.js"),
            apply_default_css=False,
            elem_id="nh-map",
        )
        near = results("nh-map-near", show.hint(map_list.HINT), script("map-list.js"))
    trail = gr.State(())

    turns = Turns()
    viewer = Viewer(maps)

    def turn(request: gr.Request, value: dict[str, Any], make: Any) -> Any:  # noqa: ANN401 - or no change
        return turns.take(request, lambda: _shown(value, make))

    def moved(request: gr.Request, name: str | None) -> Any:  # noqa: ANN401
        value = {"collection": name, "passages": _passages(maps, name)}
        return turn(request, value, lambda: viewer.overview(value))

    def picked(request: gr.Request, event: gr.EventData, value: dict[str, Any], way: Way) -> Any:  # noqa: ANN401
        return turn(request, value, lambda: viewer.point(value, event._data, way))  # noqa: SLF001

    def stepped(request: gr.Request, event: gr.EventData, value: dict[str, Any], way: Way) -> Any:  # noqa: ANN401
        if event.step == 0:
            return turn(request, value, lambda: viewer.overview(value))
        return turn(request, value, lambda: viewer.point(value, {"id": way[event.step - 1].id}, way))

    def left(request: gr.Request, value: dict[str, Any]) -> Any:  # noqa: ANN401
        return turn(request, value, lambda: viewer.overview(value))

    def chosen(request: gr.Request, event: gr.EventData, value: dict[str, Any]) -> Any:  # noqa: ANN401
        return turn(request, value, lambda: viewer.choose(value, event._data))  # noqa: SLF001

    def placed(request: gr.Request, event: gr.EventData, value: dict[str, Any]) -> Any:  # noqa: ANN401
        return turn(request, value, lambda: viewer.place(value, event._data))  # noqa: SLF001

    def acted(request: gr.Request, event: gr.EventData, value: dict[str, Any]) -> Any:  # noqa: ANN401
        return turn(request, value, lambda: viewer.act(value, event._data))  # noqa: SLF001

    outputs = [canvas, near, trail]
    collection.choose(moved, collection, outputs, **EVENT)
    canvas.pick(picked, [canvas, trail], outputs, **EVENT)
    canvas.clear(left, canvas, outputs, **EVENT)
    canvas.choose(chosen, canvas, outputs, **EVENT)
    canvas.place(placed, canvas, outputs, **EVENT)
    near.open(picked, [canvas, trail], outputs, **EVENT)
    near.step(stepped, [canvas, trail], outputs, **EVENT)
    near.cluster(chosen, canvas, outputs, **EVENT)
    near.verb(acted, canvas, outputs, **EVENT)


def _shown(value: dict[str, Any], make: Any) -> Any:  # noqa: ANN401
    """Return the outputs; a user's error is said in the list, and what is stale changes nothing."""
    try:
        found: Shown | None = make()
    except NearhoodError as error:
        found = Shown(None, show.error(error))
    return gr.skip() if found is None else ({**_bare(value), "focus": found.focus}, found.html, found.way)


def _bare(value: dict[str, Any]) -> dict[str, Any]:
    return {"collection": value.get("collection"), "passages": value.get("passages")}


def _passages(maps: PageMaps, name: str | None) -> int:
    try:
        return maps.service.show(name).passages if name else 0
    except NotFoundError:
        return 0
