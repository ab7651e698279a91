"""Parquet: a part for each row."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from ingest.document import Options, Part
from ingest.encoding import UnreadableError
from ingest.readers import records
from ingest.readers.columns import Row

LARGEST = 1024 * 1024 * 1024
"""Bytes of one row group, unpacked."""
_ROWS = 256


def read(file: BinaryIO, options: Options = Options()) -> Iterator[Part]:  # noqa: B008 - frozen
    """Yield a part for each row.

    :raises UnreadableError: For what is no Parquet, holds no text, or where pyarrow is not installed.
    """
    if file.read(1):
        file.seek(0)
        yield from records.parts(_rows(file), options)


def _rows(file: BinaryIO) -> Iterator[Row]:
    try:
        from pyarrow import ArrowException  # noqa: PLC0415 - an extra, and a large one
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415
    except ImportError as error:
        raise UnreadableError('needs pyarrow: pip install "nearhood[tables]"') from error
    try:
        opened = ParquetFile(file, thrift_string_size_limit=2**24, thrift_container_size_limit=2**20)
        _check(opened)
        for batch in opened.iter_batches(_ROWS, use_threads=False):
            yield from batch.to_pylist()
    except (ArrowException, OSError, ValueError, OverflowError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(f"is no whole Parquet file ({' '.join(str(error).split())[:120]})") from error


def _check(file: Any) -> None:  # noqa: ANN401 - pyarrow is imported only here
    about = file.metadata
    for number in range(about.num_row_groups):
        if about.row_group(number).total_byte_size > LARGEST:
            raise UnreadableError(f"unpacks to more than {LARGEST // 2**30} GB at once")
