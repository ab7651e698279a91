"""What an ingest tells: while it runs, and at its end."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be taken in, or a passage of it."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is."""

    sources: int
    of_sources: int
    bytes: int
    of_bytes: int
    passages: int


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest did. The first five count sources."""

    added: int
    changed: int
    renamed: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    warnings: tuple[Failure, ...]
    """Sources that went in, but are not what they say they are."""
    skipped: Mapping[str, int]
    """Files that were passed over, by reason."""
    passages: int
    """Passages of the sources that were added or changed."""
    embedded: int
    cached: int
    """Passages whose text had a vector already."""
    tokens: int
    cost_usd: float
    seconds: float


@dataclass(slots=True)
class Counts:
    """What a report is made of, while it is counted."""

    added: int = 0
    changed: int = 0
    renamed: int = 0
    removed: int = 0
    unchanged: int = 0
    passages: int = 0
    embedded: int = 0
    tokens: int = 0
    cost_usd: float = 0.0
    failed: list[Failure] = field(default_factory=list)
    warnings: list[Failure] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.perf_counter)

    def report(self) -> Report:
        """Return what was counted so far."""
        return Report(
            added=self.added,
            changed=self.changed,
            renamed=self.renamed,
            removed=self.removed,
            unchanged=self.unchanged,
            failed=tuple(self.failed),
            warnings=tuple(self.warnings),
            skipped=dict(self.skipped),
            passages=self.passages,
            embedded=self.embedded,
            # What was embedded of a source that broke off later is no passage.
            cached=max(0, self.passages - self.embedded),
            tokens=self.tokens,
            cost_usd=self.cost_usd,
            seconds=time.perf_counter() - self.started,
        )
