"""Imports that take seconds, without the search for garbage that would take a quarter of them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_is_garbage() -> Iterator[None]:
    """Keep what is made inside for as long as the process lives, out of the way of later searches for garbage."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
