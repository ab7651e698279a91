"""Plain text of any size and encoding."""

import io
import tracemalloc

import pytest

from ingest.encoding import NotTextError, UnreadableError, decode, detect
from ingest.readers.text import read


class Endless(io.RawIOBase):
    """A file of one repeated block that takes no memory."""

    def __init__(self, block: bytes, times: int) -> None:
        self._block, self._size, self._at = block, len(block) * times, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        inside = self._at % len(self._block)
        taken = min(len(buffer), len(self._block) - inside, max(0, self._size - self._at))
        buffer[:taken] = self._block[inside : inside + taken]
        self._at += taken
        return taken


@pytest.mark.parametrize(
    "block", [b"Water runs to the sea.\n\n" * 300_000, b"water " * 1_200_000 + b"\n", b"x" * 7_000_000 + b"\n"]
)
def test_a_file_of_any_size_takes_little_memory(block: bytes) -> None:
    """Parts end at a paragraph, else a word, else anywhere."""
    tracemalloc.start()
    size = sum(len(part.text) for part in read(io.BufferedReader(Endless(block, 15))))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == 15 * len(block)
    assert peak < 50 * 2**20


@pytest.mark.parametrize("before", [b"", b"Water runs to the sea.\n" * 100_000])
def test_an_endless_line_is_refused_before_any_of_it_comes(before: bytes) -> None:
    """Cutting it would take minutes."""
    lines = before.count(b"\n") + 1
    with pytest.raises(UnreadableError, match=f"line {lines:,} is longer than 8,000,000 characters"):
        for part in read(io.BytesIO(before + b"water " * 2_000_000)):
            assert part.start + len(part.text) <= len(before)


def test_parts_end_where_words_do() -> None:
    """No passage begins in the middle of one."""
    parts = list(read(io.BytesIO(b"water " * 500_000)))
    assert len(parts) > 1
    assert all(part.text.endswith("water ") for part in parts)


def test_a_false_mark_is_reported() -> None:
    """The file is read as what it is."""
    (part,) = read(io.BytesIO(b"\xef\xbb\xbfIt cost \xa315 and the club has paid for it ever since that summer."))
    assert part.text.startswith("It cost £15")
    assert "declares UTF-8" in part.warnings[0]


def test_a_few_damaged_bytes_do_not_change_the_encoding() -> None:
    """Of UTF-8 with an error in it, the error is replaced and reported."""
    (part,) = read(io.BytesIO("Élève à la forêt. ".encode() * 20 + b"\xe9."))
    assert part.text.startswith("Élève")
    assert part.text.endswith("\ufffd.")
    assert "1 bytes are not UTF-8" in part.warnings[0]


def test_late_bytes_of_another_encoding_are_seen() -> None:
    """A megabyte of ASCII says nothing about what comes behind it."""
    data = b"The club paid for it that summer.\n" * 60_000 + b"It cost \xa315.8m to buy him."
    assert "".join(part.text for part in read(io.BytesIO(data))).endswith("£15.8m to buy him.")


def test_utf_16_without_a_mark_is_recognised() -> None:
    """By the zeros between its letters."""
    assert decode("Water runs to the sea.".encode("utf-16-le")) == "Water runs to the sea."
    assert detect(io.BytesIO("Water".encode("utf-16-be"))).name == "utf-16-be"


def test_zeros_are_no_text() -> None:
    """Wherever they come."""
    with pytest.raises(NotTextError):
        list(read(io.BytesIO(b"text " * 300_000 + b"\0")))


def test_a_reader_that_nobody_reads_to_the_end_says_nothing() -> None:
    """Also where its file is closed before it, as when a full disk ends an ingest and both are thrown away."""
    file = io.BytesIO(b"A paragraph of text.\n\n" * 100_000)
    parts = read(file)
    next(iter(parts))
    file.close()
    parts.close()  # type: ignore[attr-defined] # a generator
