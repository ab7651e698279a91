"""Reads what an embedding service sends: every vector is checked before it is believed."""

import base64
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.errors import EmbeddingReplyError
from search.server import quote
from search.types import Vectors
from search.vectors import unit


def read_vectors(body: bytes, count: int, dimension: int, sender: str, secret: str = "") -> Vectors:
    """Return the vectors of an embeddings reply in the order of their indices, unit rows (count, dimension).

    :param sender: Who sent it, for messages.
    :param secret: What no message may repeat.
    :raises EmbeddingReplyError: When it is anything but one finite vector with a direction for each index.
    """
    try:
        data = json.loads(body)["data"]
        found = [(item["index"], item["embedding"]) for item in data]
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        start = quote(body.decode(errors="replace"), secret)
        raise EmbeddingReplyError(f"{sender} sent no embeddings: {start!r}: check OPENAI_BASE_URL") from error
    if len(found) != count:
        raise EmbeddingReplyError(f"{sender} sent {len(found)} vectors for {count} texts: try again")
    by_index = {index: vector for index, vector in found if type(index) is int}
    if by_index.keys() != set(range(count)):
        raise EmbeddingReplyError(f"{sender} did not say which vector is of which text: try another server")
    return unit(np.stack([_vector(by_index[i], dimension, sender) for i in range(count)]))


def _vector(sent: Any, dimension: int, sender: str) -> NDArray[np.float64]:  # noqa: ANN401 - anything may come
    try:
        encoded = isinstance(sent, str)
        numbers = np.frombuffer(base64.b64decode(sent, validate=True), "<f4") if encoded else np.asarray(sent)
        vector = numbers.astype(np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise EmbeddingReplyError(f"{sender} sent a vector that is not made of numbers: try again") from error
    if vector.shape != (dimension,):
        raise EmbeddingReplyError(
            f"{sender} sent a vector of shape {vector.shape}, not ({dimension},): name the dimension it has"
        )
    if not np.all(np.isfinite(vector)) or not np.any(vector):
        raise EmbeddingReplyError(f"{sender} sent a vector without a direction (zero or not finite): try again")
    return vector
