"""Brings a collection level with files."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Collection as Several
from dataclasses import dataclass, field
from pathlib import Path

from ingest.document import Kind, Options
from ingest.embed import Budget, Embedded, count_tokens, embed
from ingest.pipeline import Behind, ahead
from ingest.plan import Plan, Source, compare
from ingest.read import id_prefix, passages
from ingest.report import Counts, Failure, Progress, Report
from ingest.room import room
from ingest.walk import find, roots
from search.embedders.base import Embedder
from search.errors import IndexServerError, SourceError
from search.store.collection import Collection
from search.store.ledger import Record, vector_key
from search.store.sources import SourceChanges
from search.store.store import Store, check_name
from search.types import Passage

WINDOW_PASSAGES = 1_024
"""Passages that are embedded and committed together: many of each length, so that batches are full."""
WINDOW_CHARACTERS = 300_000
"""Long passages come in smaller windows: some seconds of work, all that an interrupt can cost."""
INDEX_EVERY = 2
"""Windows after which Chroma hears of what is new, so soon that it is done before the next ones are embedded."""
MARGIN = 2 * 2**20
"""Bytes that have to be free beside twice what is about to be written: logs grow before they are folded."""
DEPTH = 2
"""Windows that wait before each step."""


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
    """Of the files found at the paths, those to look at; None for all."""


@dataclass(slots=True)
class _Window:
    """Passages that go through the steps together, and the sources that end with them."""

    records: list[Record] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    """Sources whose first passages are among them."""
    finished: list[tuple[Source, int]] = field(default_factory=list)
    """With the number of its passages."""
    broken: list[str] = field(default_factory=list)
    """Sources that turned out unreadable half way: nothing of them stays."""
    texts: dict[bytes, str] = field(default_factory=dict)
    """Those that have to be embedded, by the key of their vector."""
    tokens: int = 0
    """Of these texts, as far as the model sees them."""
    embedded: Embedded | None = None
    characters: int = 0
    bytes: int = 0
    """Of all sources, up to here."""
    sources: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.records) >= WINDOW_PASSAGES or self.characters >= WINDOW_CHARACTERS

    def add(self, record: Record) -> None:
        self.records.append(record)
        self.characters += len(record.passage.text)


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
) -> Report:
    """Bring a collection level with files; what is there already and has not changed is left alone.

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
    _Job(store, embedder, collection, wish, counts, progress).run(plan)
    _note_failures(store, collection, plan, counts)
    return counts.report()


def make_plan(store: Store, collection: str, wish: Wish, counts: Counts) -> Plan:
    """Return what there is to do, writing nothing.

    :raises SourceError: When the paths hold no file, and the collection has nothing of them.
    """
    files = find(wish.paths, counts)
    known = store.digests(store.collection(collection)) if collection in store.names() else {}
    if wish.only is not None:
        files = [file for file in files if file in wish.only]
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


