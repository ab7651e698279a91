"""Work that takes long, told as it goes on: server-sent events of its progress, and at last its result."""

import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from queue import Empty, Queue
from typing import Any

from anyio import CancelScope, to_thread
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter
from starlette.types import Receive, Scope, Send

from search.errors import NearhoodError
from ui.jobs import CancelledWorkError

PING_SECONDS = 5
"""A client that hears nothing for much longer may take it that nobody is there."""
_LEAST_SECONDS = 0.1
"""Between two events of progress."""

Work = Callable[[Callable[..., None]], Any]
"""What is called with something to tell of its progress, and returns a result."""


def told(work: Work, gives: Any, *, stream: bool) -> Any:  # noqa: ANN401 - a result, or a stream of events
    """Return the result of some work, or a stream of its events: `progress`, and `result` or `error` at last.

    Who hangs up on the stream ends the work, where it next tells of its progress.

    :param gives: The type of the result.
    """
    if not stream:
        return work(lambda *_: None)
    return Telling(_events(work, TypeAdapter(gives)))


class Telling(StreamingResponse):
    """Server-sent events, which are closed as soon as nobody listens: what they come from ends then, too."""

    def __init__(self, events: Generator[str]) -> None:
        super().__init__(events, media_type="text/event-stream")
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(self._close)

    def _close(self) -> None:
        # There is nobody left to be told of an error; a thread that is still at it closes what it works on itself.
        with suppress(NearhoodError, ValueError):
            self._events.close()


def sent(kind: str, value: Any) -> str:  # noqa: ANN401 - whatever JSON has
    """Return one server-sent event.

    In ASCII, since some clients take every separator that Unicode has for the end of a line.
    """
    return f"event: {kind}\ndata: {json.dumps(value)}\n\n"


def fault(error: NearhoodError) -> dict[str, Any]:
    """Return what an event says of an error; the status is what it would be without a stream."""
    return {"error": {"kind": error.kind, "message": " ".join(str(error).split())}, "status": error.status}


def _events(work: Work, gives: TypeAdapter[Any]) -> Generator[str]:
    events: Queue[tuple[str, Any]] = Queue()
    gone = threading.Event()
    threading.Thread(target=_done, args=(work, gives, events, gone), name="told", daemon=True).start()
    kind = "progress"
    try:
        while kind == "progress":
            try:
                kind, value = events.get(timeout=PING_SECONDS)
            except Empty:
                yield ": at work\n\n"
                continue
            yield sent(kind, value)
    finally:
        gone.set()


def _done(work: Work, gives: TypeAdapter[Any], events: Queue[tuple[str, Any]], gone: threading.Event) -> None:
    last = 0.0

    def heard(*far: Any) -> None:  # noqa: ANN401 - each kind of work has its own
        nonlocal last
        if gone.is_set():
            raise CancelledWorkError("cancelled; what was done so far is kept")
        if time.monotonic() - last >= _LEAST_SECONDS:
            last = time.monotonic()
            events.put(("progress", far))

    try:
        result = gives.validate_python(work(heard))
        events.put(("result", gives.dump_python(result, mode="json")))
    except NearhoodError as error:
        events.put(("error", fault(error)))
    except Exception as error:  # noqa: BLE001 - a fault of ours must not leave a client that waits for ever
        say = f"a fault of Nearhood's own: {type(error).__name__}"
        events.put(("error", {"error": {"kind": "internal", "message": say}, "status": 500}))
