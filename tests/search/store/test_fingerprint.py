"""What an index is taken for that was not closed, or whose files are not whole."""

from pathlib import Path

from search.store.fingerprint import fingerprint

MOST = 300 * 2**20
"""More than a file may lack."""


def test_a_file_with_a_hole_is_no_sound_index(tmp_path: Path) -> None:
    """As a torn write leaves it: at its end, or between what was written."""
    file = tmp_path / "data_level0.bin"
    file.write_bytes(b"x" * 4096)
    assert fingerprint(tmp_path) is not None
    with file.open("r+b") as opened:
        opened.truncate(MOST)
    assert fingerprint(tmp_path) is None
    with file.open("r+b") as opened:
        opened.seek(MOST)
        opened.write(b"x" * 4096)
    assert fingerprint(tmp_path) is None
