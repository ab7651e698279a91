"""Sources and their state in the ledger."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from search.store.ledger import ORPHANS, Ledger

SWEEP = "sweep"
"""The fact that something was purged, and may still stand in the free pages of some file."""
_MOST_FAILURES = 1_000
_THERE = "SELECT 1 FROM passages WHERE collection = ? AND id = ?"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source."""

    name: str
    passages: int
    finished: bool
    """Whether all of its passages are there."""


@dataclass(frozen=True, slots=True)
class SourceChanges:
    """What becomes of sources when passages are committed."""

    begun: Sequence[str] = ()
    """Those whose first passages these are: from here on they count as unfinished."""
    finished: Sequence[tuple[str, str | None, int]] = ()
    """Those that have come to their end, with their digest and the number of their passages; without a digest where
    they lack some, and so count as unfinished."""
    broken: Sequence[str] = ()
    """Those of which nothing stays."""
    without: Sequence[str] = ()
    """Ids of passages that are not to be there."""


class Sources:
    """What is known of each source."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def digests(self, collection: int) -> dict[str, str | None]:
        """Return each source's digest; None for one whose passages are not all there yet."""
        return dict(self._ledger.rows("SELECT name, digest FROM sources WHERE collection = ?", (collection,)))

    def infos(self, collection: int) -> list[SourceInfo]:
        """Return all sources of a collection by their names."""
        rows = self._ledger.rows(
            "SELECT s.name, count(p.number), s.digest IS NOT NULL FROM sources s"
            " LEFT JOIN passages p ON p.source = s.number WHERE s.collection = ? GROUP BY s.number ORDER BY s.name",
            (collection,),
        )
        return [SourceInfo(name, passages, bool(finished)) for name, passages, finished in rows]

    def failures(self, collection: int) -> dict[str, str]:
        """Return why sources could not be taken in, by their names, as it was when they were last looked at."""
        found: dict[str, str] = json.loads(self._ledger.fact(_failures(collection)) or "{}")
        return found

    def note_failures(self, collection: int, looked_at: Iterable[str], failed: Mapping[str, str]) -> None:
        """Keep why sources could not be taken in, in the place of what was known of those that were looked at."""
        seen = {*looked_at}
        kept = {name: reason for name, reason in self.failures(collection).items() if name not in seen}
        newest = dict(list({**kept, **failed}.items())[-_MOST_FAILURES:])
        if newest:
            self._ledger.set_fact(_failures(collection), json.dumps(newest))
        else:
            self.forget_failures(collection)

    def forget_failures(self, collection: int) -> None:
        """Let go of what is known of sources that failed."""
        self._ledger.clear_fact(_failures(collection))

    def begin_source(self, collection: int, source: str) -> None:
        """Note that a source is being taken in: from here on it counts as unfinished."""
        with self._ledger.transaction() as db:
            db.execute(
                "INSERT INTO sources (collection, name) VALUES (?, ?)"
                " ON CONFLICT (collection, name) DO UPDATE SET digest = NULL",
                (collection, source),
            )

    def finish_source(self, collection: int, source: str, digest: str | None, passages: int) -> None:
        """Note that a source has come to its end, and let go of passages past that; nothing where it was removed.

        :param digest: None where it lacks some, and so counts as unfinished.
        """
        with self._ledger.transaction() as db:
            found = db.execute(
                "UPDATE sources SET digest = ? WHERE collection = ? AND name = ? RETURNING number",
                (digest, collection, source),
            ).fetchall()
            for (number,) in found:
                gone = db.execute(
                    "DELETE FROM passages WHERE source = ? AND position >= ? RETURNING collection, id",
                    (number, passages),
                ).fetchall()
                db.executemany("INSERT OR IGNORE INTO removed VALUES (?, ?)", gone)

    def remove_passages(self, collection: int, ids: Sequence[str]) -> None:
        """Remove passages; their vectors stay."""
        rows = [(collection, passage_id) for passage_id in ids]
        with self._ledger.transaction() as db:
            there = [row for row in rows if db.execute(_THERE, row).fetchone()]
            db.executemany("DELETE FROM passages WHERE collection = ? AND id = ?", there)
            db.executemany("INSERT OR IGNORE INTO removed VALUES (?, ?)", there)

    def keep_only(self, collection: int, source: str, places: Mapping[str, int]) -> None:
        """Remove those passages of a source whose ids do not stand at these positions."""
        with self._ledger.transaction() as db:
            there = db.execute(
                "SELECT p.number, p.id, p.position FROM passages p JOIN sources s ON s.number = p.source"
                " WHERE s.collection = ? AND s.name = ?",
                (collection, source),
            ).fetchall()
            gone = [(number, passage_id) for number, passage_id, at in there if places.get(passage_id) != at]
            db.executemany("DELETE FROM passages WHERE number = ?", ((number,) for number, _ in gone))
            db.executemany("INSERT OR IGNORE INTO removed VALUES (?, ?)", ((collection, one) for _, one in gone))

    def rename_source(self, collection: int, source: str, name: str, prefix: str) -> None:
        """Give a source another name and its passages the ids of that name; their vectors stay.

        One that has the name already gives way; where the source was removed, nothing is done.
        """
        with self._ledger.transaction() as db:
            found = db.execute(
                "SELECT number FROM sources WHERE collection = ? AND name = ?", (collection, source)
            ).fetchall()
            for (number,) in found:
                self.remove_source(collection, name)
                db.execute("UPDATE sources SET name = ? WHERE number = ?", (name, number))
                of = "SELECT collection, id FROM passages WHERE source = ?"
                db.execute(f"INSERT OR IGNORE INTO removed {of}", (number,))
                db.execute(
                    "UPDATE passages SET id = ? || '-' || position, indexed = 0 WHERE source = ?", (prefix, number)
                )

    def remove_source(self, collection: int, source: str) -> None:
        """Remove a source and its passages; their vectors stay, for whoever ingests the same texts again."""
        with self._ledger.transaction() as db:
            of = "SELECT number FROM sources WHERE collection = ? AND name = ?"
            db.execute(
                f"INSERT OR IGNORE INTO removed SELECT collection, id FROM passages WHERE source = ({of})",
                (collection, source),
            )
            db.execute("DELETE FROM sources WHERE collection = ? AND name = ?", (collection, source))

    def purge_source(self, collections: Sequence[int], source: str) -> tuple[int, int]:
        """Remove a source and all vectors that no passage uses, and return how many passages and vectors went.

        What is left of them in the file is for `sweep` to remove, and until then a fact says so.
        """
        with self._ledger.transaction() as db:
            self._ledger.set_fact(SWEEP, "due")
            before = db.execute("SELECT count(*) FROM passages").fetchone()[0]
            for collection in collections:
                self.remove_source(collection, source)
            after = db.execute("SELECT count(*) FROM passages").fetchone()[0]
            vectors = db.execute(f"DELETE FROM vectors {ORPHANS}").rowcount
        return before - after, vectors

    def count_orphans(self) -> int:
        """Return the number of vectors that no passage uses."""
        return int(self._ledger.rows(f"SELECT count(*) FROM vectors {ORPHANS}")[0][0])


def _failures(collection: int) -> str:
    return f"failures {collection}"