class _Job:
    """One run: reading, embedding and writing overlap, each in a thread of its own."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        collection: str,
        wish: Wish,
        counts: Counts,
        progress: Callable[[Progress], None],
    ) -> None:
        self._store, self._embedder, self._name = store, embedder, collection
        self._wish, self._counts, self._progress = wish, counts, progress
        # Keys whose vectors are not committed yet, since reading runs ahead of writing.
        self._under_way: deque[set[bytes]] = deque(maxlen=3 * DEPTH + 4)
        self._refused: dict[bytes, str] = {}
        self._since_index = 0
        # Bytes of what is embedded and not written yet, to the index too.
        self._unwritten: deque[int] = deque(maxlen=DEPTH + INDEX_EVERY + 2)
        # Whether the index is left to the end: its server is away, or the run is breaking off.
        self._index_later = False
        self._collection = store.collection(collection) if collection in store.names() else None

    def run(self, plan: Plan) -> None:
        """Take in what the plan says."""
        sources, size = len(plan.read), sum(source.size for source in plan.read)
        with Behind(self._write, DEPTH) as writer:
            try:
                for window in ahead(self._windows(plan), DEPTH):
                    self._embed(window)
                    writer.put(window)
                    self._check_refused()
                    passages = self._counts.passages
                    self._progress(Progress(window.sources, sources, window.bytes, size, passages))
            except BaseException:
                # What is embedded is still committed; what only follows from it can wait for the next run.
                self._index_later = True
                raise
        self._store.update_index()

    def _windows(self, plan: Plan) -> Iterator[_Window]:
        """Yield windows that lack nothing but their vectors."""
        window, before = _Window(), 0
        for number, source in enumerate(plan.read, start=1):
            count = 0
            try:
                for passage in passages(source, self._wish.options, self._embedder, self._counts):
                    if count == 0:
                        self._begin(window, source)
                    count += 1
                    window.add(Record(passage, vector_key(self._embedder.id, passage.text)))
                    window.bytes = before + min(source.size, passage.end)
                    if window.is_full:
                        yield self._looked_up(window)
                        window = _Window(bytes=window.bytes, sources=number - 1)
            except SourceError as error:
                self._counts.failed.append(Failure(source.name, error.reason))
                window.records = [r for r in window.records if r.passage.source != source.name]
                if count:
                    window.broken.append(source.name)
            else:
                self._finish(window, source, count)
            before += source.size
            window.bytes, window.sources = before, number
        yield self._looked_up(window)

    def _begin(self, window: _Window, source: Source) -> None:
        # Made with the first passage, so that files that all fail leave no empty collection.
        self._collection = self._store.create(self._name, self._embedder.id, self._embedder.dimension)
        window.begun.append(source.name)

    def _finish(self, window: _Window, source: Source, count: int) -> None:
        if count == 0:
            self._counts.failed.append(Failure(source.name, "is empty"))
            window.broken.append(source.name)
            return
        window.finished.append((source, count))
        self._counts.added += source.is_new
        self._counts.changed += not source.is_new

    def _looked_up(self, window: _Window) -> _Window:
        """Note which texts have no vector yet, and none under way."""
        missing = self._store.missing([record.key for record in window.records]).difference(*self._under_way)
        window.texts = {r.key: r.passage.text for r in window.records if r.key in missing}
        window.tokens = count_tokens(window.texts.values(), self._embedder)
        self._under_way.append(missing)
        return window

    def _embed(self, window: _Window) -> None:
        # Before anything is spent on what could not be kept.
        self._unwritten.append(
            room(len(window.records), window.characters, len(window.texts), self._embedder.dimension)
        )
        self._store.require_room(MARGIN + 2 * sum(self._unwritten))
        self._wish.budget.check(self._embedder.id, self._counts.tokens + window.tokens)
        found = embed(window.texts, self._embedder)
        self._refused.update(found.refused)
        self._counts.tokens += window.tokens
        self._counts.cost_usd += self._cost(window)
        self._counts.embedded += len(found.keys)
        window.embedded = found
        if self._refused:
            self._leave_out(window, [r.passage for r in window.records if r.key in self._refused])
        self._counts.passages += len(window.records)

    def _cost(self, window: _Window) -> float:
        return self._wish.budget.prices.cost(self._embedder.id, window.tokens)

    def _leave_out(self, window: _Window, refused: list[Passage]) -> None:
        reasons = [self._refused[vector_key(self._embedder.id, p.text)] for p in refused]
        self._counts.failed.extend(
            Failure(p.source, f"passage {p.position} cannot be embedded: {reason}")
            for p, reason in zip(refused, reasons, strict=True)
        )
        window.records = [r for r in window.records if r.key not in self._refused]
        # Unfinished, so that the next run tries again.
        sources = {p.source for p in refused}
        window.finished = [(source, count) for source, count in window.finished if source.name not in sources]

    def _check_refused(self) -> None:
        if self._refused and not self._wish.keep_going:
            failure = self._counts.failed[-1]
            raise SourceError(failure.source, f"{failure.reason} (mend it, or pass --keep-going)")

    def _write(self, window: _Window) -> None:
        found = window.embedded
        if found is None or self._collection is None:
            return
        # In one commit: a folder of small files would else wait for the disk twice for each.
        finished = [(source.name, source.digest, count) for source, count in window.finished]
        changes = SourceChanges(window.begun, finished, window.broken)
        cost = self._cost(window)
        self._store.put(self._collection, window.records, found.keys, found.vectors, window.tokens, cost, changes)
        self._since_index += 1
        if self._since_index >= INDEX_EVERY and not self._index_later:
            self._since_index = 0
            self._update_index()

    def _update_index(self) -> None:
        try:
            self._store.update_index()
        except IndexServerError:
            # To end here would lose what is embedded and waits to be written; the end of the run tries again.
            self._index_later = True
