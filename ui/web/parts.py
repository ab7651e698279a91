"""Components that tabs share, made by functions: a subclass of Gradio's would write files beside its source."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import gradio as gr

from search.errors import NearhoodError
from ui.web import format as show

ASSETS = Path(__file__).parent / "assets"
EVENT: dict[str, Any] = {
    "queue": False,
    # "always_last", and the queue with two events at once, can lose the newer one for good (Gradio 6.31).
    "trigger_mode": "multiple",
    "api_visibility": "private",
    "show_progress": "hidden",
}
"""How every handler is wired: answered at once, each time, and no part of an API."""
MOST_SESSIONS = 1_000


class Turns:
    """Keeps an answer that comes late from replacing a newer one. One for each set of outputs."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._newest: dict[str, int] = {}

    def take(self, request: gr.Request, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - as the outputs are
        """Return what is made, or Gradio's sign for no change when the session has asked again meanwhile."""
        turn = self.begin(request)
        answer = make()
        return answer if self._newest.get(str(request.session_hash)) == turn else gr.skip()

    def beside(self, request: gr.Request, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - as the outputs are
        """Return what is made to go with what is shown, or no change when something else was asked for meanwhile.

        It makes nothing late itself.
        """
        session = str(request.session_hash)
        turn = self._newest.get(session)
        answer = make()
        return answer if self._newest.get(session) == turn else gr.skip()

    def begin(self, request: gr.Request) -> int:
        """Return the number of a turn that makes those before it late."""
        session = str(request.session_hash)
        with self._lock:
            turn = self._newest.pop(session, 0) + 1
            self._newest[session] = turn
            if len(self._newest) > MOST_SESSIONS:
                del self._newest[next(iter(self._newest))]
        return turn


@cache
def script(name: str) -> str:
    """Return a file that Gradio runs as the body of a function."""
    return (ASSETS / name).read_text(encoding="utf-8")


def results(elem_id: str, value: str = "", more: str = "") -> gr.HTML:
    """Return a place for cards. What is done on them is told in the browser, by events of the tab's columns.

    :param more: A script to run after that of cards, in the same function.
    """
    return gr.HTML(
        value,
        elem_id=elem_id,
        elem_classes="nh-place-for-cards",
        js_on_load=f"{script('cards.js')}\n{more}",
        apply_default_css=False,
    )


def plain_html(elem_id: str, js_on_load: str | None = None) -> gr.HTML:
    """Return a place for HTML."""
    return gr.HTML("", elem_id=elem_id, js_on_load=js_on_load, apply_default_css=False)


def calmly(make: Callable[[], str]) -> str:
    """Return what is made, or the user's error as a message in its place."""
    try:
        return make()
    except NearhoodError as error:
        return show.error(error)
