"""The process itself: what it is asked for, it does at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ingest.document import Options
from ingest.embed import Embedded, embed
from ingest.engines.base import Read
from ingest.plan import Source
from ingest.read import passages
from ingest.report import Counts
from search.embedders.base import Embedder
from search.settings import Settings
from search.store.ledger import Record, vector_key


@dataclass(frozen=True, slots=True)
class Done:
    """Texts that were embedded."""

    embedded: Embedded
    is_done: bool = True

    def result(self) -> Embedded:
        """Return what became of them."""
        return self.embedded


class LocalEngine:
    """Reads and embeds here."""

    width = 1
    index_last = False

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def read(
        self, sources: Sequence[Source], options: Options, counts: Counts
    ) -> Iterator[tuple[Source, Iterator[Read]]]:
        """Yield the sources with their passages, reading each as these are taken."""
        for source in sources:
            found = passages(source, options, self._embedder, counts)
            yield source, ((Record(passage, vector_key(self._embedder.id, passage.text)), None) for passage in found)

    def embed(self, texts: Mapping[bytes, str]) -> Done:
        """Embed texts by key."""
        return Done(embed(texts, self._embedder))


def open_local(embedder: Embedder, _settings: Settings) -> LocalEngine:
    """Return an engine that works here."""
    return LocalEngine(embedder)
