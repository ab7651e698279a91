"""Embeds together the queries that come while others are being embedded: one batch costs less than its texts alone."""

import threading
from collections.abc import Callable, Sequence

from search.types import Vector, Vectors

MOST = 64
"""Queries of a batch."""


class Gathered:
    """A function for lists of texts, asked for single ones by many threads.

    The thread that comes first embeds for all that wait, then hands over to one of those that came meanwhile. Who is
    alone waits for nobody.
    """

    def __init__(self, embed: Callable[[Sequence[str]], Vectors]) -> None:
        self._embed = embed
        self._lock = threading.Lock()
        self._waiting: list[_Asked] = []
        self._is_busy = False

    @property
    def waiting(self) -> int:
        """How many texts are not being embedded yet."""
        return len(self._waiting)

    def one(self, text: str) -> Vector:
        """Return the vector of a text; what goes wrong with a batch is raised for each of its texts."""
        own = _Asked(text)
        with self._lock:
            self._waiting.append(own)
            own.leads, self._is_busy = not self._is_busy, True
        if not own.leads:
            own.turn.acquire()
        if own.leads:
            self._embed_waiting()
        if own.error is not None:
            raise own.error
        return own.vector

    def _embed_waiting(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            for asked, row in zip(batch, self._embed([asked.text for asked in batch]), strict=True):
                asked.vector = row
        except BaseException as error:  # noqa: BLE001 - who waits would wait for ever; this thread raises it, too
            for asked in batch:
                asked.error = error
        with self._lock:
            self._is_busy = bool(self._waiting)
            for following in self._waiting[:1]:
                following.leads = True
                following.turn.release()
        for asked in batch:
            if not asked.leads:
                asked.turn.release()


class _Asked:
    """A text that waits, for its vector or for its turn to embed all that wait."""

    __slots__ = ("error", "leads", "text", "turn", "vector")

    vector: Vector

    def __init__(self, text: str) -> None:
        self.text = text
        self.leads = False
        self.error: BaseException | None = None
        # A bare lock: what threading builds upon it costs more than an answer should.
        self.turn = threading.Lock()
        self.turn.acquire()
