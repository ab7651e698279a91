"""What the machines of a cluster do: each reads files, and embeds texts, with a model of its own."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from ingest.document import Options
from ingest.embed import Embedded, count_tokens, embed
from ingest.plan import Source
from ingest.read import passages
from ingest.report import Counts, Failure
from ingest.splitter import REVISION
from ingest.window import WINDOW_CHARACTERS, WINDOW_PASSAGES, Window
from search.embedders.base import Embedder, open_embedder
from search.errors import NotConfiguredError, SourceError
from search.settings import Settings
from search.store.ledger import Record, vector_key


@dataclass(frozen=True, slots=True)
class Orders:
    """By what all machines read and embed alike. No secret: each has the keys of its own environment."""

    embedder: str
    """Its id."""
    openai_base_url: str | None = None
    timeout: float = 60.0
    revision: int = REVISION
    """Of the splitter."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Passages of a source that follow each other."""

    records: tuple[Record, ...]
    tokens: tuple[int, ...]
    """Of each, as far as the model sees them: counted here, since the one process that writes has most to do."""
    characters: int
    warnings: tuple[Failure, ...] = ()
    is_last: bool = False
    fault: str | None = None
    """Why the source cannot be read, of its last stretch."""


def read_share(orders: Orders, options: Options, share: Sequence[Source]) -> Iterator[list[Stretch]]:
    """Yield the stretches of some sources, one source after the other, as many at once as a window has room for.

    :raises NotConfiguredError: When the machine would read otherwise than orders say.
    """
    embedder = _embedder(orders)
    block: list[Stretch] = []
    count = characters = 0
    for source in share:
        for stretch in _stretches(source, options, embedder):
            block.append(stretch)
            count += len(stretch.records)
            characters += stretch.characters
            if count >= WINDOW_PASSAGES or characters >= WINDOW_CHARACTERS:
                yield block
                block, count, characters = [], 0, 0
    if block:
        yield block


def embed_texts(orders: Orders, texts: Mapping[bytes, str]) -> Embedded:
    """Embed texts by key.

    :raises NotConfiguredError: When the machine would embed otherwise than orders say.
    :raises EmbeddingError: When the embedder fails whatever the text.
    """
    return embed(texts, _embedder(orders))


def _stretches(source: Source, options: Options, embedder: Embedder) -> Iterator[Stretch]:
    """Yield the passages of a source, a window's worth at a time; the last stretch may have none."""
    if not Path(source.name).exists():
        fault: str | None = f"is not on {socket.gethostname()}: all machines need it at that path"
        yield Stretch((), (), 0, is_last=True, fault=fault)
        return
    counts, window, fault = Counts(), Window(), None
    try:
        for passage in passages(source, options, embedder, counts):
            window.add(Record(passage, vector_key(embedder.id, passage.text)))
            if window.is_full:
                yield _stretch(window, embedder)
                window = Window()
    except SourceError as error:
        fault = error.reason
    yield replace(_stretch(window, embedder), warnings=tuple(counts.warnings), is_last=True, fault=fault)


def _stretch(window: Window, embedder: Embedder) -> Stretch:
    tokens = tuple(count_tokens([record.passage.text], embedder) for record in window.records)
    return Stretch(tuple(window.records), tokens, window.characters)


@lru_cache(1)
def _embedder(orders: Orders) -> Embedder:
    """Return the model, which stays for the next task of this process."""
    settings = replace(
        Settings.from_environment(),
        embedder=orders.embedder,
        threads=1,
        openai_base_url=orders.openai_base_url,
        timeout=orders.timeout,
    )
    embedder = open_embedder(orders.embedder, settings)
    if (embedder.id, REVISION) != (orders.embedder, orders.revision):
        raise NotConfiguredError(f"{socket.gethostname()} has another version of Nearhood: install the same everywhere")
    return embedder
