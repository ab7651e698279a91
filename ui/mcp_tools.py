"""The tools that a language model may use: what they take, what they give, and what they do."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from ingest.document import Options as Reading
from ingest.report import Report
from ingest.sync import Wish
from search.chat.events import Asking
from search.errors import InvalidInputError
from search.retrieve.fuse import Mode
from search.retrieve.options import Options
from search.service import DEFAULT_COLLECTION, Service
from search.types import Answer, CollectionInfo, Comparison, Excerpt, HitList
from ui.answers import last
from ui.jobs import Heard
from ui.remote import Remote
from ui.shapes import Message, Shape, read_filter, system, turns

MOST_HITS, MOST_TEXTS, MOST_AROUND = 50, 30, 5
"""Fewer than elsewhere: a model reads what it gets."""
_LONGEST = 20_000

TakeIn: TypeAlias = Callable[[str, Wish, Heard], Report]

Collection = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=512,
        description="The collection's name; list_collections has them. By default the only one there is, else 'notes'; "
        "ingest takes 'notes'.",
    ),
]
Where = Annotated[
    str | None,
    Field(
        max_length=_LONGEST,
        description="A filter on metadata, source and heading, such as: year >= 1990 and source contains 'lectures'",
    ),
]
Id = Annotated[str, Field(min_length=1, max_length=10_000, description="A passage's id, as search gives it.")]
Count = Annotated[int, Field(ge=1, le=MOST_HITS, description="How many passages to return.")]
By = Annotated[
    Literal["dense", "lexical", "hybrid"] | None,
    Field(description="dense ranks by meaning, lexical by words, hybrid by both; leave it out for what suits."),
]


class NoInput(Shape):
    """Nothing."""


class SearchInput(Shape):
    """A search."""

    query: Annotated[
        str, Field(min_length=1, max_length=_LONGEST, description="What to look for: a question, a phrase or a term.")
    ]
    collection: Collection = None
    k: Count = 8
    mode: By = None
    where: Where = None


class SimilarInput(Shape):
    """A search for what is near to a passage."""

    id: Id
    collection: Collection = None
    k: Count = 8
    where: Where = None


class CompareInput(Shape):
    """Texts to compare."""

    texts: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=_LONGEST)]],
        Field(min_length=2, max_length=MOST_TEXTS, description="The texts: words, sentences or paragraphs."),
    ]


class AskInput(Shape):
    """A question."""

    question: Annotated[
        str, Field(min_length=1, max_length=_LONGEST, description="A question that the notes may answer.")
    ]
    collection: Collection = None
    history: Annotated[
        tuple[Message, ...], Field(max_length=100, description="What was said before, oldest first, for a follow-up.")
    ] = ()
    where: Where = None
    anyway: Annotated[
        bool, Field(description="Answer even what the notes do not seem to answer, instead of refusing.")
    ] = False


class GetInput(Shape):
    """A passage."""

    id: Id
    collection: Collection = None
    around: Annotated[
        int, Field(ge=0, le=MOST_AROUND, description="How many passages before and after it to return, too.")
    ] = 1


class IngestInput(Shape):
    """Files to take in."""

    paths: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=4_096)]],
        Field(min_length=1, max_length=100, description="Absolute paths of files or folders on the server's machine."),
    ]
    collection: Collection = None
    kind: Annotated[
        Literal["words", "sentences", "notes"] | None,
        Field(description="A passage for each line (words, sentences), or of some sentences (notes)."),
    ] = None


class DropInput(Shape):
    """A collection to remove."""

    collection: Annotated[str, Field(min_length=1, max_length=512, description="The name of the one to remove.")]


@dataclass(frozen=True, slots=True)
class Listed:
    """All collections."""

    collections: tuple[CollectionInfo, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A collection that is gone."""

    dropped: CollectionInfo


@dataclass(frozen=True, slots=True)
class Desk:
    """What tools work with."""

    service: Service | Remote
    take_in: TakeIn
    heard: Heard
    """Told how far an ingest is."""
    awaited: Callable[[], None]
    """Called now and then while something takes long; raises when nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, and what a client should know before it lets a model use it."""

    name: str
    title: str
    about: str
    takes: type[Shape]
    gives: Any
    """Type of what `run` returns."""
    run: Callable[[Desk, Any], Any]
    writes: bool = False
    destroys: bool = False
    leaves: bool = False
    """Whether it may ask a chat model elsewhere."""


