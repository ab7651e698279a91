"""Searches beside an ingest and deletions: no fault, no wrong record, and what was acknowledged is found at once."""

from pathlib import Path

from benchmarks.consistency import watched
from search.service import Service
from search.settings import Settings
from tests.api.conftest import Running


def test_searches_stay_right_while_records_come_and_go(tmp_path: Path, cache: Path) -> None:
    """A short form of benchmarks/consistency.py."""
    with Service(Settings(data=tmp_path / "data", cache=cache), "test") as service, Running(service) as url:
        seen = watched(url, clients=4, seconds=0, least=4)
    assert seen.wrong == []
    assert (seen.records, seen.removed) == (4, 2)
    assert seen.searches > 4
