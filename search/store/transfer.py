"""Takes collections out of a store and into another, with their vectors."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from search.errors import EmbedderMismatchError, InvalidInputError, SourceError
from search.files import whole
from search.store import parquet
from search.store.collection import Collection
from search.store.ledger import Record, vector_key
from search.store.records import BadRecordError, Row, from_json, to_json
from search.store.store import Store, check_name

PAGE = 1_000
_MOST_NAMED = 5
_UNFINISHED = "unfinished"
"""Stands where the digest of a source would, of which not all is there."""
"""Bad lines that an error names; it counts the rest."""
FORMATS = (".jsonl", ".parquet")


@dataclass(frozen=True, slots=True)
class Transferred:
    """What went through."""

    collection: str
    file: str
    embedder: str
    passages: int
    sources: int


def export(store: Store, collection: str, file: Path) -> Transferred:
    """Write a collection's passages and vectors into a file, whole or not at all.

    :raises InvalidInputError: For a file that is neither .jsonl nor .parquet, or cannot be written.
    :raises NotConfiguredError: For Parquet without pyarrow.
    """
    found = store.collection(collection)
    info = found.info()
    with whole(_known(file)) as part:
        if file.suffix == ".parquet":
            parquet.write(part, _pages(store, found), found.dimension)
        else:
            with part.open("w", encoding="utf-8") as out:
                for row in itertools.chain.from_iterable(_pages(store, found)):
                    out.write(json.dumps(to_json(row)) + "\n")
    return Transferred(collection, str(file), found.embedder, info.passages, info.sources)


def import_(store: Store, collection: str, file: Path, dimensions: dict[str, int]) -> Transferred:
    """Take in what `export` wrote: everything, or nothing when one line is bad.

    :param dimensions: Length of the vectors of embedders that are known here, by their ids.
    :raises SourceError: Naming the bad lines.
    :raises EmbedderMismatchError: When the collection exists with another embedder.
    """
    check_name(collection)
    embedder, dimension, places = _validated(store, collection, _known(file), dimensions)
    with store.all_or_nothing():
        target = store.create(collection, embedder, dimension)
        for source, positions in places.items():
            store.begin_source(target, source)
            # Of a source that is there already, what the file does not have, or has elsewhere.
            store.keep_only(target, source, positions)
        rows = (from_json(value) for _, value in _values(file))
        digests: dict[str, str] = {}
        while page := list(itertools.islice(rows, PAGE)):
            digests |= {row.passage.source: row.digest for row in page}
            _put(store, target, page, file)
        for source, digest in digests.items():
            if digest == _UNFINISHED:
                continue
            store.finish_source(target, source, digest, max(places[source].values()) + 1)
    store.update_index()
    return Transferred(collection, str(file), embedder, len(store.collection(collection)), len(places))


def _put(store: Store, target: Collection, page: list[Row], file: Path) -> None:
    there = store.ledger.sources_of(target.row.number, [row.passage.id for row in page])
    for p in (row.passage for row in page):
        if (source := there.get(p.id, p.source)) != p.source:
            raise SourceError(
                file,
                f"has the id {p.id!r} for a passage of {p.source!r}, and {target.name!r} for one of {source!r}: "
                "nothing was imported; take another collection",
            )
    records = [Record(row.passage, vector_key(row.embedder, row.passage.text)) for row in page]
    missing = store.missing([record.key for record in records])
    vectors = {record.key: row.vector for record, row in zip(records, page, strict=True) if record.key in missing}
    stacked = np.stack(list(vectors.values())) if vectors else np.empty((0, target.dimension), dtype=np.float32)
    store.put(target, records, list(vectors), stacked, tokens=0)


def _known(file: Path) -> Path:
    if file.suffix not in FORMATS:
        raise InvalidInputError(f"{file} should end in {' or '.join(FORMATS)}")
    return file


def _pages(store: Store, collection: Collection) -> Iterator[list[Row]]:
    digests = store.digests(collection)
    for numbers, vectors in collection.blocks():
        for start in range(0, len(numbers), PAGE):
            block = numbers[start : start + PAGE].tolist()
            passages = collection.read(block)
            yield [
                Row(p, collection.embedder, digests.get(p.source) or _UNFINISHED, vector)
                for number, vector in zip(block, vectors[start : start + PAGE], strict=True)
                if (p := passages.get(number)) is not None
            ]


def _values(file: Path) -> Iterator[tuple[int, object]]:
    if file.suffix == ".parquet":
        yield from parquet.read(file)
        return
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                yield number, _parsed(line)
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(file, f"cannot be read ({getattr(error, 'strerror', None) or 'it is not UTF-8'})") from error


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        # No object either, and said so with its line.
        return None


def _validated(
    store: Store, collection: str, file: Path, dimensions: dict[str, int]
) -> tuple[str, int, dict[str, dict[str, int]]]:
    """Return embedder, dimension, and each source's ids with their positions, when every line is good."""
    bad: list[str] = []
    there = store.collection(collection) if collection in store.names() else None
    rules = _Rules(there, dimensions)
    for number, value in _values(file):
        try:
            rules.check(from_json(value))
        except BadRecordError as error:
            bad.append(f"line {number} {error}")
    if bad:
        more = f"; and {len(bad) - _MOST_NAMED:,} more" if len(bad) > _MOST_NAMED else ""
        raise SourceError(file, f"{'; '.join(bad[:_MOST_NAMED])}{more}: nothing was imported")
    if rules.embedder is None or rules.dimension is None:
        raise SourceError(file, "is empty")
    if there is not None and there.embedder != rules.embedder:
        raise EmbedderMismatchError(collection, there.embedder, rules.embedder)
    return rules.embedder, rules.dimension, rules.places


class _Rules:
    """What lines have to be beside each other."""

    def __init__(self, there: Collection | None, dimensions: dict[str, int]) -> None:
        self.embedder: str | None = None
        self.dimension: int | None = None
        self.places: dict[str, dict[str, int]] = {}
        self._dimensions = dimensions if there is None else {**dimensions, there.embedder: there.dimension}
        self._ids: set[str] = set()
        self._taken: set[tuple[str, int]] = set()

    def check(self, row: Row) -> None:
        """Take note of a row.

        :raises BadRecordError: When it does not go with those before.
        """
        p = row.passage
        self.embedder = self.embedder or row.embedder
        self.dimension = self.dimension or self._dimensions.get(row.embedder, len(row.vector))
        if row.embedder != self.embedder:
            raise BadRecordError(f"is of {row.embedder}, not of {self.embedder}")
        if len(row.vector) != self.dimension:
            raise BadRecordError(f"has {len(row.vector)} dimensions, not {self.dimension}")
        if p.id in self._ids:
            raise BadRecordError(f"has the id {p.id!r} of another line")
        if (p.source, p.position) in self._taken:
            raise BadRecordError(f"has position {p.position} of {p.source!r}, as another line has")
        self._ids.add(p.id)
        self._taken.add((p.source, p.position))
        self.places.setdefault(p.source, {})[p.id] = p.position
