"""What a session wants of the answer that it is being given: to stop, or to be left."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

import gradio as gr

from ui.web.parts import MOST_SESSIONS


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
