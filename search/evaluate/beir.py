"""Reads a folder in the BEIR layout: documents, queries, and which documents answer which query."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from search.errors import SourceError
from search.evaluate.lines import Line, lines, objects

CORPUS, QUERIES, JUDGEMENTS = "corpus.jsonl", "queries.jsonl", "qrels/test.tsv"
MOST_RELEVANT = 1_000
"""The highest judgement there can be."""
_HEADER = "query-id, corpus-id and score"


@dataclass(frozen=True, slots=True)
class Document:
    """What may be found."""

    id: str
    text: str
    """Title and text; empty where the corpus has neither, and then never found."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A message of the conversation before a query."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked."""

    id: str
    text: str
    history: tuple[Turn, ...] = ()
    rewrite: str | None = None
    """What a person made of it, so that it can be understood without the history."""
    answerable: bool | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """Documents, and the queries of which people said what answers them."""

    name: str
    documents: Sequence[Document]
    queries: Sequence[Query]
    """Those with a relevant document, in the file's order."""
    relevant: Mapping[str, Mapping[str, int]]
    """For each query the documents that answer it, with how well: above 0."""
    unjudged: int
    """Queries that were left out."""
    labelled: Sequence[Query] = ()
    """Those of which it is said whether the documents answer them, judged or not."""


def read(folder: Path) -> Judged:
    """Read the folder.

    :raises SourceError: Naming file and line of what is not as it should be.
    """
    documents = {line.id: line for line in _different(folder / CORPUS)}
    queries = {line.id: _query(line) for line in _different(folder / QUERIES)}
    relevant = _relevant(folder / JUDGEMENTS, queries, documents)
    judged = [query for query in queries.values() if query.id in relevant]
    labelled = [query for query in queries.values() if query.answerable is not None]
    unjudged = sum(query.id not in relevant and query.answerable is not False for query in queries.values())
    found = [Document(id, _document(line)) for id, line in documents.items()]  # noqa: A001 - the field's name
    if not any(document.text for document in found):
        raise SourceError(folder / CORPUS, "no document has a text")
    return Judged(folder.resolve().name, found, judged, relevant, unjudged, labelled)


def _different(file: Path) -> Iterator[Line]:
    seen: dict[str, int] = {}
    for line in objects(file):
        if line.id in seen:
            raise line.bad(f"has the _id {line.id!r} of line {seen[line.id]}")
        seen[line.id] = line.number
        yield line


def _document(line: Line) -> str:
    return f"{line.text('title')} {line.text('text')}".strip()


def _query(line: Line) -> Query:
    text, answerable = line.text("text").strip(), line.value.get("answerable")
    if not text:
        raise line.bad("has no text to look for")
    if not (answerable is None or isinstance(answerable, bool)):
        raise line.bad("has an 'answerable' that is neither true nor false")
    return Query(line.id, text, _history(line), line.text("rewrite").strip() or None, answerable)


def _history(line: Line) -> tuple[Turn, ...]:
    turns = line.value.get("history") or []
    if not isinstance(turns, list):
        raise line.bad("has a 'history' that is no list")
    return tuple(_turn(line, turn) for turn in turns)


def _turn(line: Line, turn: object) -> Turn:
    if isinstance(turn, dict) and isinstance(role := turn.get("role"), str):
        content = turn.get("content")
        if isinstance(content, str):
            return Turn(role, line.checked(content))
    raise line.bad('has a \'history\' whose messages are not all {"role", "content"}')


def _relevant(file: Path, queries: Mapping[str, object], documents: Mapping[str, object]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for number, query, document, score in _judgements(file):
        for name, of, known in ((query, QUERIES, queries), (document, CORPUS, documents)):
            if name not in known:
                raise SourceError(file, f"line {number} names {name!r}, which {of} does not have")
        if score > 0:
            found.setdefault(query, {})[document] = score
    if not found:
        raise SourceError(file, "no query has a relevant document (a score above 0)")
    return found


def _judgements(file: Path) -> Iterator[tuple[int, str, str, int]]:
    rows = ((number, line.strip("\r\n").split("\t")) for number, line in lines(file) if line.strip())
    for place, (number, row) in enumerate(rows):
        if len(row) != 3:  # noqa: PLR2004 - as the header says
            raise SourceError(file, f"line {number} should be {_HEADER}, with tabs between")
        score = _score(row[2])
        if place == 0 and score is not None:
            raise SourceError(file, f"line {number} should be the header: {_HEADER}")
        if place > 0 and score is None:
            reason = f"has the score {row[2]!r}, which is no whole number of at most {MOST_RELEVANT:,}"
            raise SourceError(file, f"line {number} {reason}")
        if score is not None:
            yield number, row[0].strip(), row[1].strip(), score


def _score(text: str) -> int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() and value <= MOST_RELEVANT else None
