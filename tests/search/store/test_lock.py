"""One process has a data folder at a time."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from search.errors import StoreBusyError
from search.store.lock import Lock

HOLD = "import sys, pathlib, time; from search.store.lock import Lock\nlock = Lock(pathlib.Path(sys.argv[1]), 'hold')\n"


def _holder(folder: Path) -> subprocess.Popen[str]:
    code = HOLD + "lock.announce('http://127.0.0.1:9'); print('held', flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    """The message names the command, the pid and the address of the holder."""
    with _holder(tmp_path) as holder:
        with pytest.raises(StoreBusyError, match=rf"nearhood hold \(pid {holder.pid}\) at http://127.0.0.1:9"):
            Lock(tmp_path, "test")
        holder.kill()


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    """The lock falls with its process, even at kill -9."""
    with _holder(tmp_path) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    Lock(tmp_path, "test").release()


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    """Released means free, also within one process."""
    Lock(tmp_path, "one").release()
    Lock(tmp_path, "two").release()


def test_who_has_the_folder_already_is_told_so(tmp_path: Path) -> None:
    """In a notebook that opens it twice there is no other process to wait for; once closed, it is free."""
    first = Lock(tmp_path, "one")
    with pytest.raises(StoreBusyError, match="is open in this process already"):
        Lock(tmp_path, "two")
    first.release()
    Lock(tmp_path, "three").release()
