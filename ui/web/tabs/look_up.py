"""Look up: one field, what is nearest to it, and what is nearest to that."""

import gradio as gr

from search.errors import InvalidInputError
from search.retrieve.fuse import Mode
from search.retrieve.options import Options
from search.retrieve.where import parse
from search.service import NO_OPTIONS, Service
from ui.web import format as show
from ui.web.examples import examples
from ui.web.parts import calmly, results, script

MANY = 10
CHOICES = (5, 10, 20, 50)
START = "Results"
MODES = (("", "As suits it"), ("dense", "Meaning"), ("lexical", "Words"), ("hybrid", "Both"))


def look_up() -> None:
    """Lay out the tab. The browser fetches its lists itself: they have to keep up with typing."""
    gr.HTML("", html_template=form(), js_on_load=script("look-up.js"), apply_default_css=False, elem_id="nh-ask")
    with gr.Row(elem_id="nh-look-up", elem_classes="nh-columns"):
        results("nh-hits")
        results("nh-near")


def ranking(service: Service, text: str, collection: str | None, k: int, options: Options = NO_OPTIONS) -> str:
    """Return what is nearest to a text; without one, something to start with."""
    if not collection:
        return show.no_collection()
    if not text.strip():
        return calmly(lambda: _start(service, collection))
    filtered = options.where is not None
    return calmly(lambda: show.hits(service.search(text, collection, k, options), is_filtered=filtered))


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
        '</div></details><p class="nh-unseen" role="status"></p></form>'
    )


def _choice(name: str, value: str, label: str, *, is_on: bool) -> str:
    checked = " checked" if is_on else ""
    return f'<label><input type="radio" name="{name}" value="{value}"{checked}>{label}</label>'


def _start(service: Service, collection: str) -> str:
    texts = examples(service, collection)
    if not texts and not service.show(collection).passages:
        return show.empty()
    return show.examples(collection, texts)
