"""What reads and embeds for an ingest, which itself plans what is to be done and writes what was done."""

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from ingest.document import Options
from ingest.embed import Embedded
from ingest.pipeline import Begun
from ingest.plan import Source
from ingest.report import Counts
from search.store.ledger import Record

Read: TypeAlias = tuple[Record, int | None]
"""A passage, and how many of its tokens the model sees, where they were counted on the way."""


class Engine(Protocol):
    """Works between being entered and being left."""

    @property
    def width(self) -> int:
        """Windows whose texts are embedded at once."""

    @property
    def index_last(self) -> bool:
        """Whether the index is written when all is embedded, so that no other machine waits for it."""

    def __enter__(self) -> Self:
        """Make ready."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of all that was started."""

    def read(
        self, sources: Sequence[Source], options: Options, counts: Counts
    ) -> Iterator[tuple[Source, Iterator[Read]]]:
        """Yield the sources in order, each with its passages, which are to be taken before the next source.

        They are those of `ingest.read.passages`, which also says what is raised while they are taken.
        """

    def embed(self, texts: Mapping[bytes, str]) -> Begun[Embedded]:
        """Begin to embed texts by key.

        Its result raises what `ingest.embed.embed` does.
        """
