"""How many threads a matrix product takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

_lock = Lock()
_inside: list[Any] = []
"""The limit, once for each that is inside."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Have each matrix product of this process go by one thread while this lasts.

    Threads of many small products wait for each other longer than they multiply: a regression took 19 s of two busy
    cores, and takes 2 of one. Who is inside at the same time shares the limit, which the last one lifts.
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - looks through all that is loaded

    with _lock:
        _inside.append(_inside[0] if _inside else threadpool_limits(1, "blas"))
    try:
        yield
    finally:
        with _lock:
            limit = _inside.pop()
            if not _inside:
                limit.restore_original_limits()
