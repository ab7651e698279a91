"""Looks at everything that a data folder should be, and says what to do where it is not."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from search.embedders.base import Embedder
from search.embedders.weights import model_files, verify
from search.errors import DiskFullError, IndexServerError, ModelFilesError, NearhoodError, StoreDamagedError
from search.store.drift import count_changed, sample
from search.store.ledger import CollectionRow
from search.store.sources import SWEEP
from search.store.store import Store

LEAST_ROOM = 100 * 2**20
"""Bytes below which the disk is soon full."""
_ROUNDING = 1e-3
"""How far a vector's length may be from 1."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    advice: str = ""
    """What to do; empty when all is well."""


def examine(
    store: Store, embedder: str, model: Path | None = None, opened: Callable[[], Embedder] | None = None
) -> Iterator[Check]:
    """Yield what is found, one check after the other. An index that differs from the ledger is rebuilt on the way.

    :param embedder: The configured one, such as `local`.
    :param model: Where the local model's files are, as in `model_files`.
    :param opened: What opens the embedder, to see whether it still gives what it gave; None to embed nothing.
    """
    checks: tuple[Callable[[Store], Check], ...] = (_lock, _ledger, _vectors, _sources, _orphans, _purge, _index, _room)
    for check in checks:
        try:
            yield check(store)
        except (StoreDamagedError, DiskFullError, IndexServerError) as error:
            yield Check(check.__name__.strip("_"), ok=False, found=str(error), advice="see the line above")
    if embedder.partition(":")[0] == "local":
        yield _model(model)
    if opened is not None:
        yield _embedder(store, opened)


def _lock(store: Store) -> Check:
    return Check("lock", ok=True, found=f"no other process has {store.folder}")


def _ledger(store: Store) -> Check:
    wrong = [line for (line,) in store.ledger.rows("PRAGMA integrity_check(5)") if line != "ok"]
    wrong += [f"a row of {table} points nowhere" for table, *_ in store.ledger.rows("PRAGMA foreign_key_check")[:5]]
    if wrong:
        advice = f"put a backup in the place of {store.ledger.path}, or move it away and ingest again"
        return Check("ledger", ok=False, found="; ".join(wrong), advice=advice)
    return Check("ledger", ok=True, found=f"{store.ledger.path} is intact")


def _vectors(store: Store) -> Check:
    rows = store.ledger.collections()
    wrong = {row.name: count for row in rows if (count := _wrong_vectors(store, row))}
    if wrong:
        found = ", ".join(f"{count:,} of {name!r} have a wrong vector" for name, count in wrong.items())
        advice = f"run nearhood collections reindex {next(iter(wrong))} --fresh"
        return Check("vectors", ok=False, found=found, advice=advice)
    passages = sum(store.ledger.size(row.number) for row in rows)
    return Check("vectors", ok=True, found=f"each of {passages:,} passages has a unit vector of the right size")


def _wrong_vectors(store: Store, row: CollectionRow) -> int:
    [(without,)] = store.ledger.rows(
        "SELECT count(*) FROM passages p LEFT JOIN vectors v ON v.number = p.vector"
        " WHERE p.collection = ? AND length(v.vector) IS NOT ?",
        (row.number, row.dimension * 4),
    )
    if without:
        return int(without)
    lengths = (np.linalg.norm(rows, axis=1) for _, rows in store.ledger.blocks(row.number, row.dimension))
    return sum(int(np.count_nonzero(~(np.abs(length - 1) <= _ROUNDING))) for length in lengths)


def _sources(store: Store) -> Check:
    rows = store.ledger.rows(
        "SELECT s.name, c.name FROM sources s JOIN collections c ON c.number = s.collection WHERE digest IS NULL"
    )
    if rows:
        source, collection = rows[0]
        found = f"{len(rows):,} were not taken in to the end, such as {source}"
        return Check("sources", ok=False, found=found, advice=f"run nearhood ingest {source!r} -c {collection}")
    return Check("sources", ok=True, found="all were taken in to the end")


def _orphans(store: Store) -> Check:
    count = store.sources.count_orphans()
    found = f"{count:,} vectors of texts that were removed are kept, in case these come back" if count else "none"
    return Check("orphan vectors", ok=True, found=found)


def _purge(store: Store) -> Check:
    if store.ledger.fact(SWEEP) is not None:
        advice = "free space, stop other readers, and run nearhood doctor again"
        return Check("purge", ok=False, found="what was purged may still stand in free pages", advice=advice)
    return Check("purge", ok=True, found="nothing is left to be removed")


def _index(store: Store) -> Check:
    if store.check_index():
        return Check("index", ok=True, found="it differed from the ledger, and was rebuilt without embedding anything")
    return Check("index", ok=True, found="Chroma has what the ledger has, and finds it")


def _room(store: Store) -> Check:
    free = shutil.disk_usage(store.folder).free
    need = max(LEAST_ROOM, store.ledger.path.stat().st_size)
    found = f"{free / 2**20:,.0f} MiB free"
    if free < need:
        return Check("disk", ok=False, found=found, advice=f"free at least {need / 2**20:,.0f} MiB on {store.folder}")
    return Check("disk", ok=True, found=found)


def _model(folder: Path | None) -> Check:
    try:
        for path in model_files(folder):
            verify(path)
    except ModelFilesError as error:
        return Check("model", ok=False, found="the local model's files", advice=str(error))
    return Check("model", ok=True, found="the local model's files are the official ones")


def _embedder(store: Store, opened: Callable[[], Embedder]) -> Check:
    """Embed some passages once more: a model may have changed under its name, and nothing would say so."""
    try:
        embedder = opened()
        mine = [row for row in store.ledger.collections() if row.embedder == embedder.id]
        tried = {row.name: sample(store.ledger, row) for row in mine}
        changed = {name: many for name, kept in tried.items() if (many := count_changed(embedder, kept))}
    except NearhoodError as error:
        return Check("embedder", ok=False, found=str(error), advice="searches by meaning fail until it answers")
    if changed:
        name, many = next(iter(changed.items()))
        said = f"of {len(tried[name])} passages of {name!r} that were tried, it embeds {many} as something else now"
        return Check("embedder", ok=False, found=said, advice=f"run nearhood collections reindex {name} --fresh")
    count = sum(map(len, tried.values()))
    if not count:
        return Check("embedder", ok=True, found=f"{embedder.id} has embedded nothing here yet")
    return Check("embedder", ok=True, found=f"{embedder.id} gives what it gave, of {count} passages that were tried")
