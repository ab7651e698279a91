"""What goes through the steps of an ingest together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.embed import Embedded
from ingest.plan import Source
from search.store.ledger import Record

WINDOW_PASSAGES = 1_024
"""Passages that are embedded and committed together: many of each length, so that batches are full."""
WINDOW_CHARACTERS = 300_000
"""Long passages come in smaller windows: some seconds of work, all that an interrupt can cost."""
FIRST_SHARES = (1 / 8, 1 / 4, 1 / 2)
"""The first windows are so much smaller: how far it is, and how fast, is told within a second or two."""


@dataclass(slots=True)
class Window:
    """Passages that go through the steps together, and the sources that end with them."""

    records: list[Record] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    """Sources whose first passages are among them."""
    finished: list[tuple[Source, int]] = field(default_factory=list)
    """With the number of its passages."""
    broken: list[str] = field(default_factory=list)
    """Sources that turned out unreadable half way: nothing of them stays."""
    damaged: frozenset[str] = frozenset()
    """Those of the finished that lack a passage, in whatever window: the next run tries them again."""
    without: Sequence[str] = ()
    """Ids of passages that cannot be embedded: what was there of an earlier text goes."""
    texts: Mapping[bytes, str] = field(default_factory=dict)
    """Those that have to be embedded, by the key of their vector."""
    counted: dict[bytes, int] = field(default_factory=dict)
    """Tokens of texts by the same key, as far as the engine counted them."""
    tokens: int = 0
    """Of these texts, as far as the model sees them."""
    embedded: Embedded | None = None
    characters: int = 0
    share: float = 1.0
    """How much of a whole window it takes."""
    bytes: int = 0
    """Of all sources, up to here."""
    sources: int = 0

    @property
    def is_full(self) -> bool:
        """Whether no more passages should come."""
        most = WINDOW_PASSAGES * self.share, WINDOW_CHARACTERS * self.share
        return len(self.records) >= most[0] or self.characters >= most[1]

    def add(self, record: Record, tokens: int | None = None) -> None:
        """Add a passage, with its tokens where they were counted."""
        self.records.append(record)
        if tokens is not None:
            self.counted[record.key] = tokens
        self.characters += len(record.passage.text)

    def leave_out(self, source: str) -> None:
        """Drop what there is of a source."""
        self.records = [record for record in self.records if record.passage.source != source]
