"""Reads a file and cuts it into passages."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ingest.document import Options, Span
from ingest.encoding import UnreadableError
from ingest.plan import Source
from ingest.readers import READERS
from ingest.report import Counts, Failure
from ingest.splitter import split
from search.embedders.base import Embedder
from search.errors import NearhoodError, SourceError
from search.types import Passage

FREE, RATIO = 100_000_000, 200
"""Characters that any file may hold, and how many times its bytes a larger text may be: a bomb is a thousandfold."""


def passages(source: Source, options: Options, embedder: Embedder, counts: Counts) -> Iterator[Passage]:
    """Yield the passages of a file; what the user should hear of it goes into the counts.

    :raises SourceError: When it cannot be read, is not what it should be, or changes meanwhile.
    """
    file = Path(source.name)
    prefix = id_prefix(source.name)
    try:
        for position, span in enumerate(_spans(file, options, embedder, counts)):
            yield Passage(f"{prefix}-{position}", source.name, position, span.text, span.start, span.end, span.metadata)
        is_same = source.stamp == stamp(file)
    except UnreadableError as error:
        raise SourceError(file, str(error)) from error
    except OSError as error:
        raise SourceError(file, f"cannot be read ({error.strerror})") from error
    except (NearhoodError, MemoryError):
        raise
    except Exception as error:
        # Of a file that nobody thought of, the others are not to suffer.
        why = " ".join(str(error).split())[:120]
        raise SourceError(file, f"cannot be read ({type(error).__name__}: {why})") from error
    if not is_same:
        raise SourceError(file, "changed while it was read: run the same command again")


def stamp(file: Path) -> tuple[int, int]:
    """Return what changes with a file's content: its size and the time of its last change."""
    status = file.stat()
    return status.st_size, status.st_mtime_ns


def id_prefix(source: str) -> str:
    """Return what the ids of a source's passages begin with."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def _spans(file: Path, options: Options, embedder: Embedder, counts: Counts) -> Iterator[Span]:
    suffix = file.suffix.lower()
    read = READERS.load(suffix if suffix in READERS else ".txt")
    most = max(FREE, RATIO * file.stat().st_size)
    with file.open("rb") as opened:
        for part in read(opened, options):
            most -= len(part.text)
            if most < 0:
                raise UnreadableError("unpacks to far more than it should hold")
            counts.warnings.extend(Failure(str(file), warning) for warning in part.warnings)
            yield from split(replace(part, kind=options.kind) if options.kind else part, embedder)
