"""Files that are brought in pieces."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.sync import Wish, sync
from ingest.uploads import MOST_BATCHES, BatchNotFoundError, Limits, Uploads, safe
from search.errors import InvalidInputError
from search.service import Service
from search.settings import Settings


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """An empty store."""
    with Service(settings, "test") as opened:
        yield opened


def _brought(uploads: Uploads, **files: str) -> str:
    batch = uploads.begin()
    for name, text in files.items():
        uploads.write(batch, f"{name}.md", 0, text.encode())
    return batch


def _take(service: Service, uploads: Uploads, batch: str) -> tuple[int, int, int]:
    looked = uploads.look(batch, service.embedder, "drinks", Wish([]))
    wish = Wish(uploads.keep(batch, "drinks"))
    done = sync(service.store, service.embedder, "drinks", wish)
    assert (looked.added, looked.changed, looked.unchanged) == (done.added, done.changed, done.unchanged)
    return done.added, done.changed, done.unchanged


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("tea.md", "tea.md"),
        ("../../etc/tea.md", "etc/tea.md"),
        ("/etc/tea.md", "etc/tea.md"),
        ("..\\..\\tea.md", "tea.md"),
        (".hidden/.tea.md", "hidden/tea.md"),
        ("te\x00a\n.md", "tea.md"),
        ("<img src=x>.MD", "<img src=x>.MD"),
        ("a/" * 50 + "tea.md", "a/" * 15 + "tea.md"),
    ],
)
def test_a_name_stays_below_its_folder(name: str, becomes: str) -> None:
    """No way up, nothing hidden, no control characters, and no more folders than fifteen."""
    assert safe(name) == becomes


def test_a_long_name_keeps_its_kind() -> None:
    """File systems take 255 bytes of a name."""
    name = safe("ü" * 400 + ".md")
    assert name.endswith("ü.md")
    assert len(name.encode()) <= 201


@pytest.mark.parametrize("name", ["", "..", "tea", "tea.exe", ".md", "/", "\x00"])
def test_what_no_reader_knows_is_refused(name: str) -> None:
    """Before a byte of it is written."""
    with pytest.raises(InvalidInputError, match="no kind that can be read"):
        safe(name)


def test_files_are_known_again(service: Service) -> None:
    """The same file is unchanged, another one of its name is changed, and the dry run says so before."""
    uploads = Uploads(service.store)
    assert _take(service, uploads, _brought(uploads, tea="Tea is hot.", milk="Milk is white.")) == (2, 0, 0)
    assert _take(service, uploads, _brought(uploads, tea="Tea is hot.", milk="Milk is sour.")) == (0, 1, 1)
    assert {Path(name).parent for name in service.store.digests(service.store.collection("drinks"))} == {
        service.store.folder.resolve() / "files" / "drinks"
    }


def test_pieces_follow_each_other(service: Service) -> None:
    """A piece that came twice or out of turn is refused; one at 0 begins the file anew."""
    uploads = Uploads(service.store)
    batch = uploads.begin()
    uploads.write(batch, "tea.md", 0, b"Tea is ")
    with pytest.raises(InvalidInputError, match="where 7 bytes are there"):
        uploads.write(batch, "tea.md", 3, b"hot.")
    assert uploads.write(batch, "tea.md", 7, b"hot.") == 11
    assert uploads.write(batch, "tea.md", 0, b"Tea.") == 4
    assert uploads.paths(batch)[0].read_bytes() == b"Tea."


def test_there_is_a_limit(service: Service) -> None:
    """A file, all files together, and their number are bounded."""
    uploads = Uploads(service.store, Limits(file_bytes=10, bytes=15, files=2))
    batch = uploads.begin()
    uploads.write(batch, "a.md", 0, b"0123456789")
    with pytest.raises(InvalidInputError, match="a file may have"):
        uploads.write(batch, "a.md", 10, b"0")
    with pytest.raises(InvalidInputError, match="bytes can be brought together"):
        uploads.write(batch, "b.md", 0, b"0123456")
    uploads.write(batch, "b.md", 0, b"01")
    with pytest.raises(InvalidInputError, match="files can be brought together"):
        uploads.write(batch, "c.md", 0, b"0")


def test_what_waits_is_let_go(service: Service) -> None:
    """By word, by newer ones, and by another process that opens the folder."""
    uploads = Uploads(service.store)
    batches = [_brought(uploads, tea="Tea is hot.") for _ in range(MOST_BATCHES + 1)]
    with pytest.raises(BatchNotFoundError):
        uploads.paths(batches[0])
    waiting = uploads.paths(batches[1])[0]
    last = uploads.paths(batches[-1])[0]
    uploads.discard(batches[1])
    assert (waiting.exists(), last.exists()) == (False, True)
    Uploads(service.store)
    assert not last.exists()


def test_files_go_with_their_collection(service: Service, tmp_path: Path) -> None:
    """Dropped, a collection takes along what was brought to it, and nothing else."""
    uploads = Uploads(service.store)
    own = tmp_path / "own.md"
    own.write_text("My own note.", encoding="utf-8")
    _take(service, uploads, _brought(uploads, tea="Tea is hot."))
    sync(service.store, service.embedder, "drinks", Wish([own]))
    service.drop("drinks")
    assert not (service.store.folder / "files" / "drinks").exists()
    assert own.exists()


def test_failures_are_remembered_until_they_are_mended(service: Service, tmp_path: Path) -> None:
    """A collection can say what it lacks, and why."""
    good, bad = tmp_path / "good.md", tmp_path / "bad.pdf"
    good.write_text("A good note.", encoding="utf-8")
    bad.write_bytes(b"x")
    sync(service.store, service.embedder, "drinks", Wish([tmp_path / "good.md", bad]))
    number = service.store.collection("drinks").row.number
    assert list(service.store.sources.failures(number)) == [str(bad)]
    assert [info.finished for info in service.store.sources.infos(number)] == [True]
    bad.unlink()
    sync(service.store, service.embedder, "drinks", Wish([tmp_path / "good.md"]))
    service.drop("drinks")
    assert service.store.sources.failures(number) == {}
