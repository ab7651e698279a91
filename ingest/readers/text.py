"""Plain text, as it stands."""

from collections.abc import Iterator
from typing import BinaryIO

from ingest.document import Part
from ingest.encoding import decode


def read(file: BinaryIO) -> Iterator[Part]:
    """Yield the text of a file as one part."""
    yield Part(decode(file.read()))
