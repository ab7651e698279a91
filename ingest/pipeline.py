"""Lets the steps of a long job overlap: a thread that makes ahead, work that goes on
abreast, and a thread that finishes behind.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

T = TypeVar("T")
R_co = TypeVar("R_co", covariant=True)
_PATIENCE = 0.1
"""Seconds after which a waiting thread looks whether it is still wanted."""


class _End:
    """Stands behind the last item."""


def ahead(items: Iterable[T], depth: int) -> Iterator[T]:
    """Yield items that a thread makes ahead of their use, at most `depth` of them.

    What the making raises is raised here, at the item's turn.
    """
    made: queue.Queue[T | BaseException | _End] = queue.Queue(depth)
    unwanted = threading.Event()

    def put(item: T | BaseException | _End) -> bool:
        while not unwanted.is_set():
            try:
                made.put(item, timeout=_PATIENCE)
            except queue.Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(_End())
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits for the item
            put(error)

    thread = threading.Thread(target=make, name="nearhood-ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(item := made.get(), _End):
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        unwanted.set()
        thread.join()


class Begun(Protocol[R_co]):
    """Work that goes on elsewhere."""

    @property
    def is_done(self) -> bool:
        """Whether `result` need not wait."""

    def result(self) -> R_co:
        """Wait for what comes of it."""


def abreast(items: Iterable[T], begin: Callable[[T], Begun[R_co]], width: int) -> Iterator[tuple[T, R_co]]:
    """Yield items, in order, with what comes of the work that is begun for each: for `width` of them at once.

    What their making or the beginning raises is raised behind those that were begun before, except for an interrupt.
    """
    begun: deque[tuple[T, Begun[R_co]]] = deque()
    waiting, fault = iter(items), None
    while True:
        try:
            item = next(waiting)
            begun.append((item, begin(item)))
        except StopIteration:
            break
        except Exception as error:  # noqa: BLE001 - raised below
            fault = error
            break
        # What is done is passed on at once, where the items come slowly.
        while begun and (len(begun) >= width or begun[0][1].is_done):
            first, work = begun.popleft()
            yield first, work.result()
    while begun:
        first, work = begun.popleft()
        yield first, work.result()
    if fault is not None:
        raise fault


class Behind(Generic[T]):
    """A thread that works off items in order; all that were handed over are done when the block ends.

    What it raises is raised at the next `put`, or at the end.
    """

    def __init__(self, work: Callable[[T], None], depth: int) -> None:
        self._work = work
        self._items: queue.Queue[T | _End] = queue.Queue(depth)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="nearhood-behind", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._put(_End())
        self._thread.join()
        if self._error is not None and kind is None:
            raise self._error

    def put(self, item: T) -> None:
        """Hand an item over, waiting while too many are under way."""
        self._put(item)
        if self._error is not None:
            raise self._error

    def _put(self, item: T | _End) -> None:
        while self._thread.is_alive():
            try:
                self._items.put(item, timeout=_PATIENCE)
            except queue.Full:
                continue
            return

    def _run(self) -> None:
        while not isinstance(item := self._items.get(), _End):
            try:
                self._work(item)
            except BaseException as error:  # noqa: BLE001 - raised in the thread that hands items over
                self._error = error
                return
