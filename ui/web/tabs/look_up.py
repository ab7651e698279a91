"""Look up: one field, what is nearest to it, and what is nearest to that."""

from typing import Any

import gradio as gr

from search.errors import InvalidInputError
from search.retrieve.fuse import Mode
from search.retrieve.options import Options
from search.retrieve.where import parse
from search.service import NO_OPTIONS, Service
from ui.web import format as show
from ui.web.examples import examples
from ui.web.parts import EVENT, Turns, calmly, results, script
from ui.web.trail import Way, arrive

MANY = 10
CHOICES = (5, 10, 20, 50)
HINT = "Choose a passage to see what lies near it."
START = "Results"
MODES = (("", "As suits it"), ("dense", "Meaning"), ("lexical", "Words"), ("hybrid", "Both"))


def look_up(service: Service) -> None:
    """Lay out the tab. The browser fetches the list itself, from `/page/look-up`: it has to keep up with typing."""
    gr.HTML("", html_template=form(), js_on_load=script("look-up.js"), apply_default_css=False, elem_id="nh-ask")
    with gr.Row(elem_id="nh-look-up", elem_classes="nh-columns"):
        hits = results("nh-hits")
        near = results("nh-near", show.hint(HINT))
    trail = gr.State(())

    turns = Turns()

    def opened(request: gr.Request, event: gr.EventData) -> Any:  # noqa: ANN401 - or no change
        return turns.take(request, lambda: arrived(event.id, event.collection, ()))

    def went_on(request: gr.Request, event: gr.EventData, way: Way) -> Any:  # noqa: ANN401
        return turns.take(request, lambda: arrived(event.id, event.collection, way))

    def went_back(request: gr.Request, event: gr.EventData, way: Way) -> Any:  # noqa: ANN401
        if event.step == 0:
            return turns.take(request, lambda: (show.hint(HINT), ()))
        return turns.take(request, lambda: arrived(way[event.step - 1].id, event.collection, way))

    def arrived(passage_id: str, name: str | None, way: Way) -> tuple[str, Way]:
        at = arrive(service, passage_id, name, MANY, way, START)
        return at.html, at.way

    hits.open(opened, None, [near, trail], **EVENT)
    near.open(went_on, [trail], [near, trail], **EVENT)
    near.step(went_back, [trail], [near, trail], **EVENT)


def ranking(service: Service, text: str, collection: str | None, k: int, options: Options = NO_OPTIONS) -> str:
    """Return what is nearest to a text; without one, something to start with."""
    if not collection:
        return show.no_collection()
    if not text.strip():
        return calmly(lambda: _start(service, collection))
    return calmly(lambda: show.hits(service.search(text, collection, k, options)))


def refined(mode: str, where: str, *, why: bool) -> Options:
    """Return how a search is done.

    :raises InvalidInputError: For a mode that there is none of, or a filter that cannot be read.
    """
    if mode not in {value for value, _ in MODES}:
        raise InvalidInputError(f"a mode is one of dense, lexical and hybrid, not {mode!r:.40}")
    return Options(Mode(mode) if mode else None, parse(where) if where.strip() else None, why=why)


def form() -> str:
    """Return the field and what is folded away under it."""
    many = "".join(_choice("k", str(k), str(k), is_on=k == MANY) for k in CHOICES)
    modes = "".join(_choice("mode", value, name, is_on=not value) for value, name in MODES)
    return (
        '<form id="nh-look-up-form" role="search"><div id="nh-query"><input name="q" type="text" maxlength="10000"'
        ' autocomplete="off" spellcheck="false" enterkeyhint="search" aria-label="Look up"'
        ' placeholder="Find by meaning …"><button type="submit" aria-label="Search"><svg viewBox="0 0 24 24"'
        ' aria-hidden="true"><path d="M5 12h13M13 6l6 6-6 6"/></svg></button></div>'
        '<details id="nh-options"><summary>Options<span></span></summary><div>'
        f'<fieldset class="nh-kinds"><legend>Near by</legend>{modes}</fieldset>'
        f'<fieldset class="nh-kinds"><legend>Passages to show</legend>{many}</fieldset>'
        '<label class="nh-field nh-filter"><span>Filter</span><input name="where" maxlength="10000" autocomplete="off"'
        ' spellcheck="false" placeholder="year >= 1990 and source contains notes/"><small></small></label>'
        "</div></details></form>"
    )


def _choice(name: str, value: str, label: str, *, is_on: bool) -> str:
    checked = " checked" if is_on else ""
    return f'<label><input type="radio" name="{name}" value="{value}"{checked}>{label}</label>'


def _start(service: Service, collection: str) -> str:
    texts = examples(service, collection)
    if not texts and not service.show(collection).passages:
        return show.empty()
    return show.examples(collection, texts)
