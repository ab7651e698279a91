"""What a session wants of the answer that it is being given: to stop, or to be left."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import Literal, TypeAlias, TypeVar

import gradio as gr

from search.chat import events
from search.chat.events import Words
from ui.web.parts import MOST_SESSIONS

T = TypeVar("T")
_Ask: TypeAlias = Literal["next", "keep", "drop"]
"""The next event, or the end: with what was said kept, or with nothing of it."""
_LOOK_SECONDS = 0.1
_KEEPING_SECONDS = 2.0
"""How long it is waited for that what was said is kept."""


@dataclass(slots=True)
class Sign:
    """What a session wants of the answer that is being given."""

    where: str | None = None
    """The collection that it is from."""
    stop: Event = field(default_factory=Event)
    """That it ends; what was said of it is kept."""
    left: Event = field(default_factory=Event)
    """That nothing more is shown of it: the page shows something else by now."""
    is_going: bool = False
    """Whether it is still being given."""

    @contextmanager
    def going(self) -> Iterator[None]:
        """Be given in the block."""
        self.is_going = True
        try:
            yield
        finally:
            self.is_going = False


@dataclass(slots=True)
class Signs:
    """Those of all sessions."""

    _newest: dict[str, Sign] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, request: gr.Request, where: str | None) -> Sign:
        """Return the sign of a new answer; one that is still being given is left."""
        self.leave(request)
        with self._lock:
            if len(self._newest) > MOST_SESSIONS:
                del self._newest[next(iter(self._newest))]
            sign = self._newest[str(request.session_hash)] = Sign(where)
        return sign

    def is_of(self, request: gr.Request, where: str | None) -> bool:
        """Return whether the newest answer is from a collection, and was not left."""
        with self._lock:
            sign = self._newest.get(str(request.session_hash))
        return sign is not None and sign.where == where and not sign.left.is_set()

    def is_going(self, request: gr.Request) -> bool:
        """Return whether the newest answer is being given, and shown."""
        with self._lock:
            sign = self._newest.get(str(request.session_hash))
        return sign is not None and sign.is_going and not sign.left.is_set()

    def stop(self, request: gr.Request) -> None:
        """Want the answer that is being given to stop."""
        with self._lock:
            sign = self._newest.get(str(request.session_hash))
        if sign is not None:
            sign.stop.set()

    def leave(self, request: gr.Request) -> None:
        """Want it to stop, and not to be shown any more."""
        with self._lock:
            sign = self._newest.get(str(request.session_hash))
        if sign is not None:
            sign.left.set()
            sign.stop.set()


class _UnwantedError(Exception):
    """Ends an answer of which nothing was said, so that nothing of it is kept."""


def until(answering: Generator[events.Event], stop: Event) -> Iterator[events.Event]:
    """Yield an answer's events, and end as soon as it is to stop, even where the model is silent for a minute."""
    asked: SimpleQueue[_Ask] = SimpleQueue()
    came: SimpleQueue[events.Event | BaseException | None] = SimpleQueue()

    def listen() -> None:
        try:
            while (wish := asked.get()) == "next":
                came.put(next(answering, None))
            _end(answering, is_kept=wish == "keep")
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            came.put(error)

    listening = Thread(target=listen, name="answer", daemon=True)
    listening.start()
    is_said = False
    try:
        while not stop.is_set():
            asked.put("next")
            event = _first(came, stop)
            if event is None:
                return
            if isinstance(event, BaseException):
                raise event
            is_said = is_said or isinstance(event, Words)
            yield event
    finally:
        asked.put("keep" if is_said else "drop")
        if is_said:
            listening.join(_KEEPING_SECONDS)


def _first(came: "SimpleQueue[T]", stop: Event) -> T | None:
    """Return what comes; None if it is to stop before."""
    while not stop.is_set():
        with suppress(Empty):
            return came.get(timeout=_LOOK_SECONDS)
    return None


def _end(answering: Generator[events.Event], *, is_kept: bool) -> None:
    if is_kept:
        answering.close()
        return
    with suppress(_UnwantedError):
        answering.throw(_UnwantedError())
