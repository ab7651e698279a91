"""What the index has yet to hear of, and which of its generations is the live one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from search.store.ledger import ORPHANS, PASSAGE, CollectionRow, Ledger, metadata_text, passage_of
from search.types import Passage

REPLACED = "embedded again"
"""The fact that vectors were replaced, and by which, while the index has yet to hear of all of them."""
_IS_COPY = (
    "EXISTS (SELECT 1 FROM (SELECT o.collection FROM passages o WHERE o.vector = p.vector AND o.number < p.number"
    " ORDER BY o.number DESC LIMIT 8) WHERE collection = p.collection)"
)
"""Whether a passage before it has its vector; that is among the last few which have, or is as good as none."""
_WITH_VECTOR = f"p.metadata, v.vector, {_IS_COPY}"
_PENDING = (
    PASSAGE.replace("p.metadata", _WITH_VECTOR)
    + " JOIN vectors v ON v.number = p.vector WHERE p.collection = ? AND p.indexed = 0 ORDER BY p.number LIMIT ?"
)
_PAGE = (
    PASSAGE.replace("p.metadata", _WITH_VECTOR) + " JOIN vectors v ON v.number = CASE WHEN ?1 = ?2 THEN p.vector"
    " ELSE (SELECT number FROM vectors WHERE key = vector_key(?2, p.text)) END"
    " WHERE +p.collection = ?3 AND p.number > ?4 ORDER BY p.number LIMIT ?5"
)
"""With the plus, as in the ledger's pages: by the index on collections, each page would walk through all of one, sort
it, and make a key for each of its texts."""
_LACKING = (
    "SELECT number, text FROM passages p WHERE +collection = ?2 AND number > ?4"
    " AND NOT EXISTS (SELECT 1 FROM vectors WHERE key = vector_key(?1, p.text)) ORDER BY number LIMIT ?3"
)


class Numbered(NamedTuple):
    """A passage with its number, and its vector's bytes."""

    number: int
    passage: Passage
    vector: bytes
    is_copy: bool
    """Whether another one before it in the collection has the same vector."""


