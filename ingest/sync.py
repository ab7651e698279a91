"""Brings a collection level with files."""

from collections.abc import Callable, Sequence
from collections.abc import Collection as Several
from dataclasses import dataclass, field
from pathlib import Path

from ingest.document import Kind, Options
from ingest.embed import Budget
from ingest.engines.base import Engine
from ingest.engines.local import LocalEngine
from ingest.job import Job, Terms
from ingest.plan import Plan, compare
from ingest.read import id_prefix
from ingest.report import Counts, Failure, Progress, Report
from ingest.walk import find, roots
from search.embedders.base import Embedder
from search.errors import SourceError
from search.store.collection import Collection
from search.store.store import Store, check_name


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be taken in, and how."""

    paths: Sequence[str | Path]
    options: Options = field(default_factory=Options)
    prune: bool = False
    """Whether sources whose files are gone leave the collection."""
    keep_going: bool = False
    """Whether a text that cannot be embedded is named and skipped; else it ends the run."""
    budget: Budget = field(default_factory=Budget)
    only: Several[Path] | None = None
    """Of the files found at the paths, those to look at, or folders above them; None for all."""


def ingest(
    store: Store,
    embedder: Embedder,
    collection: str,
    paths: Sequence[str | Path],
    kind: Kind | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Report:
    """Take files and folders into a collection; see `sync`."""
    return sync(store, embedder, collection, Wish(paths, Options(kind=kind)), progress)


def sync(
    store: Store,
    embedder: Embedder,
    collection: str,
    wish: Wish,
    progress: Callable[[Progress], None] = lambda _: None,
    engine: Engine | None = None,
) -> Report:
    """Bring a collection level with files; what is there already and has not changed is left alone.

    :param engine: What reads and embeds; None for this process.
    :raises SourceError: When the paths hold no file, and the collection has nothing of them.
    :raises BudgetError: Before more would be spent than is allowed; what was done before stays.
    :raises EmbeddingError: When the embedder fails; what was committed before stays.
    """
    counts = Counts()
    plan = make_plan(store, collection, wish, counts)
    if collection in store.names():
        _follow_names(plan, store, store.collection(collection, embedder.id), wish, counts)
    else:
        check_name(collection)
    terms = Terms(wish.options, wish.keep_going, wish.budget)
    Job(store, embedder, engine or LocalEngine(embedder), collection, terms, counts, progress).run(plan)
    _note_failures(store, collection, plan, counts)
    return counts.report()


def make_plan(store: Store, collection: str, wish: Wish, counts: Counts) -> Plan:
    """Return what there is to do, writing nothing.

    :raises SourceError: When the paths hold no file, and the collection has nothing of them.
    """
    files = find(wish.paths, counts)
    known = store.digests(store.collection(collection)) if collection in store.names() else {}
    if wish.only is not None:
        only = {*wish.only}
        files = [file for file in files if file in only or not only.isdisjoint(file.parents)]
    plan = compare(files, roots(wish.paths), known, wish.options, counts)
    if not files and not plan.gone and wish.only is None:
        raise _nothing(wish.paths, counts.failed)
    # A path that is gone now, but was taken in before, is no mistake.
    gone = {*plan.gone}
    counts.failed = [f for f in counts.failed if str(Path(f.source).absolute()) not in gone]
    return plan


def _nothing(paths: Sequence[str | Path], failed: list[Failure]) -> SourceError:
    if not failed:
        return SourceError("nothing to ingest", "name a file or a folder")
    more = f" (and {len(paths) - 1} more like it)" if len(paths) > 1 else ""
    return SourceError(failed[0].source, failed[0].reason + more)


def _note_failures(store: Store, collection: str, plan: Plan, counts: Counts) -> None:
    """Keep why files failed, so that a collection can say what it lacks."""
    if collection in store.names():
        failed = {failure.source: failure.reason for failure in counts.failed}
        looked_at = {source.name for source in plan.read} | {*plan.gone} | {old for old, _ in plan.renamed}
        store.sources.note_failures(store.collection(collection).row.number, looked_at, failed)


def _follow_names(plan: Plan, store: Store, target: Collection, wish: Wish, counts: Counts) -> None:
    for old, new in plan.renamed:
        store.rename_source(target, old, new, id_prefix(new))
        counts.renamed += 1
    if wish.prune:
        for name in plan.gone:
            store.remove_source(target, name)
            counts.removed += 1
