"""Brings a collection level with files."""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.document import Kind, Span
from ingest.encoding import NotTextError
from ingest.readers import READERS
from ingest.splitter import REVISION, split
from search.embedders.base import Embedder
from search.errors import SourceError
from search.prices import price
from search.store.collection import Collection
from search.store.ledger import Record
from search.store.store import Store
from search.types import Passage

WINDOW = 1_024
"""Passages that are embedded and committed together: many of each length, so that batches are full."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be taken in."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest did. The first four count sources, the next three passages."""

    added: int
    changed: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    passages: int
    embedded: int
    cached: int
    """Passages whose text had a vector already."""
    tokens: int
    cost_usd: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is."""

    sources: int
    of_sources: int
    passages: int


@dataclass(slots=True)
class _Counts:
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    passages: int = 0
    embedded: int = 0
    tokens: int = 0
    failed: list[Failure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that is new, or not as it was."""

    name: str
    digest: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Finished:
    """Stands in the stream behind the last passage of a source."""

    source: str
    digest: str
    passages: int


def ingest(
    store: Store,
    embedder: Embedder,
    collection: str,
    paths: Sequence[str | Path],
    kind: Kind | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Report:
    """Take files and folders into a collection; what is there already and has not changed is left alone.

    :param kind: How files are cut; by default, tables are words and all else is notes.
    :raises SourceError: When no file can be found at the paths.
    :raises EmbeddingError: When the embedder fails; what was committed before stays.
    """
    started = time.perf_counter()
    counts = _Counts()
    files = list(_files(paths, counts.failed))
    if not files:
        raise _nothing(paths, counts.failed)
    target = store.create(collection, embedder.id, embedder.dimension)
    sources = _sources(files, kind, store.digests(target), counts, progress)
    stream = _passages(sources, kind, embedder, store, target, counts)
    for window in _windows(stream):
        _commit(window, store, target, embedder, counts)
    store.update_index()
    return _report(counts, embedder, started)


def _files(paths: Sequence[str | Path], failed: list[Failure]) -> Iterator[Path]:
    """Yield each file once: those named, and in folders those that a reader knows. Hidden ones are passed over."""
    seen: set[Path] = set()
    for path in paths:
        root = Path(path).expanduser().absolute()
        if not root.exists():
            failed.append(Failure(str(path), "there is no such file or folder"))
            continue
        found = [root] if root.is_file() else list(_walk(root))
        if not found:
            failed.append(Failure(str(path), f"holds no file that can be read: {', '.join(READERS.names())}"))
        for file in found:
            if (resolved := file.resolve()) not in seen:
                seen.add(resolved)
                yield resolved


def _walk(root: Path) -> Iterator[Path]:
    suffixes = set(READERS.names())
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and path.suffix.lower() in suffixes and path.is_file():
                yield path


def _nothing(paths: Sequence[str | Path], failed: list[Failure]) -> SourceError:
    if not failed:
        return SourceError("nothing to ingest", "name a file or a folder")
    more = f" (and {len(paths) - 1} more like it)" if len(paths) > 1 else ""
    return SourceError(failed[0].source, failed[0].reason + more)


def _sources(
    files: list[Path],
    kind: Kind | None,
    known: dict[str, str | None],
    counts: _Counts,
    progress: Callable[[Progress], None],
) -> Iterator[_Source]:
    """Yield what has to be taken in, counting the rest."""
    for number, file in enumerate(files):
        progress(Progress(number, len(files), counts.passages))
        name = str(file)
        try:
            digest = _digest(file, kind)
        except OSError as error:
            counts.failed.append(Failure(name, f"cannot be read ({error.strerror})"))
            continue
        if known.get(name) == digest:
            counts.unchanged += 1
        else:
            yield _Source(name, digest, is_new=known.get(name) is None)
    progress(Progress(len(files), len(files), counts.passages))


def _digest(file: Path, kind: Kind | None) -> str:
    # Cut in another way, the same bytes are another source.
    with file.open("rb") as opened:
        return f"{hashlib.file_digest(opened, 'sha256').hexdigest()}:{kind or 'auto'}:{REVISION}"


def _passages(
    sources: Iterable[_Source],
    kind: Kind | None,
    embedder: Embedder,
    store: Store,
    collection: Collection,
    counts: _Counts,
) -> Iterator[Passage | _Finished]:
    """Yield the passages of each source, and a mark behind its last."""
    for source in sources:
        position = 0
        try:
            for position, span in enumerate(_spans(Path(source.name), kind, embedder), start=1):
                if position == 1:
                    store.begin_source(collection, source.name)
                yield _passage(source.name, position - 1, span)
        except SourceError as error:
            counts.failed.append(Failure(source.name, error.reason))
            continue
        if position == 0:
            counts.failed.append(Failure(source.name, "is empty"))
            continue
        counts.added += source.is_new
        counts.changed += not source.is_new
        yield _Finished(source.name, source.digest, position)


def _spans(file: Path, kind: Kind | None, embedder: Embedder) -> Iterator[Span]:
    """Yield the passages of a file.

    :raises SourceError: When it cannot be read, or is no text.
    """
    suffix = file.suffix.lower()
    read = READERS.load(suffix if suffix in READERS.names() else ".txt")
    try:
        with file.open("rb") as opened:
            for part in read(opened):
                yield from split(replace(part, kind=kind) if kind else part, embedder)
    except NotTextError as error:
        raise SourceError(file, "is not text") from error
    except OSError as error:
        raise SourceError(file, f"cannot be read ({error.strerror})") from error


def _passage(source: str, position: int, span: Span) -> Passage:
    prefix = hashlib.sha256(source.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Passage(f"{prefix}-{position}", source, position, span.text, span.start, span.end, span.metadata)


def _windows(stream: Iterator[Passage | _Finished]) -> Iterator[list[Passage | _Finished]]:
    window: list[Passage | _Finished] = []
    for item in stream:
        window.append(item)
        if len(window) >= WINDOW:
            yield window
            window = []
    if window:
        yield window


def _commit(
    window: list[Passage | _Finished], store: Store, collection: Collection, embedder: Embedder, counts: _Counts
) -> None:
    """Embed what is new in a window and commit the window, then note the sources that it completes."""
    records = [Record(p, vector_key(embedder.id, p.text)) for p in window if isinstance(p, Passage)]
    missing = store.missing([record.key for record in records])
    texts = {record.key: record.passage.text for record in records if record.key in missing}
    vectors = embedder.embed_documents(list(texts.values()))
    tokens = sum(min(embedder.count_tokens(text), embedder.max_tokens) for text in texts.values())
    store.put(collection, records, list(texts), vectors, tokens)
    for item in window:
        if isinstance(item, _Finished):
            store.finish_source(collection, item.source, item.digest, item.passages)
    counts.passages += len(records)
    counts.embedded += len(texts)
    counts.tokens += tokens


def vector_key(embedder: str, text: str) -> bytes:
    """Return the key of a text's vector: equal wherever embedder and text are."""
    return hashlib.sha256(f"{embedder}\0{text}".encode("utf-8", "surrogatepass")).digest()


def _report(counts: _Counts, embedder: Embedder, started: float) -> Report:
    return Report(
        added=counts.added,
        changed=counts.changed,
        removed=0,
        unchanged=counts.unchanged,
        failed=tuple(counts.failed),
        passages=counts.passages,
        embedded=counts.embedded,
        cached=counts.passages - counts.embedded,
        tokens=counts.tokens,
        cost_usd=price(embedder.id, counts.tokens),
        seconds=time.perf_counter() - started,
    )
