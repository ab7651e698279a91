"""Conversations with a collection: kept, listed, continued, exported and deleted."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from search.errors import NotFoundError
from search.store.ledger import Ledger
from search.types import Answer

_TITLE = 60
GONE = "(what was said here rested on a source that was purged)"
_BLANK = json.dumps({"answer": GONE, "refused": False, "citations": [], "searched": [], "model": ""})


class ConversationNotFoundError(NotFoundError):
    """No conversation of that number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"no conversation {number}: nearhood chat --list names them")
        self.number = number


@dataclass(frozen=True, slots=True)
class ConversationInfo:
    """What a list of conversations says of each."""

    number: int
    collection: str
    title: str
    """The first question, until it gets another name."""
    changed: str
    """When something was last said, ISO 8601, UTC."""
    turns: int


@dataclass(frozen=True, slots=True)
class Said:
    """A question, and the answer as it was given: `Answer` as a mapping."""

    question: str
    answer: dict[str, Any]


class Conversations:
    """Those of one data folder. They belong to a collection, whatever embedder it has, and go with it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._purged: set[tuple[str, str]] = set()
        """Sources that went while this process had the folder, each with the name of the collection that had it."""

    def infos(self, collection: str | None = None) -> list[ConversationInfo]:
        """Return all, or those with one collection, the latest first."""
        rows = self._ledger.rows(
            "SELECT v.number, c.name, v.title, v.changed,"
            " (SELECT count(*) FROM turns t WHERE t.conversation = v.number)"
            " FROM conversations v JOIN collections c ON c.number = v.collection"
            " WHERE ?1 IS NULL OR c.name = ?1 ORDER BY v.changed DESC, v.number DESC",
            (collection,),
        )
        return [ConversationInfo(*row) for row in rows]

    def get(self, number: int) -> ConversationInfo:
        """Return one.

        :raises ConversationNotFoundError: When there is none.
        """
        found = [info for info in self.infos() if info.number == number]
        if not found:
            raise ConversationNotFoundError(number)
        return found[0]

    def turns(self, number: int) -> list[Said]:
        """Return what was said, in order."""
        rows = self._ledger.rows(
            "SELECT question, answer FROM turns WHERE conversation = ? ORDER BY position", (number,)
        )
        return [Said(question, json.loads(answer)) for question, answer in rows]

    def begin(self, collection: int, question: str) -> int:
        """Return the number of a new one, titled by its first question."""
        title = " ".join(question.split())
        with self._ledger.transaction() as db:
            (number,) = db.execute(
                "INSERT INTO conversations (collection, title, changed) VALUES (?, ?, ?) RETURNING number",
                (collection, title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…", _now()),
            ).fetchone()
        return int(number)

    def add(self, number: int, answer: Answer, after: int | None = None) -> None:
        """Keep a question with its answer.

        :param after: How many turns stay before it; None for all.
        """
        name = self.get(number).collection
        with self._ledger.transaction() as db:
            if after is not None:
                self.cut(number, after)
            given = asdict(answer)
            if answer.read:
                # A model has heard what was said before, and may say it again.
                earlier = [source for said in self.turns(number) for source in _sources(said.answer)]
                given["read"] = list(dict.fromkeys([*answer.read, *earlier]))
            gone = {source for source in _sources(given) if (name, source) in self._purged}
            having = "SELECT s.name FROM sources s JOIN collections c ON c.number = s.collection WHERE c.name = ?"
            there = {source for (source,) in db.execute(having, (name,))} if gone else set()
            # One that came after the purge may be cited.
            kept = json.dumps(given, ensure_ascii=False) if gone <= there else _BLANK
            db.execute(
                "INSERT INTO turns SELECT ?1, coalesce(max(position), -1) + 1, ?2, ?3 FROM turns"
                " WHERE conversation = ?1",
                (number, answer.question, kept),
            )
            db.execute("UPDATE conversations SET changed = ? WHERE number = ?", (_now(), number))

    def cut(self, number: int, turns: int) -> None:
        """Keep the first turns only, so that a question can be asked again, or another in its place."""
        with self._ledger.transaction() as db:
            db.execute("DELETE FROM turns WHERE conversation = ? AND position >= ?", (number, turns))

    def rename(self, number: int, title: str) -> None:
        """Give one another name."""
        self.get(number)
        with self._ledger.transaction() as db:
            db.execute("UPDATE conversations SET title = ? WHERE number = ?", (title, number))

    def delete(self, number: int) -> None:
        """Delete one."""
        self.get(number)
        with self._ledger.transaction() as db:
            db.execute("DELETE FROM conversations WHERE number = ?", (number,))

    def rename_source(self, collection: str, source: str, name: str, prefix: str) -> None:
        """Have answers with a collection rest on a source by its new name, and on its passages by their new ids."""
        with self._ledger.transaction() as db:
            changed = []
            for number, at, text in self._answers([collection]):
                answer = json.loads(text)
                if _rests_on(answer, source):
                    answer["citations"] = [_renamed(one, source, name, prefix) for one in answer["citations"]]
                    answer["read"] = [name if one == source else one for one in answer.get("read", [])]
                    changed.append((json.dumps(answer, ensure_ascii=False), number, at))
            db.executemany("UPDATE turns SET answer = ? WHERE conversation = ? AND position = ?", changed)

    def forget(self, source: str, collections: Sequence[str]) -> int:
        """Take out every answer with some collections that rests on a source, those under way too, and count them."""
        self._purged.update((name, source) for name in collections)
        gone = [(number, at) for number, at, text in self._answers(collections) if _rests_on(json.loads(text), source)]
        with self._ledger.transaction() as db:
            db.executemany(
                "UPDATE turns SET answer = ? WHERE conversation = ? AND position = ?",
                ((_BLANK, number, at) for number, at in gone),
            )
        return len(gone)

    def resting_on(self, source: str, collections: Sequence[str]) -> list[str]:
        """Return those of some collections with which a conversation has an answer that rests on a source."""
        return [
            name
            for name in collections
            if any(_rests_on(json.loads(text), source) for *_, text in self._answers([name]))
        ]

    def _answers(self, collections: Sequence[str]) -> list[tuple[int, int, str]]:
        """Return conversation, position and answer of each turn with some collections."""
        return self._ledger.rows(
            "SELECT t.conversation, t.position, t.answer FROM turns t JOIN conversations v ON v.number = t.conversation"
            f" JOIN collections c ON c.number = v.collection WHERE c.name IN ({','.join('?' * len(collections))})",
            collections,
        )


def markdown(info: ConversationInfo, turns: list[Said]) -> str:
    """Return a conversation as Markdown, with what its answers rest on."""
    parts = [f"# {info.title}", f"With *{info.collection}*, {info.changed}."]
    for said in turns:
        notes = [
            f"{c['n']}. {c['source']}, {c['start']} to {c['end']}:\n   > {' '.join(c['quote'].split())}"
            for c in said.answer["citations"]
        ]
        parts += [f"## {said.question}", said.answer["answer"], *(["\n".join(notes)] if notes else [])]
    return "\n\n".join(parts) + "\n"


def _sources(answer: dict[str, Any]) -> list[str]:
    """Return what an answer cites, and what its model was given; an older one has the former alone."""
    return [*(citation["source"] for citation in answer["citations"]), *answer.get("read", [])]


def _rests_on(answer: dict[str, Any], source: str) -> bool:
    return source in _sources(answer)


def _renamed(citation: dict[str, Any], source: str, name: str, prefix: str) -> dict[str, Any]:
    if citation["source"] != source:
        return citation
    return {**citation, "source": name, "id": f"{prefix}-{citation['id'].rpartition('-')[2]}"}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
