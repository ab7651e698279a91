"""Files that a reader once failed on, or took too long for."""

import time
from pathlib import Path

import pytest

from tests.ingest.fuzz import REGRESSIONS, check

FILES = sorted(REGRESSIONS.iterdir())
SECONDS = 10
"""Of one file, on a slow machine; what was found took minutes, or never ended."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_was_found_is_read_or_refused_soon(file: Path) -> None:
    """In exact slices, or with a reason of one line."""
    started = time.process_time()
    check(file.suffix, file.read_bytes())
    assert time.process_time() - started < SECONDS
