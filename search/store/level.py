"""What the indexer's child process does: opens the index, probes it, and brings it level with the ledger.

It is asked on standard input, a line of JSON each, and ends when that is closed, however its parent ended.
"""

import base64
import hashlib
import json
import select
import shutil
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from search.errors import DiskFullError, NearhoodError
from search.store.index import DEEP, LIGHT, Index
from search.store.indexer import OPEN, STATE, SUSPECT
from search.store.ledger import CollectionRow, Ledger
from search.store.pending import Numbered, Pending

BATCH = 2_500
"""Passages that are written between two looks at whether the parent still lives: some seconds of work."""
_FLOAT_BYTES = 4
_BLOCK, _MOST_HOLES = 512, 256 * 2**20
"""Bytes of what a file system counts, and of a file that may be missing on it."""


class _OrphanedError(Exception):
    """Nobody waits for the rest."""


class Level:
    """Ledger and index of a folder."""

    def __init__(self, folder: Path, exact_bytes: int, *, probe: bool) -> None:
        """Open both. What was not closed is compared with the ledger, and what differs is deleted.

        :param probe: Compare in any case.
        """
        self._ledger = Ledger(folder / "ledger.sqlite")
        self._pending = Pending(self._ledger)
        self._exact_bytes = exact_bytes
        self._folder = folder / "chroma"
        found = fingerprint(self._folder)
        self.rebuilt = found is None or self._ledger.fact(STATE) == SUSPECT
        if self.rebuilt:
            self._discard()
        elif probe or self._ledger.fact(STATE) != found:
            # Stays so when the probe ends this process, and the next one starts from nothing.
            self._ledger.set_fact(STATE, SUSPECT)
            self._probe()
        self._ledger.set_fact(STATE, OPEN)
        self._index = Index(self._folder)

    def close(self) -> None:
        """Close both, leaving a fingerprint of the index."""
        self._index.close()
        self._ledger.set_fact(STATE, fingerprint(self._folder) or SUSPECT)
        self._ledger.close()

    def level(self) -> dict[str, Any]:
        """Write what the index has yet to hear of."""
        for index_name in self._pending.dropped():
            self._index.drop(index_name)
            self._pending.clear_dropped(index_name)
        for row in self._ledger.collections():
            self._level(row)
        rebuilt, self.rebuilt = self.rebuilt, False
        return {"rebuilt": rebuilt}

    def renew(self, collection: str, to: Sequence[Any]) -> dict[str, Any]:
        """Build a new generation with an embedder's vectors, and switch to it."""
        row = next(row for row in self._ledger.collections() if row.name == collection)
        embedder, dimension = str(to[0]), int(to[1])
        switched = self._renew(row, embedder, dimension)
        self.level()
        return {"switched": switched}

    def query(self, name: str, rows: str, dimension: int, k: int) -> dict[str, Any]:
        """Return what the graph finds for each vector.

        :param rows: float32, little-endian, base64.
        """
        vectors = np.frombuffer(base64.b64decode(rows), dtype="<f4").reshape(-1, dimension)
        return {"ids": self._index.query(name, vectors, k)}

    def _level(self, row: CollectionRow) -> None:
        hnsw = self._hnsw(row, row.dimension)
        neighbors = self._index.neighbors(row.index_name)
        if neighbors is not None and neighbors < int(str(hnsw["max_neighbors"])):
            # It has outgrown exact search; the settings of a graph are fixed when it is made.
            self._renew(row, row.embedder, row.dimension)
            self.level()
            return
        if removed := self._pending.removed(row.number):
            self._index.delete(row.index_name, removed)
            self._pending.clear_removed(row.number, removed)
        while batch := self._pending.passages(row.number, BATCH):
            self._write(row.index_name, batch, hnsw)
            self._pending.mark_indexed(batch)

    def _renew(self, row: CollectionRow, embedder: str, dimension: int) -> bool:
        name = self._pending.begin_generation(row)
        hnsw = self._hnsw(row, dimension)
        for batch in self._pending.generation(row, embedder, BATCH):
            self._write(name, batch, hnsw)
        return self._pending.switch(row, name, embedder, dimension)

    def _write(self, name: str, batch: Sequence[Numbered], hnsw: dict[str, Any]) -> None:
        if select.select([sys.stdin], [], [], 0)[0]:
            raise _OrphanedError
        vectors = np.frombuffer(b"".join(vector for _, _, vector in batch), dtype="<f4")
        self._index.upsert(name, [p for _, p, _ in batch], vectors.reshape(len(batch), -1), hnsw)

    def _hnsw(self, row: CollectionRow, dimension: int) -> dict[str, Any]:
        exact = self._ledger.size(row.number) * dimension * _FLOAT_BYTES <= self._exact_bytes
        return dict(LIGHT if exact else DEEP)

    def _probe(self) -> None:
        index = Index(self._folder)
        for row in self._ledger.collections():
            indexed, _ = self._pending.counts(row.number)
            if not index.agrees(row.index_name, indexed, partial(self._pending.expected, row.number)):
                raise SystemExit(1)
        index.close()

    def _discard(self) -> None:
        if self._folder.exists():
            shutil.rmtree(self._folder)
        self._pending.forget_index()


def fingerprint(folder: Path) -> str | None:
    """Return a digest of all files under a folder; None where one is mostly a hole, as no sound index has.

    A write that was torn can leave a file of ten terabytes with nothing in it.
    """
    digest = hashlib.blake2b()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        status = path.stat()
        if status.st_size - status.st_blocks * _BLOCK > _MOST_HOLES:
            return None
        digest.update(f"{path.relative_to(folder)}\0{status.st_size}\0".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "blake2b").digest())
    return digest.hexdigest()


def main() -> None:
    """Answer requests until there are no more."""
    # Ctrl-C and systemd reach the whole group; the parent says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # A torn graph can lead nowhere for ever. Nobody else would end this process once its parent is dead, and it has the
    # lock; the kernel does so, as Chroma lets no Python run meanwhile.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(int(sys.argv[4]))
    try:
        level = Level(Path(sys.argv[1]), int(sys.argv[2]), probe=sys.argv[3] == "1")
    except DiskFullError as error:
        print("+" + json.dumps(_failure(error)), flush=True)
        return
    signal.alarm(0)
    print("+", end="", flush=True)
    try:
        while line := sys.stdin.readline():
            print(json.dumps(_answer(level, json.loads(line))), flush=True)
    except _OrphanedError:
        pass
    level.close()


def _answer(level: Level, request: dict[str, Any]) -> dict[str, Any]:
    try:
        if "to" in request:
            return level.renew(request["collection"], request["to"])
        return level.query(**request["query"]) if "query" in request else level.level()
    except NearhoodError as error:
        return _failure(error)


def _failure(error: NearhoodError) -> dict[str, Any]:
    return {"error": error.kind, "message": str(error)}


if __name__ == "__main__":
    main()