class Pending:
    """The difference between ledger and index, as the ledger has it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def passages(self, collection: int, limit: int) -> list[Numbered]:
        """Return passages that the index does not have as they are, by their numbers."""
        rows = self._ledger.rows(_PENDING, (collection, limit))
        return [Numbered(row[0], passage_of(row[:8]), row[8], bool(row[9])) for row in rows]

    def mark_indexed(self, passages: Iterable[Numbered]) -> None:
        """Note that the index has these passages, unless they have changed meanwhile."""
        with self._ledger.transaction() as db:
            db.executemany(
                "UPDATE passages SET indexed = 1 WHERE number = ?"
                " AND (id, text, start, stop, metadata) = (?, ?, ?, ?, ?)",
                ((number, p.id, p.text, p.start, p.end, metadata_text(p)) for number, p, *_ in passages),
            )

    def removed(self, collection: int) -> list[str]:
        """Return ids that the index still has to let go of."""
        return [i for (i,) in self._ledger.rows("SELECT id FROM removed WHERE collection = ?", (collection,))]

    def clear_removed(self, collection: int, ids: Iterable[str]) -> None:
        """Note that the index has let go of these ids; those that came back meanwhile are written again."""
        with self._ledger.transaction() as db:
            for passage_id in ids:
                db.execute("DELETE FROM removed WHERE collection = ? AND id = ?", (collection, passage_id))
                db.execute("UPDATE passages SET indexed = 0 WHERE collection = ? AND id = ?", (collection, passage_id))

    def dropped(self) -> list[str]:
        """Return Chroma collections that are still to be deleted."""
        return [name for (name,) in self._ledger.rows("SELECT index_name FROM dropped")]

    def clear_dropped(self, index_name: str) -> None:
        """Note that a Chroma collection is deleted."""
        with self._ledger.transaction() as db:
            db.execute("DELETE FROM dropped WHERE index_name = ?", (index_name,))
            db.execute("DELETE FROM parts WHERE of = ?", (index_name,))

    def forget_index(self) -> None:
        """Note that the index has nothing: all of it is to be written anew."""
        with self._ledger.transaction() as db:
            db.execute("UPDATE passages SET indexed = 0")
            db.execute("DELETE FROM removed")
            db.execute("DELETE FROM dropped")
            db.execute("DELETE FROM parts")

    def expected(self, collection: int, ids: Sequence[str]) -> dict[str, tuple[str, bytes]]:
        """Return text and vector of those passages that the index has as they are."""
        marks = ",".join("?" * len(ids))
        rows = self._ledger.rows(
            "SELECT p.id, p.text, v.vector FROM passages p JOIN vectors v ON v.number = p.vector"
            f" WHERE p.collection = ? AND p.indexed = 1 AND p.id IN ({marks})",
            (collection, *ids),
        )
        return {passage_id: (text, vector) for passage_id, text, vector in rows}

    def is_empty(self) -> bool:
        """Return whether the index has heard of everything."""
        waiting = (
            "SELECT 1 FROM passages WHERE indexed = 0 UNION ALL SELECT 1 FROM removed UNION ALL SELECT 1 FROM dropped"
        )
        return not self._ledger.rows(f"SELECT EXISTS ({waiting})")[0][0]

    def counts(self, collection: int) -> tuple[int, int]:
        """Return how many passages the index has as they are, and how many changes it has yet to hear of."""
        total, pending = self._ledger.rows(
            "SELECT count(*), coalesce(sum(indexed = 0), 0) FROM passages WHERE collection = ?", (collection,)
        )[0]
        return total - pending, pending + len(self.removed(collection))

    def move(self, collection: CollectionRow) -> None:
        """Give a collection another name in the index, where all of it is to be written anew."""
        with self._ledger.transaction() as db:
            name = self._ledger.index_name(collection.name)
            db.execute("INSERT OR IGNORE INTO dropped VALUES (?)", (collection.index_name,))
            db.execute("UPDATE collections SET index_name = ? WHERE number = ?", (name, collection.number))
            db.execute("UPDATE passages SET indexed = 0 WHERE collection = ?", (collection.number,))
            db.execute("DELETE FROM removed WHERE collection = ?", (collection.number,))

    # Generations

    def begin_generation(self, collection: CollectionRow) -> str:
        """Return the name of a new Chroma collection, which is deleted unless it gets to be the live one."""
        with self._ledger.transaction() as db:
            name = self._ledger.index_name(collection.name)
            db.execute("INSERT INTO dropped VALUES (?)", (name,))
        return name

    def generation(self, collection: CollectionRow, embedder: str, limit: int) -> Iterator[list[Numbered]]:
        """Yield all passages with an embedder's vectors, as far as they are there."""
        last = -1
        while rows := self._ledger.rows(_PAGE, (collection.embedder, embedder, collection.number, last, limit)):
            last = rows[-1][0]
            yield [Numbered(row[0], passage_of(row[:8]), row[8], bool(row[9])) for row in rows]

    def lacking(self, collection: int, embedder: str, limit: int, after: int = -1) -> list[tuple[int, str]]:
        """Return passages behind a number that an embedder has no vectors for yet, by number and text."""
        return self._ledger.rows(_LACKING, (embedder, collection, limit, after))

    def drafts(self, collection: int, draft: str, limit: int) -> list[tuple[str, bytes]]:
        """Return the first passages of a collection that have vectors under another name, by text and vector."""
        return self._ledger.rows(
            "SELECT p.text, v.vector FROM passages p JOIN vectors v ON v.key = vector_key(?, p.text)"
            " WHERE +p.collection = ? ORDER BY p.number LIMIT ?",
            (draft, collection, limit),
        )

    def discard(self, collection: int, draft: str) -> None:
        """Remove the vectors that a collection's texts have under another name."""
        with self._ledger.transaction() as db:
            db.execute(
                "DELETE FROM vectors WHERE key IN (SELECT vector_key(?, text) FROM passages WHERE collection = ?)",
                (draft, collection),
            )

    def replace(self, embedder: str, dimension: int, draft: str) -> list[CollectionRow] | None:
        """Give all passages of an embedder the vectors that are kept under another name, and those its name.

        The vectors that they had go, with all others that no passage uses.

        :return: The collections that are to be written into the index anew; None when passages without a vector came
            in meanwhile, and nothing was done.
        """
        with self._ledger.transaction() as db:
            rows = [row for row in self._ledger.collections() if row.embedder == embedder]
            if any(self.lacking(row.number, draft, 1) for row in rows):
                return None
            for row in rows:
                db.execute(
                    "UPDATE passages SET vector = (SELECT number FROM vectors WHERE key = vector_key(?, text))"
                    " WHERE collection = ?",
                    (draft, row.number),
                )
                db.execute("UPDATE collections SET dimension = ? WHERE number = ?", (dimension, row.number))
                self.move(row)
            db.execute(f"DELETE FROM vectors {ORPHANS}")
            for row in rows:
                db.execute(
                    "UPDATE vectors SET key = vector_key(?, p.text) FROM passages p"
                    " WHERE p.vector = vectors.number AND p.collection = ?",
                    (embedder, row.number),
                )
            self._ledger.set_fact(REPLACED, draft)
        return rows

    def switch(self, collection: CollectionRow, index_name: str, embedder: str, dimension: int) -> bool:
        """Make a generation the live one, or return False when passages without a vector came in meanwhile."""
        with self._ledger.transaction() as db:
            if embedder != collection.embedder:
                if self.lacking(collection.number, embedder, 1):
                    return False
                db.execute(
                    "UPDATE passages SET vector = (SELECT number FROM vectors WHERE key = vector_key(?, text))"
                    " WHERE collection = ?",
                    (embedder, collection.number),
                )
            db.execute("DELETE FROM dropped WHERE index_name = ?", (index_name,))
            db.execute("INSERT OR IGNORE INTO dropped VALUES (?)", (collection.index_name,))
            db.execute(
                "UPDATE collections SET index_name = ?, embedder = ?, dimension = ? WHERE number = ?",
                (index_name, embedder, dimension, collection.number),
            )
        return True
