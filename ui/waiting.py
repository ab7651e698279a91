"""A word on what takes long, for those who sit at a terminal."""

import sys
from threading import Lock, Timer
from typing import Self, TextIO

AFTER = 2.0
"""Seconds without a word."""


class Waiting:
    """A line that says what is done, once it takes long, and that is taken back at the end; in a log there is none."""

    def __init__(self, what: str, to: TextIO | None = None, after: float = AFTER) -> None:
        self._to = to or sys.stderr
        self._what = what
        self._timer = Timer(after, self._say)
        self._timer.daemon = True
        self._lock = Lock()
        self._is_over = self._is_shown = False

    def __enter__(self) -> Self:
        if self._to.isatty():
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Take the line back; nothing comes after that."""
        self._timer.cancel()
        with self._lock:
            self._is_over = True
            if self._is_shown:
                self._is_shown = False
                self._to.write("\r\033[K")
                self._to.flush()

    def _say(self) -> None:
        with self._lock:
            if not self._is_over:
                self._is_shown = True
                self._to.write(f"\033[2m{self._what} ...\033[0m")
                self._to.flush()
