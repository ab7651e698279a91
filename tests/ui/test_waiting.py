"""What a terminal shows while something takes long."""

import io
import os

from ui.waiting import Waiting


def test_a_terminal_is_told_what_takes_long_until_it_is_done() -> None:
    """The line is wiped out before anything else is printed."""
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0) as seen, os.fdopen(theirs, "w") as terminal:
        with Waiting("fitting", terminal, after=0):
            assert b"fitting ..." in seen.read(100)
        assert seen.read(100) == b"\r\x1b[K"


def test_what_is_done_at_once_says_nothing() -> None:
    """Nothing comes after the end, either, however often that is said."""
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0) as seen, os.fdopen(theirs, "w") as terminal:
        with Waiting("fitting", terminal, after=60) as waiting:
            waiting.end()
        terminal.write("answer")
        terminal.flush()
        assert seen.read(100) == b"answer"


def test_a_log_has_no_such_line() -> None:
    """It would stay there."""
    log = io.StringIO()
    with Waiting("fitting", log, after=0):
        pass
    assert log.getvalue() == ""
