"""Has the index written by a child process.

Chroma keeps the interpreter to itself while it works, and a torn index ends the process that reads it: neither may
happen to the process that a user talks to.
"""

import base64
import contextlib
import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import IO, Any, cast

import numpy as np

from search.errors import DiskFullError, IndexServerError, StoreDamagedError
from search.store.ledger import Ledger
from search.store.lock import Lock
from search.store.parts import PART_BYTES
from search.store.pending import Pending
from search.store.room import is_full
from search.store.site import Site
from search.types import Vectors

ATTEMPTS = 3
"""As they come, after a probe, and from nothing."""
STATE = "index"
"""The fact that says how the index was left: a fingerprint when closed, else one of the next two."""
SEEN = "index files"
"""The fact that says how the index's files were when they were last closed."""
OPEN, SUSPECT = "open", "suspect"
_PROBE_SECONDS = 20.0
"""A probe that takes longer, with a millisecond more for each passage, has met a graph that leads nowhere."""
_SERVER_TIMES = 20
"""A server takes longer, and others use it, too."""
_CLOSE_SECONDS = 8.0
_BYTES_A_SECOND = 100 * 2**20
"""That a slow disk reads: the child reads all of the index once more as it closes, for its fingerprint."""
_PATIENCE = 0.2
"""Seconds that a query waits while the index is being written; then it is answered without it."""


