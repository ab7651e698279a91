"""The first search, made before anybody asks: it opens the model and reads the vectors."""

import threading
from contextlib import suppress

from search.errors import EmbedderMismatchError, NearhoodError
from search.service import Service

RETRY_SECONDS = 5
STOP_SECONDS = 10
QUERY = "whether all is well"


class NotReadyError(NearhoodError):
    """No search has succeeded yet."""

    status = 503

    def __init__(self, fault: Exception | None) -> None:
        ours = fault is None or isinstance(fault, NearhoodError)
        why = fault if ours else f"a fault of Nearhood's own: {type(fault).__name__}"
        super().__init__(f"not ready yet: {why or 'the model and the vectors are being read'}")


class WarmUp:
    """Searches once in the background; until then the server is up, but not ready."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._stop = threading.Event()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warm-up", daemon=True)
        self.fault: Exception | None = None
        """What went wrong at the last try."""

    @property
    def is_done(self) -> bool:
        """Whether a search has succeeded."""
        return self._done.is_set()

    def start(self) -> None:
        """Begin, and try again until it succeeds or `stop` is called."""
        self._thread.start()

    def stop(self) -> None:
        """Try no more, and wait for the search underway, which reads a store that is about to be closed."""
        self._stop.set()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._search()
            except Exception as fault:  # noqa: BLE001 - else nobody would hear why it is never ready
                self.fault = fault
            else:
                if not self._stop.is_set():
                    self._done.set()
                return
            self._stop.wait(RETRY_SECONDS)

    def _search(self) -> None:
        self._service.embedder.embed_query(QUERY)
        for name in self._service.store.names():
            if self._stop.is_set():
                return
            # Another embedder's collection is not to be searched with this one.
            with suppress(EmbedderMismatchError):
                self._service.search(QUERY, name, 1)
