"""A backup is one file, whole or not there, and restores everything."""

import os
import shutil
import stat
from argparse import Namespace
from pathlib import Path

import pytest

from search.errors import InvalidInputError
from search.files import whole
from search.service import Service
from search.store.backup import back_up
from tests.openai_server import OpenAIServer
from tests.search.store.conftest import embedded, reopened
from ui import upkeep


def test_a_backup_restores_everything_without_embedding(
    service: Service, openai_server: OpenAIServer, tmp_path: Path
) -> None:
    """Put as ledger.sqlite into an empty folder, it is the store, and its index is rebuilt."""
    assert upkeep.backup(service, Namespace(file=tmp_path / "copy", json=True)) == 0
    data = tmp_path / "restored"
    data.mkdir()
    shutil.copy(tmp_path / "copy", data / "ledger.sqlite")
    before = embedded(openai_server)
    with reopened(service, data=data) as restored:
        assert restored.show().passages == 5
        assert restored.store.check_index()
    assert embedded(openai_server) == before


def test_a_backup_is_nobody_else_s(service: Service, tmp_path: Path) -> None:
    """As the data folder is, whatever others' files are made to be; nothing is left beside it."""
    (tmp_path / "out").mkdir()
    before = os.umask(0o022)
    try:
        back_up(service.store, tmp_path / "out" / "backup.sqlite")
    finally:
        os.umask(before)
    (file,) = (tmp_path / "out").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_backup_takes_the_place_of_an_older_one(service: Service, tmp_path: Path) -> None:
    """The same name can be used every night."""
    (tmp_path / "copy").write_text("old")
    assert back_up(service.store, tmp_path / "copy").passages == 5
    assert [p.name for p in tmp_path.iterdir() if "copy" in p.name] == ["copy"]


def test_a_file_that_cannot_be_written_is_said(service: Service, tmp_path: Path) -> None:
    """A folder that is not there is an error in one line."""
    with pytest.raises(InvalidInputError, match="cannot be written"):
        back_up(service.store, tmp_path / "nowhere" / "copy")


def test_what_fails_halfway_leaves_the_old_file(tmp_path: Path) -> None:
    """Neither half a file nor a temporary one stays."""
    (tmp_path / "file").write_text("old")
    with pytest.raises(KeyError), whole(tmp_path / "file") as part:
        part.write_text("half")
        raise KeyError
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]
