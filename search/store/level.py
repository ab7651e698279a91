"""What the indexer's child process does: opens the index, probes it, and brings it level with the ledger.

It is asked on standard input, a line of JSON each, and ends when that is closed, however its parent ended.
"""

import base64
import heapq
import json
import os
import select
import shutil
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from search.errors import DiskFullError, IndexServerError, NearhoodError, ReplicaError
from search.store.entry import APART
from search.store.fingerprint import fingerprint
from search.store.index import PART, WHOLE, Index, Published
from search.store.indexer import OPEN, STATE, SUSPECT
from search.store.ledger import CollectionRow, Ledger
from search.store.look import look
from search.store.parts import Parts, most, names
from search.store.pending import Numbered, Pending
from search.store.site import Site
from search.types import Vectors

BATCH, BATCH_BYTES = 5_000, 16 * 2**20
"""Passages that are written between two looks at whether the parent still lives, and their vectors: some seconds of
work. Chroma writes files anew with each batch, so that fewer large ones are a fifth quicker."""
_FLOAT_BYTES = 4


class _OrphanedError(Exception):
    """Nobody waits for the rest."""


class Reader:
    """An index that another process writes."""

    def __init__(self, site: Site) -> None:
        self._index = Index(site)

    def close(self) -> None:
        """Close it."""
        self._index.close()

    def doubt(self) -> None:
        """Note that it failed."""

    def query(self, name: str, rows: str, dimension: int, k: int) -> dict[str, Any]:
        """Return what the graph finds for each vector.

        :param rows: float32, little-endian, base64.
        """
        vectors = np.frombuffer(base64.b64decode(rows), dtype="<f4").reshape(-1, dimension)
        found = [self._index.query(part, vectors, k) for part in self._names(name)]
        # Of each row in each part; what is nearer in another part takes its place.
        nearest = (heapq.nsmallest(k, (one for some in parts for one in some)) for parts in zip(*found, strict=True))
        return {"ids": [[passage_id for _, passage_id in some] for some in nearest]}

    def _names(self, name: str) -> list[str]:
        """Return the parts of a collection."""
        return [name]


