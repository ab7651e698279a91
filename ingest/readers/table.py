"""CSV: its first column, one term a line."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from ingest.document import Part
from ingest.encoding import decode


def read(file: BinaryIO) -> Iterator[Part]:
    """Yield the cells of the first column, a line each.

    A header is taken for a term: a list of words seldom has one.
    """
    rows = csv.reader(io.StringIO(decode(file.read())))
    yield Part("\n".join(" ".join(row[0].split()) for row in rows if row), kind="words")
