"""What every reader keeps to."""

import io
import random
import sys
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.document import Options, Part
from ingest.encoding import UnreadableError, decode
from ingest.readers import READERS
from ingest.splitter import split
from search.embedders.base import open_embedder
from search.settings import Settings
from tests.ingest.readers.samples import SAMPLES, epub, word

SUFFIXES = sorted(READERS.rows)
STANDING = {".txt", ".md", ".markdown"}
"""Formats whose text is the file's own."""


def parts(suffix: str, data: bytes, options: Options | None = None) -> list[Part]:
    return list(READERS.load(suffix)(io.BytesIO(data), options or Options()))


def test_every_row_has_a_sample() -> None:
    """A new reader is tested from its first day."""
    assert set(SUFFIXES) == set(SAMPLES)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_passages_are_slices_of_the_reader_s_text(suffix: str, settings: Settings) -> None:
    """Parts follow one another without overlap, and each passage is its text from start to end."""
    made = parts(suffix, SAMPLES[suffix])
    assert made
    assert all(a.start + len(a.text) == b.start for a, b in pairwise(made))
    whole = " " * made[0].start + "".join(part.text for part in made)
    if suffix in STANDING:
        assert decode(SAMPLES[suffix])[made[0].start :] == whole[made[0].start :]
    spans = [span for part in made for span in split(part, open_embedder("local", settings))]
    assert spans
    assert all(whole[span.start : span.end] == span.text and span.text.strip() for span in spans)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_metadata_is_scalars(suffix: str) -> None:
    """Chroma takes nothing else, and marks come in order."""
    for part in parts(suffix, SAMPLES[suffix]):
        assert [mark.start for mark in part.marks] == sorted(mark.start for mark in part.marks)
        values = [*part.metadata.values(), *(v for mark in part.marks for v in mark.metadata.values())]
        assert all(isinstance(value, str | int | float | bool) for value in values)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file_has_no_text(suffix: str) -> None:
    """It is no fault of the reader's, and no passage."""
    assert _read_or_refuse(suffix, b"").strip() == ""


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "garbage", [b"\0\xff" * 999, b"PK\3\4 not a zip", b"\xef\xbb\xbf\xff\xfe", b"[" * 20_000, b'"']
)
def test_garbage_is_refused_or_read(suffix: str, garbage: bytes) -> None:
    """Never does another exception come out."""
    _read_or_refuse(suffix, garbage)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_random_bytes_are_refused_or_read(suffix: str) -> None:
    """Whatever they begin with."""
    for seed in range(20):
        noise = random.Random(seed).randbytes(500)
        _read_or_refuse(suffix, noise)
        _read_or_refuse(suffix, SAMPLES[suffix][:16] + noise)


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(data=st.data())
def test_damaged_files_are_refused_or_read(suffix: str, data: st.DataObject) -> None:
    """A valid file that was cut off, or had bytes changed, has a reason of one line at worst."""
    damaged = bytearray(SAMPLES[suffix][: data.draw(st.integers(1, len(SAMPLES[suffix])))])
    for place, byte in data.draw(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6)):
        damaged[place % len(damaged)] = byte
    _read_or_refuse(suffix, bytes(damaged))


@pytest.mark.parametrize("suffix", [".html", ".epub", ".docx", ".md", ".ipynb"])
def test_nothing_else_is_opened(suffix: str, opened: list[str]) -> None:
    """Neither a file nor an address that a file names."""
    hostile = (
        '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><head><base href="http://127.0.0.1:9/">'
        '<script src="file:///etc/passwd"></script></head><body>&x;<img src="file:///etc/hosts"><p>text</p></body></html>'
    )
    samples = {
        ".html": hostile.encode(),
        ".epub": epub(**{"OEBPS/b.xhtml": hostile}),
        ".docx": word(lambda d: d.add_paragraph("file:///etc/passwd")),
        ".md": b"![[/etc/passwd]] ![x](/etc/passwd) {include} `/etc/passwd`",
    }
    _read_or_refuse(suffix, SAMPLES[suffix])
    opened.clear()
    text = _read_or_refuse(suffix, samples.get(suffix, SAMPLES[suffix]))
    assert "root:" not in text
    assert opened == []


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """What is opened while a test runs."""
    seen: list[str] = []
    active = [True]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if active[0] and event in {"open", "socket.connect", "subprocess.Popen"}:
            seen.append(f"{event} {arguments[0]}")

    # A hook stays for good, so it is only put to sleep.
    sys.addaudithook(hook)
    yield seen
    active[0] = False


def _read_or_refuse(suffix: str, data: bytes) -> str:
    """Return the text, none of a file that is refused in one line."""
    try:
        return "".join(part.text for part in parts(suffix, data))
    except UnreadableError as error:
        reason = error.reason
    assert reason
    assert "\n" not in reason
    return ""