class Level(Reader):
    """Ledger and index of a folder."""

    def __init__(self, folder: Path, part_bytes: int, site: Site, *, probe: bool) -> None:
        """Open both. What was not closed is compared with the ledger, and what differs is deleted.

        :param part_bytes: What a part of a large collection takes of memory.
        :param probe: Compare in any case.
        """
        self._ledger = Ledger(folder / "ledger.sqlite")
        self._pending = Pending(self._ledger)
        self._part_bytes = part_bytes
        self._parts: dict[str, Parts] = {}
        self._held = ""
        self._site = site
        self._folder = site.folder
        self._doubtful = False
        self.rebuilt = False
        if site.is_folder:
            self._look_at_folder(probe=probe)
        else:
            self.rebuilt = look(self._ledger, self._pending, site, probe=probe)
        self._ledger.set_fact(STATE, OPEN)
        super().__init__(site)

    def _look_at_folder(self, *, probe: bool) -> None:
        found = fingerprint(self._folder)
        self.rebuilt = found is None or self._ledger.fact(STATE) == SUSPECT
        if self.rebuilt:
            self._discard()
        elif probe or self._ledger.fact(STATE) != found:
            # Stays so when the probe ends this process, and the next one starts from nothing.
            self._ledger.set_fact(STATE, SUSPECT)
            self._probe()

    def close(self) -> None:
        """Close both, leaving a fingerprint of the index."""
        super().close()
        if self._site.is_folder:
            self._ledger.set_fact(STATE, fingerprint(self._folder) or SUSPECT)
        elif not self._doubtful:
            self._ledger.set_fact(STATE, self._site.name)
        self._ledger.close()

    def doubt(self) -> None:
        """Have the index compared with the ledger next time: a server that failed may have ended in the middle."""
        self._doubtful = True

    def level(self) -> dict[str, Any]:
        """Write what the index has yet to hear of."""
        if self._site.is_folder:
            self._drop()
        for row in self._ledger.collections():
            self._level(row.number)
        # Others read the old one on a server until the new one is there.
        self._drop()
        rebuilt, self.rebuilt = self.rebuilt, False
        return {"rebuilt": rebuilt}

    def renew(self, collection: str, to: Sequence[Any]) -> dict[str, Any]:
        """Build a new generation with an embedder's vectors, and switch to it."""
        row = next(row for row in self._ledger.collections() if row.name == collection)
        embedder, dimension = str(to[0]), int(to[1])
        switched = self._renew(row, embedder, dimension)
        self.level()
        return {"switched": switched}

    def _drop(self) -> None:
        for index_name in self._pending.dropped():
            for part in self._names(index_name):
                self._index.drop(part)
            self._pending.clear_dropped(index_name)
            self._parts.pop(index_name, None)

    def _level(self, number: int) -> None:
        # Published is a version from before a look that found nothing, so that what comes in later is of a later one;
        # written is one from after the look, so that no replica takes what it lacks for what it has.
        while (row := self._row(number)) is not None:
            if removed := self._pending.removed(number):
                self._delete(self._names(row.index_name), removed)
                self._pending.clear_removed(number, removed)
            if batch := self._pending.passages(number, _most(row.dimension)):
                self._write(self._row(number) or row, row.index_name, batch)
                self._pending.mark_indexed(batch)
            if not removed and not batch:
                self._publish(row)
                return

    def _row(self, number: int) -> CollectionRow | None:
        return next((row for row in self._ledger.collections() if row.number == number), None)

    def _delete(self, parts: Sequence[str], removed: Sequence[str]) -> None:
        for part in parts:
            there = removed if len(parts) == 1 else self._index.having(part, removed)
            if there:
                self._hold(part)
                self._index.delete(part, there)

    def _publish(self, row: CollectionRow) -> None:
        """Tell replicas of a version."""
        fact = f"published {row.index_name}"
        if self._site.is_folder or self._ledger.fact(fact) == str(row.version):
            return
        self._index.publish(Published(row.name, row.embedder, row.dimension, row.version, row.index_name))
        self._ledger.set_fact(fact, str(row.version))

    def _renew(self, row: CollectionRow, embedder: str, dimension: int) -> bool:
        name = self._pending.begin_generation(row)
        for batch in self._pending.generation(row, embedder, _most(dimension)):
            self._write(row, name, batch)
        return self._pending.switch(row, name, embedder, dimension)

    def _write(self, row: CollectionRow, name: str, batch: Sequence[Numbered]) -> None:
        """Write passages to a generation of a collection."""
        if select.select([sys.stdin], [], [], 0)[0]:
            raise _OrphanedError
        hnsw, written = (PART, None) if self._site.is_folder else (WHOLE, row.version)
        for part, some in self._divided(row, name, batch):
            self._hold(part)
            self._index.upsert(part, [one.passage for one in some], _apart(some), hnsw, written)

    def _divided(
        self, row: CollectionRow, name: str, batch: Sequence[Numbered]
    ) -> Sequence[tuple[str, Sequence[Numbered]]]:
        if not self._site.is_folder:
            return [(name, batch)]
        if name not in self._parts:
            self._parts[name] = Parts(self._ledger, row.number, name)
        return self._parts[name].divided(batch, most(len(batch[0].vector) // _FLOAT_BYTES, self._part_bytes))

    def _names(self, name: str) -> list[str]:
        return names(self._ledger, name)

    def _hold(self, part: str) -> None:
        """Let go of the part that was written before, whose graph Chroma holds until it is closed."""
        if self._held not in {"", part} and self._site.is_folder:
            self._index.close()
            self._index = Index(self._site)
        self._held = part

    def _probe(self) -> None:
        for row in self._ledger.collections():
            indexed, _ = self._pending.counts(row.number)
            if sum(self._sound(row, part) for part in self._names(row.index_name)) != indexed:
                raise SystemExit(1)

    def _sound(self, row: CollectionRow, part: str) -> int:
        # Each with a client of its own, which lets go of the graph.
        index = Index(self._site)
        found = index.sound(part, partial(self._pending.expected, row.number))
        index.close()
        if found is None:
            raise SystemExit(1)
        return found

    def _discard(self) -> None:
        if self._folder.exists():
            shutil.rmtree(self._folder)
        self._pending.forget_index()


def _most(dimension: int) -> int:
    """Return how many passages are written at once."""
    return max(1, min(BATCH, BATCH_BYTES // (dimension * _FLOAT_BYTES)))


def _apart(passages: Sequence[Numbered]) -> Vectors:
    """Return the vectors of passages, each that others have before them moved a little, by less than a probe notices.

    HNSW joins a point with its nearest, but for those that are nearer to another of them. Of a text that is there many
    times over, the nearest are copies, none nearer to one than to another: no edge is left that leads out, and whole
    regions are never reached.
    """
    rows = np.array([np.frombuffer(one.vector, dtype="<f4") for one in passages], dtype=np.float32)
    for at, one in enumerate(passages):
        if one.is_copy:
            aside = np.random.default_rng(one.number).normal(size=rows[at].shape)
            rows[at] += APART * aside / np.linalg.norm(aside)
    return rows


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
        level = _opened()
    except (DiskFullError, IndexServerError) as error:
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


def _opened() -> Reader:
    folder, part_bytes, probe, _, where, reads_only = sys.argv[1:]
    site = Site.from_json(where, os.environ.get("CHROMA_API_KEY", ""))
    if reads_only == "1":
        return Reader(site)
    return Level(Path(folder), int(part_bytes), site, probe=probe == "1")


def _answer(level: Reader, request: dict[str, Any]) -> dict[str, Any]:
    try:
        if "query" in request:
            return level.query(**request["query"])
        if not isinstance(level, Level):
            raise ReplicaError
        return level.renew(request["collection"], request["to"]) if "to" in request else level.level()
    except NearhoodError as error:
        level.doubt()
        return _failure(error)


def _failure(error: NearhoodError) -> dict[str, Any]:
    return {"error": error.kind, "message": str(error)}


if __name__ == "__main__":
    main()
