"""One run of an ingest: an engine reads and embeds; the run looks up what is there, counts, and writes in order."""

import itertools
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from ingest.document import Options
from ingest.embed import Budget, Embedded, count_tokens, embed
from ingest.engines.base import Engine
from ingest.pipeline import Begun, Behind, abreast, ahead
from ingest.plan import Plan, Source
from ingest.report import Counts, Failure, Progress
from ingest.room import room
from ingest.window import FIRST_SHARES, Window
from search.embedders.base import Embedder
from search.errors import IndexServerError, NearhoodError, SourceError
from search.store.ledger import vector_key
from search.store.sources import SourceChanges
from search.store.store import LostVectorsError, Store
from search.types import Passage

INDEX_AFTER = 2_048
"""Passages after which Chroma hears of what is new: so soon that it is done before the next ones are embedded, and so
many that its files are not written over and over for a few."""
INDEX_WINDOWS = 8
"""Windows after which it does in any case."""
MARGIN = 2 * 2**20
"""Bytes that have to be free beside twice what is about to be written: logs grow before they are folded."""
DEPTH = 2
"""Windows that wait before each step."""
_TRIES = 3
"""Times that a window is written whose vectors are purged while it is on its way."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run is to keep to."""

    options: Options = field(default_factory=Options)
    keep_going: bool = False
    """Whether a text that cannot be embedded is named and skipped; else it ends the run."""
    budget: Budget = field(default_factory=Budget)


