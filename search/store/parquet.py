"""Parquet files of passages; pyarrow is there only for those who want them."""

import json
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from search.errors import NotConfiguredError, SourceError
from search.store.records import Row, to_json

_TEXTS = ("id", "source", "text", "metadata", "embedder", "digest")
_NUMBERS = ("position", "start", "end")


def write(path: Path, pages: Iterable[list[Row]], dimension: int) -> None:
    """Write rows: metadata as JSON, vectors as lists of float32.

    :raises NotConfiguredError: Without pyarrow.
    """
    pa, parquet = _pyarrow()
    types = {**dict.fromkeys(_TEXTS, pa.string()), **dict.fromkeys(_NUMBERS, pa.int64())}
    schema = pa.schema([*types.items(), ("vector", pa.list_(pa.float32(), dimension))])
    with parquet.ParquetWriter(path, schema) as writer:
        for page in pages:
            values = [{**to_json(row), "metadata": json.dumps(dict(row.passage.metadata))} for row in page]
            columns = [pa.array([v[name] for v in values], kind) for name, kind in types.items()]
            flat = pa.array(np.concatenate([row.vector for row in page]))
            columns.append(pa.FixedSizeListArray.from_arrays(flat, dimension))
            writer.write_table(pa.table(columns, schema=schema))


def read(path: Path) -> Iterator[tuple[int, object]]:
    """Yield the number, from 1, and the value of each row.

    :raises NotConfiguredError: Without pyarrow.
    :raises SourceError: For a file that is no Parquet.
    """
    pa, parquet = _pyarrow()
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1_000):
                for value in batch.to_pylist():
                    number += 1
                    yield number, {**value, "metadata": _loaded(value.get("metadata"))}
    except (pa.ArrowException, OSError) as error:
        raise SourceError(path, f"cannot be read as Parquet ({' '.join(str(error).split())})") from error


def _loaded(text: object) -> object:
    try:
        return json.loads(str(text))
    except ValueError:
        return text


def _pyarrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise NotConfiguredError("Parquet needs pyarrow: run pip install pyarrow, or name a .jsonl file") from error
