"""The dry run: what an ingest would do and cost, with nothing written and nothing sent."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice

from ingest.plan import Plan
from ingest.read import passages
from ingest.report import Counts, Failure, Progress
from ingest.room import room
from ingest.sync import Wish, make_plan
from search.embedders.base import Embedder
from search.errors import SourceError
from search.store.ledger import vector_key
from search.store.store import Store, check_name

HERE = ("local:", "hf:")
"""How the names of embedders begin that work on this machine."""
_SAMPLE = 24
"""Texts that are embedded to see how fast such a model is here."""
_LOOKED_UP = 1_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an ingest would do. The first six count sources, the next five passages."""

    added: int
    changed: int
    renamed: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    passages: int
    new: int
    """Texts that have no vector yet: they would be embedded."""
    cached: int
    """Passages whose text has a vector from an earlier run."""
    duplicate: int
    """Passages whose text stands earlier in this run."""
    over_limit: int
    """Passages of more tokens than the model sees; the rest of them is cut off."""
    tokens: int
    """Of the new texts, as the configured embedder counts them."""
    cost_usd: float
    prices_usd: Mapping[str, float]
    """What the same tokens cost elsewhere, by model; another tokenizer makes some more or fewer of them."""
    prices_as_of: str
    seconds: float | None
    """Expected time to embed them; None where a service does it."""
    bytes: int
    """Expected size on disk."""
    embedder: str
    """The configured one."""


def estimate(
    store: Store,
    embedder: Embedder,
    collection: str,
    wish: Wish,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Estimate:
    """Return what `sync` would do for the same wish.

    :raises SourceError: When the paths hold no file, and the collection has nothing of them.
    :raises InvalidInputError: For a collection's name that the run would refuse.
    """
    if collection not in store.names():
        check_name(collection)
    counts = Counts()
    plan = make_plan(store, collection, wish, counts)
    tally = _Tally(store, embedder)
    done, size = 0, sum(source.size for source in plan.read)
    for number, source in enumerate(plan.read):
        before = tally.passages
        progress(Progress(number, len(plan.read), done, size, before))
        done += source.size
        try:
            for passage in passages(source, wish.options, embedder, counts):
                tally.add(passage.text)
        except SourceError as error:
            counts.failed.append(Failure(source.name, error.reason))
            continue
        if tally.passages == before:
            counts.failed.append(Failure(source.name, "is empty"))
            continue
        counts.added += source.is_new
        counts.changed += not source.is_new
    tally.look_up()
    return _estimate(plan, counts, tally, wish)


class _Tally:
    """Counts passages as they come, looking their vectors up by the thousand."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self.embedder = embedder
        self._store = store
        self._seen: set[bytes] = set()
        self._waiting: dict[bytes, str] = {}
        self.sample: list[str] = []
        self.passages = self.new = self.cached = self.duplicate = self.over_limit = self.tokens = 0
        self.characters = 0

    def add(self, text: str) -> None:
        self.passages += 1
        self.characters += len(text)
        key = vector_key(self.embedder.id, text)
        if key in self._seen:
            self.duplicate += 1
            return
        self._seen.add(key)
        self._waiting[key] = text
        if len(self._waiting) >= _LOOKED_UP:
            self.look_up()

    def look_up(self) -> None:
        missing = self._store.missing(list(self._waiting))
        self.new += len(missing)
        self.cached += len(self._waiting) - len(missing)
        for key in missing:
            count = self.embedder.count_tokens(self._waiting[key])
            self.over_limit += count > self.embedder.max_tokens
            self.tokens += min(count, self.embedder.max_tokens)
        self.sample.extend(islice((self._waiting[key] for key in missing), _SAMPLE - len(self.sample)))
        self._waiting.clear()


def _estimate(plan: Plan, counts: Counts, tally: _Tally, wish: Wish) -> Estimate:
    embedder, prices = tally.embedder, wish.budget.prices
    return Estimate(
        added=counts.added,
        changed=counts.changed,
        renamed=len(plan.renamed),
        removed=len(plan.gone) if wish.prune else 0,
        unchanged=counts.unchanged,
        failed=tuple(counts.failed),
        passages=tally.passages,
        new=tally.new,
        cached=tally.cached,
        duplicate=tally.duplicate,
        over_limit=tally.over_limit,
        tokens=tally.tokens,
        cost_usd=prices.cost(embedder.id, tally.tokens),
        prices_usd={model: tally.tokens * usd / 1e6 for model, usd in prices.usd.items()},
        prices_as_of=prices.as_of,
        seconds=_seconds(tally),
        bytes=room(tally.passages, tally.characters, tally.new, embedder.dimension),
        embedder=embedder.id,
    )


def _seconds(tally: _Tally) -> float | None:
    embedder = tally.embedder
    if not embedder.id.startswith(HERE):
        return None
    if not tally.sample:
        return 0.0
    embedder.embed_query("warm up")
    started = time.perf_counter()
    embedder.embed_documents(tally.sample)
    spent = time.perf_counter() - started
    tokens = sum(min(embedder.count_tokens(text), embedder.max_tokens) for text in tally.sample)
    return spent * tally.tokens / max(1, tokens)