class Job:
    """One run: reading, embedding and writing overlap, each in a thread of its own or on other machines."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        engine: Engine,
        collection: str,
        terms: Terms,
        counts: Counts,
        progress: Callable[[Progress], None],
    ) -> None:
        self._store, self._embedder, self._engine, self._name = store, embedder, engine, collection
        self._terms, self._counts, self._progress = terms, counts, progress
        self._refused: dict[bytes, str] = {}
        self._refusal: Failure | None = None
        # Sources that lack a passage of theirs.
        self._damaged: set[str] = set()
        # Passages of sources that have not come to their end.
        self._taken: Counter[str] = Counter()
        # Passages of each window that Chroma has not heard of.
        self._since_index: list[int] = []
        # Tokens of all windows whose embedding was begun.
        self._tokens = 0
        self._begun: deque[tuple[Window, Begun[Embedded]]] = deque()
        # Whether the index is left to the end: its server is away, or the run is breaking off.
        self._index_later = engine.index_last
        self._collection = store.collection(collection) if collection in store.names() else None

    def run(self, plan: Plan) -> None:
        """Take in what the plan says."""
        if plan.read:
            # Else an engine would be started for nothing.
            with self._engine:
                self._take_in(plan)
        self._store.update_index()

    def _take_in(self, plan: Plan) -> None:
        width = self._engine.width
        # Keys whose vectors are not committed yet, since reading runs ahead of writing.
        self._under_way: deque[set[bytes]] = deque(maxlen=3 * DEPTH + 3 + width)
        # Bytes of what is embedded and not written yet, to the index too.
        self._unwritten: deque[int] = deque(maxlen=DEPTH + INDEX_WINDOWS + 1 + width)
        with Behind(self._write, DEPTH) as writer:
            try:
                for window, found in abreast(ahead(self._windows(plan), DEPTH), self._begin_embedding, width):
                    self._begun.popleft()
                    self._take(window, found)
                    writer.put(window)
                    self._check_refused()
                    self._tell(window, plan)
            except BaseException:
                # What is embedded is still committed; what only follows from it can wait for the next run.
                self._index_later = True
                for window in self._embedded_early():
                    writer.put(window)
                raise

    def _tell(self, window: Window, plan: Plan) -> None:
        self._progress(Progress(window.sources, len(plan.read), window.bytes, plan.size, self._counts.passages))

    # Before the embedding

    def _windows(self, plan: Plan) -> Iterator[Window]:
        """Yield windows that lack nothing but their vectors."""
        shares = itertools.chain(FIRST_SHARES, itertools.repeat(1.0))
        window, before = Window(share=next(shares)), 0
        sources = self._engine.read(plan.read, self._terms.options, self._counts)
        for number, (source, found) in enumerate(sources, start=1):
            count = 0
            try:
                for record, tokens in found:
                    if count == 0:
                        self._begin(window, source)
                    count += 1
                    window.add(record, tokens)
                    window.bytes = before + min(source.size, record.passage.end)
                    if window.is_full:
                        yield self._looked_up(window)
                        window = Window(share=next(shares), bytes=window.bytes, sources=number - 1)
            except SourceError as error:
                self._counts.failed.append(Failure(source.name, error.reason))
                window.leave_out(source.name)
                if count:
                    window.broken.append(source.name)
            else:
                self._finish(window, source, count)
            before += source.size
            window.bytes, window.sources = before, number
        yield self._looked_up(window)

    def _begin(self, window: Window, source: Source) -> None:
        # Made with the first passage, so that files that all fail leave no empty collection.
        if self._collection is None:
            self._collection = self._store.create(self._name, self._embedder.id, self._embedder.dimension)
        window.begun.append(source.name)

    def _finish(self, window: Window, source: Source, count: int) -> None:
        if count == 0:
            self._counts.failed.append(Failure(source.name, "is empty"))
            window.broken.append(source.name)
            return
        window.finished.append((source, count))

    def _looked_up(self, window: Window) -> Window:
        """Note which texts have no vector yet, and none under way."""
        missing = self._store.missing([record.key for record in window.records]).difference(*self._under_way)
        window.texts = {r.key: r.passage.text for r in window.records if r.key in missing}
        uncounted = [text for key, text in window.texts.items() if key not in window.counted]
        counted = sum(window.counted.get(key, 0) for key in window.texts)
        window.tokens = counted + count_tokens(uncounted, self._embedder)
        self._under_way.append(missing)
        return window

    def _begin_embedding(self, window: Window) -> Begun[Embedded]:
        # Before anything is spent on what could not be kept.
        self._unwritten.append(
            room(len(window.records), window.characters, len(window.texts), self._embedder.dimension)
        )
        self._store.require_room(MARGIN + 2 * sum(self._unwritten))
        self._terms.budget.check(self._embedder.id, self._tokens + window.tokens)
        self._tokens += window.tokens
        pending = self._engine.embed(window.texts)
        self._begun.append((window, pending))
        return pending

    # Behind it

    def _take(self, window: Window, found: Embedded) -> None:
        self._refused.update(found.refused)
        self._counts.tokens += window.tokens
        self._counts.cost_usd += self._cost(window)
        self._counts.embedded += len(found.keys)
        window.embedded = found
        if self._refused:
            self._leave_out(window, [r.passage for r in window.records if r.key in self._refused])
        window.damaged = frozenset(source.name for source, _ in window.finished if source.name in self._damaged)
        self._count(window)

    def _count(self, window: Window) -> None:
        """Count passages, and sources that have come to their end; what broke off counts for nothing."""
        self._taken.update(record.passage.source for record in window.records)
        self._counts.passages += len(window.records)
        for name in window.broken:
            self._counts.passages -= self._taken.pop(name, 0)
        for source, _ in window.finished:
            self._taken.pop(source.name, None)
            self._counts.added += source.is_new and source.name not in window.damaged
            self._counts.changed += not source.is_new and source.name not in window.damaged

    def _embedded_early(self) -> Iterator[Window]:
        """Yield what was embedded before its turn, which does not come: the vectors alone, for the next run."""
        for window, pending in self._begun:
            if pending.is_done:
                try:
                    found = pending.result()
                except NearhoodError:
                    continue
                yield Window(tokens=window.tokens, embedded=found)

    def _cost(self, window: Window) -> float:
        return self._terms.budget.prices.cost(self._embedder.id, window.tokens)

    def _leave_out(self, window: Window, refused: list[Passage]) -> None:
        reasons = [self._refused[vector_key(self._embedder.id, p.text)] for p in refused]
        failures = [
            Failure(p.source, f"passage {p.position} cannot be embedded: {reason}")
            for p, reason in zip(refused, reasons, strict=True)
        ]
        self._refusal = next(iter(failures), self._refusal)
        self._counts.failed.extend(failures)
        window.records = [r for r in window.records if r.key not in self._refused]
        window.without = [p.id for p in refused]
        self._damaged.update(p.source for p in refused)

    def _check_refused(self) -> None:
        if self._refusal is not None and not self._terms.keep_going:
            raise SourceError(self._refusal.source, f"{self._refusal.reason} (mend it, or pass --keep-going)")

    def _write(self, window: Window) -> None:
        found = window.embedded
        if found is None or self._collection is None:
            return
        # In one commit: a folder of small files would else wait for the disk twice for each.
        finished = [
            (source.name, None if source.name in window.damaged else source.digest, count)
            for source, count in window.finished
        ]
        changes = SourceChanges(window.begun, finished, window.broken, window.without)
        cost = self._cost(window)
        for attempt in itertools.count(1):
            try:
                self._store.put(
                    self._collection, window.records, found.keys, found.vectors, window.tokens, cost, changes
                )
                break
            except LostVectorsError as lost:
                if attempt == _TRIES:
                    raise
                found = self._with_lost(window, found, lost.keys)
        self._since_index.append(len(window.records))
        is_due = sum(self._since_index) >= INDEX_AFTER or len(self._since_index) >= INDEX_WINDOWS
        if is_due and not self._index_later:
            self._since_index.clear()
            self._update_index()

    def _with_lost(self, window: Window, found: Embedded, keys: set[bytes]) -> Embedded:
        """Return a window's vectors with those that it was not to need, since they were there, and are purged now."""
        texts = {record.key: record.passage.text for record in window.records if record.key in keys}
        more = embed(texts, self._embedder)
        self._counts.embedded += len(more.keys)
        vectors = np.concatenate([found.vectors.reshape(-1, self._embedder.dimension), more.vectors])
        return Embedded((*found.keys, *more.keys), vectors, {**found.refused, **more.refused})

    def _update_index(self) -> None:
        try:
            self._store.update_index()
        except IndexServerError:
            # To end here would lose what is embedded and waits to be written; the end of the run tries again.
            self._index_later = True
