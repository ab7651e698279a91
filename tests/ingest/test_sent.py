"""Files of another machine, on the side that gets them."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ingest.report import Report
from ingest.sent import Listed, Sending, begin, settle
from ingest.sync import Wish
from ingest.uploads import Limits, Uploads
from search.errors import InvalidInputError
from search.service import Service
from search.settings import Settings


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """An empty store."""
    with Service(settings, "test") as opened:
        yield opened


def _begin(service: Service, uploads: Uploads, files: Mapping[str, bytes], *, prune: bool = False) -> Sending:
    listed = [Listed(name, hashlib.sha256(content).hexdigest(), len(content)) for name, content in files.items()]
    return begin(uploads, service.store, "notes", Wish((), prune=prune), ["a"], listed)


def _settled(service: Service, uploads: Uploads, files: Mapping[str, bytes], begun: Sending) -> Report:
    for name in begun.missing:
        uploads.write(begun.batch, name, 0, files[name])
    return settle(uploads, service.store, service.embedder, begun)


def test_more_than_is_taken_at_once_comes_in_turns(service: Service) -> None:
    """And nothing is pruned before the last of them."""
    uploads = Uploads(service.store, Limits(files=2))
    before = {"a/old.md": b"Old words."}
    assert _settled(service, uploads, before, _begin(service, uploads, before)).added == 1
    files = {f"a/{number}.md": b"Words %d." % number for number in range(3)}
    first = _begin(service, uploads, files, prune=True)
    assert (first.missing, first.is_whole) == (("a/0.md", "a/1.md"), False)
    done = _settled(service, uploads, files, first)
    assert (done.added, done.removed) == (2, 0)
    last = _begin(service, uploads, files, prune=True)
    assert (last.missing, last.is_whole, last.gone) == (("a/2.md",), True, ("a/old.md",))
    done = _settled(service, uploads, files, last)
    assert (done.added, done.removed, done.unchanged) == (1, 1, 2)
    assert not (service.store.folder / "files" / "notes" / "a" / "old.md").exists()


def test_what_was_listed_has_to_come(service: Service) -> None:
    """Else nothing is taken in."""
    uploads = Uploads(service.store)
    with pytest.raises(InvalidInputError, match=r"a/x\.md was listed and did not come"):
        settle(uploads, service.store, service.embedder, _begin(service, uploads, {"a/x.md": b"Words."}))
    assert service.store.names() == []


def test_what_a_broken_run_left_is_not_sent_again(service: Service) -> None:
    """It is known by its content, where the ledger does not know it yet."""
    uploads = Uploads(service.store)
    kept: Path = service.store.folder / "files" / "notes" / "a" / "x.md"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"Words.")
    begun = _begin(service, uploads, {"a/x.md": b"Words."})
    assert begun.missing == ()
    assert settle(uploads, service.store, service.embedder, begun).added == 1
    assert _begin(service, uploads, {"a/x.md": b"Other."}).missing == ("a/x.md",)
