"""What follows from a collection: made when it is first needed, kept while the collection stays as it is."""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from search.retrieve.columns import Columns, columns
from search.retrieve.fuse import Mode
from search.retrieve.hubs import Hubs, hubs
from search.retrieve.lexical import Lexical, lexical
from search.retrieve.scale import Scale, measure
from search.signs import length
from search.store.collection import Collection

T = TypeVar("T")
_LOOKED_AT = 200
_FEW_WORDS = 3
"""Words of a passage, on average, up to which it is a term and no text."""


class _Once:
    """What is made of one collection by one function."""

    def __init__(self) -> None:
        self.making = Lock()
        self.made: list[object] = []


class Known:
    """Remembers what was made of each collection."""

    def __init__(self) -> None:
        self._made: WeakKeyDictionary[Collection, dict[Callable[[Collection], object], _Once]] = WeakKeyDictionary()
        self._looking = Lock()

    def of(self, collection: Collection, make: Callable[[Collection], T]) -> T:
        """Return what a function makes of a collection; it is called once."""
        with self._looking:
            once = self._made.setdefault(collection, {}).setdefault(make, _Once())
        if once.made:
            return cast("T", once.made[0])
        # Others wait for the same, but not for a map when all they want is a list.
        with once.making:
            if not once.made:
                once.made.append(make(collection))
        return cast("T", once.made[0])

    def scale(self, collection: Collection) -> Scale:
        """Return the similarities of random pairs."""
        return self.of(collection, measure)

    def lexical(self, collection: Collection) -> Lexical:
        """Return the index of its words."""
        return self.of(collection, lexical)

    def columns(self, collection: Collection) -> Columns:
        """Return its metadata."""
        return self.of(collection, columns)

    def hubs(self, collection: Collection) -> Hubs:
        """Return in how many lists each passage stands."""
        return self.of(collection, hubs)

    def mode(self, collection: Collection) -> Mode:
        """Return the mode that does best: words say nothing more about terms than their vectors do."""
        return self.of(collection, best_mode)


def best_mode(collection: Collection) -> Mode:
    """Return dense for a list of terms, and hybrid for texts."""
    some = collection.texts_of(collection.layout.numbers[:_LOOKED_AT].tolist()).values()
    words = sum(map(length, some)) / max(1, len(some))
    return Mode.HYBRID if words > _FEW_WORDS else Mode.DENSE
