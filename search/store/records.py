"""Passages with their vectors as rows of a file: what stands in each, and what makes one bad."""

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from search.errors import NearhoodError
from search.store.entry import RESERVED
from search.types import Passage, Vector

_ROUNDING = 1e-3
"""How far a vector's length may be from 1."""
_SCALARS = (str, int, float, bool)
_TEXTS = ("id", "source", "text", "embedder")
_NUMBERS = ("position", "start", "end")
_WIDEST = 2**63


class BadRecordError(NearhoodError):
    """A row that cannot be taken in; its message says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """A passage outside the store."""

    passage: Passage
    embedder: str
    digest: str
    """Of its whole source, so that an ingest of the same file finds nothing changed."""
    vector: Vector


def to_json(row: Row) -> dict[str, Any]:
    """Return the row as it stands in a file; the vector is base64 of its float32, little end first."""
    p = row.passage
    return {
        "id": p.id,
        "source": p.source,
        "position": p.position,
        "text": p.text,
        "start": p.start,
        "end": p.end,
        "metadata": dict(p.metadata),
        "embedder": row.embedder,
        "digest": row.digest,
        "vector": base64.b64encode(row.vector.astype("<f4").tobytes()).decode(),
    }


def from_json(value: object) -> Row:
    """Return the row of a value from a file.

    :raises BadRecordError: For one that is not what it should be.
    """
    if not isinstance(value, dict):
        raise BadRecordError("is no object")
    for name in _TEXTS:
        if not isinstance(value.get(name), str) or not value[name].strip():
            raise BadRecordError(f"has no {name!r}")
        _check_text(name, value[name])
    for name in _NUMBERS:
        if type(value.get(name)) is not int or not 0 <= value[name] < _WIDEST:
            raise BadRecordError(f"{name!r} is no number from 0")
    metadata = _metadata(value.get("metadata", {}))
    passage = Passage(
        value["id"], value["source"], value["position"], value["text"], value["start"], value["end"], metadata
    )
    digest = value.get("digest", "imported")
    if not isinstance(digest, str):
        raise BadRecordError("'digest' is no text")
    _check_text("digest", digest)
    return Row(passage, value["embedder"], digest, _vector(value.get("vector")))


def _metadata(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(v, _SCALARS) for v in value.values()):
        raise BadRecordError("'metadata' is not an object of texts, numbers, true and false")
    if any(isinstance(v, float) and not math.isfinite(v) for v in value.values()):
        raise BadRecordError("'metadata' has a number that is not finite")
    if any(type(v) is int and not -_WIDEST <= v < _WIDEST for v in value.values()):
        raise BadRecordError("'metadata' has a number of more than 64 bits")
    for key, one in value.items():
        if not key.strip() or key.startswith(RESERVED):
            raise BadRecordError(f"'metadata' has a key {key!r}, which Chroma does not take")
        _check_text("metadata", key)
        if isinstance(one, str):
            _check_text("metadata", one)
    return value


def _check_text(name: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadRecordError(f"has half a character in {name!r}, at {error.start}") from error


def _vector(value: object) -> Vector:
    try:
        if isinstance(value, str):
            vector = np.frombuffer(base64.b64decode(value, validate=True), dtype="<f4")
        else:
            vector = np.array(value, dtype="<f4")
    except (binascii.Error, ValueError, TypeError, OverflowError) as error:
        raise BadRecordError("'vector' is neither base64 of float32 nor a list of numbers") from error
    if vector.ndim != 1 or not len(vector):
        raise BadRecordError("has no 'vector'")
    if not np.isfinite(vector).all():
        raise BadRecordError("'vector' has values that are not finite")
    if abs(float(np.linalg.norm(vector.astype(np.float64))) - 1) > _ROUNDING:
        raise BadRecordError("'vector' is not of length 1")
    return vector