def _search(desk: Desk, asked: SearchInput) -> HitList:
    options = Options(mode=Mode(asked.mode) if asked.mode else None, where=read_filter(asked.where))
    return desk.service.search(asked.query, asked.collection, asked.k, options)


def _similar(desk: Desk, asked: SimilarInput) -> HitList:
    return desk.service.similar(asked.id, asked.collection, asked.k, Options(where=read_filter(asked.where)))


def _compare(desk: Desk, asked: CompareInput) -> Comparison:
    return desk.service.compare(asked.texts)


def _ask(desk: Desk, asked: AskInput) -> Answer:
    asking = Asking(
        asked.question,
        history=turns(list(asked.history)),
        system=system(list(asked.history)),
        where=read_filter(asked.where),
        anyway=asked.anyway,
    )
    with closing(desk.service.ask(asking, asked.collection)) as events:  # type: ignore[type-var]
        return last(_watched(desk, events))


def _watched(desk: Desk, events: Any) -> Any:  # noqa: ANN401 - an iterator of the chain's events
    for event in events:
        desk.awaited()
        yield event


def _get(desk: Desk, asked: GetInput) -> Excerpt:
    return desk.service.excerpt(asked.id, asked.collection, asked.around)


def _list(desk: Desk, _: NoInput) -> Listed:
    return Listed(tuple(desk.service.collections()))


def _ingest(desk: Desk, asked: IngestInput) -> Report:
    wish = Wish([_allowed(path) for path in asked.paths], Reading(kind=asked.kind))
    return desk.take_in(asked.collection or DEFAULT_COLLECTION, wish, desk.heard)


def _allowed(path: str) -> str:
    """Return a path that a model may name.

    :raises InvalidInputError: For one that depends on where the server was started, or that is hidden.
    """
    if "\0" in path:
        raise InvalidInputError(f"{path!r} is no path")
    if not Path(path).is_absolute():
        raise InvalidInputError(f"{path!r} is no absolute path: give the whole of it")
    if any(part.startswith(".") for part in (*Path(path).parts, *Path(path).resolve().parts)):
        raise InvalidInputError(f"{path!r} is hidden, as keys and settings are: only nearhood ingest takes it in")
    return path


def _drop(desk: Desk, asked: DropInput) -> Dropped:
    return Dropped(desk.service.drop(asked.collection))


TOOLS = (
    Tool(
        "search",
        "Search by meaning",
        "Find the passages of a collection that fit a query best, by meaning, by words or by both. Each hit has its "
        "text, its source with character offsets, its cosine similarity with the query, the share of random pairs "
        "that are less similar (percentile), and cautions where it may mean something else than the query. Read "
        "by_chance before you trust a list: it says how many of the hits chance alone would give.",
        SearchInput,
        HitList,
        _search,
    ),
    Tool(
        "similar",
        "Find similar passages",
        "Find the passages nearest to one that is stored, by the id that search gave.",
        SimilarInput,
        HitList,
        _similar,
    ),
    Tool(
        "compare",
        "Compare texts",
        "Return the cosine similarity of each text with each, and a caution where two near texts do not mean the same: "
        "a negation, swapped roles, an antonym, another number or quantifier.",
        CompareInput,
        Comparison,
        _compare,
    ),
    Tool(
        "ask",
        "Ask the notes",
        "Answer a question from a collection, with citations: each is a verbatim quote with its source and offsets. "
        "refused is true where the notes do not answer it; judgement says how often such a verdict is wrong.",
        AskInput,
        Answer,
        _ask,
        leaves=True,
    ),
    Tool(
        "get",
        "Read a passage",
        "Return a passage by its id, with the passages before and after it in its source.",
        GetInput,
        Excerpt,
        _get,
    ),
    Tool(
        "list_collections",
        "List the collections",
        "Return all collections with their embedder and their numbers of passages and sources.",
        NoInput,
        Listed,
        _list,
    ),
    Tool(
        "ingest",
        "Take files in",
        "Take files and folders of the server's machine into a collection, which is made when there is none of that "
        "name. What is there already and has not changed is left alone; nothing is removed. It may take minutes.",
        IngestInput,
        Report,
        _ingest,
        writes=True,
    ),
    Tool(
        "drop",
        "Remove a collection",
        "Remove a collection with all its passages, for good. The files that it was made from stay.",
        DropInput,
        Dropped,
        _drop,
        writes=True,
        destroys=True,
    ),
)
