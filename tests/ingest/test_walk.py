"""Which files are meant by a path."""

import os
from pathlib import Path

import pytest

from ingest.plan import is_there
from ingest.report import Counts
from ingest.walk import find, roots


def _write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def _found(root: Path, counts: Counts | None = None) -> set[str]:
    return {file.relative_to(root.resolve()).as_posix() for file in find([root], counts or Counts())}


def test_hidden_and_generated_folders_are_passed_over(tmp_path: Path) -> None:
    """`.git`, `node_modules` and their kind hold no notes."""
    _write(tmp_path, "a.md", ".git/b.md", "node_modules/c.md", ".obsidian/d.md", "deep/.e.md", "deep/f.txt")
    assert _found(tmp_path) == {"a.md", "deep/f.txt"}


def test_an_ignore_file_names_what_to_pass_over(tmp_path: Path) -> None:
    """In the form of a .gitignore, for its folder and those below; the nearer one wins."""
    _write(tmp_path, "keep.md", "drafts/a.md", "drafts/keep.md", "old.txt", "deep/old.txt")
    (tmp_path / ".nearhoodignore").write_text("# drafts are not ready\ndrafts/*\n!drafts/keep.md\nold.txt\n")
    (tmp_path / "deep" / ".nearhoodignore").write_text("!old.txt\n")
    counts = Counts()
    assert _found(tmp_path, counts) == {"keep.md", "drafts/keep.md", "deep/old.txt"}
    assert counts.skipped["ignored"] == 2


def test_loops_of_links_end(tmp_path: Path) -> None:
    """A folder behind a link is not walked, and the link is counted."""
    _write(tmp_path, "deep/a.md")
    (tmp_path / "deep" / "loop").symlink_to(tmp_path)
    counts = Counts()
    assert _found(tmp_path, counts) == {"deep/a.md"}
    assert counts.skipped["links"] == 1


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    """Nothing outside of what was named is read; inside, a linked file is one file."""
    _write(tmp_path, "secret.txt", "notes/a.md")
    (tmp_path / "notes" / "out.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "notes" / "zero.txt").symlink_to("/dev/zero")
    (tmp_path / "notes" / "again.md").symlink_to(tmp_path / "notes" / "a.md")
    assert _found(tmp_path / "notes") == {"a.md"}


def test_pipes_and_sockets_are_not_opened(tmp_path: Path) -> None:
    """A FIFO without a writer would hold the run for ever."""
    _write(tmp_path, "a.md")
    os.mkfifo(tmp_path / "pipe.txt")
    counts = Counts()
    assert _found(tmp_path, counts) == {"a.md"}
    assert counts.skipped["special"] == 1
    assert find([tmp_path / "pipe.txt"], counts) == []
    assert counts.failed[-1].reason == "is no regular file"


def test_names_that_are_not_utf8_are_reported(tmp_path: Path) -> None:
    """They could not be written down."""
    with open(os.fsencode(tmp_path) + b"/\xff.txt", "w") as file:  # noqa: PTH123 - a path of bytes
        file.write("text")
    counts = Counts()
    assert find([tmp_path], counts) == []
    assert counts.failed[0].reason == "has a name that is not UTF-8"


def test_a_file_named_twice_is_one(tmp_path: Path) -> None:
    """By folder and by name, through `..` and a link."""
    _write(tmp_path, "notes/a.md")
    (tmp_path / "link").symlink_to(tmp_path / "notes")
    paths = [tmp_path / "notes", tmp_path / "notes" / ".." / "notes" / "a.md", tmp_path / "link"]
    assert len(find(paths, Counts())) == 1


def test_a_file_that_may_not_be_looked_at_is_not_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """To let go of it would lose what another user took in."""

    def exists(_: Path) -> bool:
        raise PermissionError

    assert not is_there("/nowhere/at/all.md")
    monkeypatch.setattr(Path, "exists", exists)
    assert is_there("/root/notes.md")


def test_a_path_with_a_nul_is_no_path() -> None:
    """As JSON can bring one, which no system call takes."""
    counts = Counts()
    assert find(["/a\0b", "~nobody\0"], counts) == []
    assert {failure.reason for failure in counts.failed} == {"there is no such file or folder"}
    assert len(roots(["/a\0b"])) == 1