class Indexer:
    """Keeps the index level with the ledger, in a child process that starts when it is first needed."""

    def __init__(self, ledger: Ledger, lock: Lock, site: Site, *, reads_only: bool = False) -> None:
        """Nothing is opened before it is needed.

        :param lock: Inherited by the child, so that nobody opens the folder before it is done.
        :param reads_only: Whether another process writes the index.
        """
        self._ledger = ledger
        self._lock = lock
        self._site = site
        self._reads_only = reads_only
        self._turn = threading.Lock()
        self._child: _Child | None = None
        self._closed = False
        self._handing = threading.Lock()
        """Held while it is settled whether a child that was started is still wanted."""
        self._unsound = False

    def update(self) -> None:
        """Bring the index level with the ledger.

        :raises DiskFullError: When there is no room for it.
        """
        if not self._is_level():
            self._ask({})

    def probe(self) -> bool:
        """Compare the index with the ledger, rebuild it where they differ, and return whether they did."""
        self._stop()
        return bool(self._ask({"probe": True})["rebuilt"])

    def renew(self, collection: str, embedder: str, dimension: int) -> bool:
        """Build a new generation of a collection with an embedder's vectors, and switch to it.

        :return: False when passages came in meanwhile that have no such vector yet.
        """
        return bool(self._ask({"collection": collection, "to": [embedder, dimension]})["switched"])

    def query(self, index_name: str, vectors: Vectors, k: int) -> list[list[str]] | None:
        """Return the ids that a graph finds for each row, nearest first; None when it cannot be asked now."""
        if self._unsound or self._closed or not self._turn.acquire(timeout=_PATIENCE):
            return None
        try:
            rows = base64.b64encode(np.ascontiguousarray(vectors, dtype="<f4").tobytes()).decode()
            asked = {"name": index_name, "rows": rows, "dimension": vectors.shape[1], "k": k}
            reply = self._try({"query": asked})
        finally:
            self._turn.release()
        # Whatever ails it, the next update finds out, and mends it.
        self._unsound = reply is None or "error" in reply
        return None if reply is None else reply.get("ids")

    @contextlib.contextmanager
    def resting(self) -> Iterator[None]:
        """Ask nothing of the child in the block: it would wait for a ledger that somebody writes to for long."""
        with self._turn:
            yield

    def discard(self) -> None:
        """Delete the index, to be written anew at the next update."""
        self._stop()
        self._ledger.set_fact(STATE, SUSPECT)

    def close(self) -> None:
        """End the child, once it has written what it is at."""
        with self._handing:
            self._closed = True
        self._stop()

    def _is_level(self) -> bool:
        """Return whether the index is as it was closed, and has heard of everything."""
        closed = self._ledger.fact(STATE) not in {None, OPEN, SUSPECT}
        return closed and self._ledger.fact(SEEN) == self._stamp() and Pending(self._ledger).is_empty()

    def _stamp(self) -> str:
        """Return what changes with any file of the index."""
        if not self._site.is_folder:
            return self._site.name
        folder = self._site.folder
        files = ((path, path.stat()) for path in sorted(folder.rglob("*")) if path.is_file())
        stamps = [(str(path.relative_to(folder)), status.st_size, status.st_mtime_ns) for path, status in files]
        return json.dumps(stamps)

    def _bytes(self) -> int:
        """Return the size of the index on this machine, about: it may be written meanwhile."""
        size = 0
        for path in self._site.folder.rglob("*") if self._site.is_folder else ():
            with contextlib.suppress(FileNotFoundError):
                size += path.stat().st_size
        return size

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._turn:
            for attempt in range(ATTEMPTS):
                if attempt == ATTEMPTS - 1:
                    self._ledger.set_fact(STATE, SUSPECT)
                reply = self._try(request)
                if self._closed:
                    return {"rebuilt": False, "switched": True}
                if reply is not None:
                    self._unsound = False
                    return self._checked(reply)
        folder = self._ledger.path.parent
        if is_full(folder):
            raise DiskFullError(folder)
        raise StoreDamagedError(
            f"the index in {folder} cannot be written; passages and vectors are safe, and search does not need it: "
            f"run nearhood doctor"
        )

    def _try(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """Return the child's answer; None when it ended without one."""
        child = self._started(probe=bool(request.get("probe")))
        if child is None:
            return None
        with contextlib.suppress(BrokenPipeError):
            child.requests.write(json.dumps(request) + "\n")
            child.requests.flush()
        line = child.replies.readline()
        if not line:
            self._stop()
            return None
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _started(self, *, probe: bool) -> "_Child | None":
        """Return the child once it is ready; None when it was not in time, or ended before."""
        if self._child is not None and self._child.process.poll() is None:
            return self._child
        passages = sum(self._ledger.size(row.number) for row in self._ledger.collections())
        times = 1 if self._site.is_folder else _SERVER_TIMES
        seconds = int((_PROBE_SECONDS + passages / 1000) * times)
        where = self._ledger.path.parent, PART_BYTES, int(probe), seconds
        arguments = (*where, self._site.to_json(), int(self._reads_only))
        child = _Child(list(map(str, arguments)), self._lock.fileno(), self._site.key)
        with self._handing:
            is_late = self._closed
            self._child = None if is_late else child
        if is_late:
            # Whoever closed this found no child to end.
            child.end(_CLOSE_SECONDS)
            return None
        # The mark that it is ready, or nothing. One that came after its time must not be read as an answer.
        if select.select([child.replies], [], [], seconds)[0] and child.replies.read(1):
            return child
        child.process.kill()
        self._stop()
        return None

    def _checked(self, reply: dict[str, Any]) -> dict[str, Any]:
        folder = self._ledger.path.parent
        if reply.get("error") == "disk-full":
            raise DiskFullError(folder)
        if reply.get("error") == "index-server":
            raise IndexServerError(str(reply["message"]))
        if "error" in reply:
            raise StoreDamagedError(str(reply["message"]))
        return reply

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end(_CLOSE_SECONDS + self._bytes() / _BYTES_A_SECOND)
            self._ledger.set_fact(SEEN, self._stamp())


class _Child:
    """The process, and what is said to it and by it."""

    def __init__(self, arguments: list[str], lock: int, key: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "search.store.level", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "CHROMA_API_KEY": key},
            pass_fds=[lock],
        )
        self.requests = cast("IO[str]", self.process.stdin)
        self.replies = cast("IO[str]", self.process.stdout)

    def end(self, seconds: float) -> None:
        """Wait until it has written what it is at, but not for ever."""
        with contextlib.suppress(BrokenPipeError):
            self.requests.close()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.replies.close()
