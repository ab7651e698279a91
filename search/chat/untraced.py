"""LangChain's tracing sends questions and passages to a service where the environment says so: not those of ours."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TypeVar

from langsmith import tracing_context

T = TypeVar("T")


def untraced(events: Iterator[T]) -> Iterator[T]:
    """Yield what a runnable yields, and have nothing of it traced. Close it to stop."""
    try:
        with suppress(StopIteration):
            while True:
                # Not around all of them: who hears of an event may well have traces of his own.
                with tracing_context(enabled=False):
                    event = next(events)
                yield event
    finally:
        if close := getattr(events, "close", None):
            close()
