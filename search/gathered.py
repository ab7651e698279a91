"""Does together what is asked for while the like is being done: one batch costs less than its parts alone."""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 64
"""Things of a batch."""


class Gathered(Generic[T, R]):
    """A function of many things, asked for single ones by many threads.

    The thread that comes first works for all that wait, then hands over to one of those that came meanwhile. Who is
    alone waits for nobody.
    """

    def __init__(self, work: Callable[[Sequence[T]], Iterable[R]]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[_Asked[T, R]] = []
        self._is_busy = False

    @property
    def waiting(self) -> int:
        """How many things are not being worked on yet."""
        return len(self._waiting)

    def one(self, thing: T) -> R:
        """Return what comes of one thing; what goes wrong with a batch is raised for each of its things."""
        own = _Asked[T, R](thing)
        with self._lock:
            self._waiting.append(own)
            own.leads, self._is_busy = not self._is_busy, True
        if not own.leads:
            own.turn.acquire()
        if own.leads:
            self._work_for_all()
        if own.error is not None:
            raise own.error
        return own.made

    def _work_for_all(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            for asked, made in zip(batch, self._work([asked.thing for asked in batch]), strict=True):
                asked.made = made
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


class _Asked(Generic[T, R]):
    """A thing that waits, for what comes of it or for its turn to work for all that wait."""

    __slots__ = ("error", "leads", "made", "thing", "turn")

    made: R

    def __init__(self, thing: T) -> None:
        self.thing = thing
        self.leads = False
        self.error: BaseException | None = None
        # A bare lock: what threading builds upon it costs more than an answer should.
        self.turn = threading.Lock()
        self.turn.acquire()
