"""The different texts of a collection, each found by its words whatever their capitals."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from search.embedders.base import Embedder
from search.errors import EmbedderMismatchError, InvalidInputError
from search.retrieve.find import Asked, find
from search.retrieve.fuse import Mode
from search.retrieve.known import Known
from search.retrieve.options import Options
from search.store.collection import Collection
from search.types import HitList, Vector

_LONGEST = 200
"""Characters of a term; a longer passage is none, so that nobody looks for it by its words."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms of a collection."""

    numbers: Mapping[str, tuple[int, ...]]
    """Of the passages that are a term, by `key`: the first of each spelling."""
    repeated: tuple[int, ...]
    """Numbers of passages whose very text an earlier one has."""


@dataclass(frozen=True, slots=True)
class Found:
    """A term and its vector."""

    text: str
    vector: Vector
    numbers: tuple[int, ...]
    """Of the passages that are this term; none when it had to be embedded."""


def key(text: str) -> str:
    """Return a term without its capitals, and with single spaces."""
    return " ".join(text.split()).casefold()


def vocabulary(collection: Collection) -> Vocabulary:
    """Return the terms of a collection."""
    spellings: dict[str, dict[str, int]] = {}
    repeated: list[int] = []
    for number, text in collection.texts():
        if len(text) > _LONGEST:
            continue
        if spellings.setdefault(key(text), {}).setdefault(text, number) != number:
            repeated.append(number)
    return Vocabulary({k: tuple(numbers.values()) for k, numbers in spellings.items()}, tuple(repeated))


def look_up(
    texts: Sequence[str], collection: Collection, known: Known, embedder: Callable[[], Embedder]
) -> tuple[Found, ...]:
    """Return terms with the vectors that the collection has of them; the others are embedded.

    :param embedder: Called where the collection lacks a term.
    :raises InvalidInputError: For an empty term.
    :raises EmbedderMismatchError: When one has to be embedded, and the collection was made with another embedder.
    """
    if not all(key(text) for text in texts):
        raise InvalidInputError("a term is empty: give each at least one letter")
    terms = known.of(collection, vocabulary).numbers
    missing = [text for text in texts if key(text) not in terms]
    new = iter(_embedded(missing, collection, embedder()) if missing else ())
    found = []
    for text in texts:
        numbers = terms.get(key(text), ())
        vector = collection.vectors([_spelled(text, numbers, collection)])[0] if numbers else next(new)
        found.append(Found(text, vector, numbers))
    return tuple(found)


def nearest(collection: Collection, term: str, k: int, known: Known, embedder: Callable[[], Embedder]) -> HitList:
    """Return the k terms nearest to one, itself left out, each once.

    :param embedder: Called where the collection lacks the term.
    """
    started = time.perf_counter()
    (found,) = look_up([term], collection, known, embedder)
    without = (*found.numbers, *known.of(collection, vocabulary).repeated)
    asked = Asked(term, term, found.vector, k, Options(mode=Mode.DENSE), without=without, started=started)
    return find(collection, asked, known, embedder)


def _embedded(texts: Sequence[str], collection: Collection, embedder: Embedder) -> Sequence[Vector]:
    if embedder.id != collection.embedder:
        raise EmbedderMismatchError(collection.name, collection.embedder, embedder.id)
    return list(embedder.embed_documents(texts))


def _spelled(text: str, numbers: Sequence[int], collection: Collection) -> int:
    """Return the passage with these very letters, else the first."""
    if len(numbers) == 1:
        return numbers[0]
    passages = collection.read(numbers)
    return next((n for n in numbers if n in passages and passages[n].text == text), numbers[0])
