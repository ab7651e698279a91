"""What requests bring: checked by their types before anything is done."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from ingest.document import Options as Reading
from ingest.embed import Budget
from ingest.sent import MOST_PIECES
from ingest.sync import Wish
from search.chat.events import Asking
from search.chat.prompt import Turn
from search.errors import InvalidInputError
from search.prices import load
from search.retrieve.fuse import Mode
from search.retrieve.options import Options, Term
from search.retrieve.where import Where, from_json, parse
from search.service import MOST_HITS, MOST_TEXTS, Service

MOST_CHARACTERS = 100_000
MOST_FILES = 100_000
Text = Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]
Name = Annotated[str, Field(min_length=1, max_length=512)]
Way = Annotated[str, Field(min_length=1, max_length=4_096)]
"""A path."""
Many = Annotated[int, Field(ge=1, le=MOST_HITS)]


class Shape(BaseModel):
    """A request's body; a field that it does not have is an error, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")


class Weighed(Shape):
    """A text that is added to a query or taken from it."""

    text: Text
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0


class Refined(Shape):
    """What a search takes beside its query."""

    collection: Name | None = None
    k: Many = 10
    mode: Literal["dense", "lexical", "hybrid"] | None = None
    where: Annotated[str, Field(max_length=MOST_CHARACTERS)] | dict[str, Any] | None = None
    plus: Annotated[list[Weighed], Field(max_length=20)] = []
    minus: Annotated[list[Weighed], Field(max_length=20)] = []
    diversity: Annotated[float, Field(ge=0, le=1)] = 0.0
    fold: bool = False
    why: bool = False
    hubs: bool = False

    def options(self) -> Options:
        """Return it as the search takes it.

        :raises InvalidInputError: For a filter that cannot be read.
        """
        terms = [*(Term(t.text, t.weight) for t in self.plus), *(Term(t.text, -t.weight) for t in self.minus)]
        mode = Mode(self.mode) if self.mode else None
        return Options(mode, read_filter(self.where), tuple(terms), self.diversity, self.fold, self.why, self.hubs)


class Query(Refined):
    """A search."""

    query: Text


class Like(Refined):
    """A search for what is near to a stored passage."""

    id: Text


class Texts(Shape):
    """Texts to compare."""

    texts: Annotated[list[Text], Field(min_length=2, max_length=MOST_TEXTS)]


class Tokenized(Shape):
    """A text to be split into tokens."""

    text: Text
    model: Name | None = None


class Message(Shape):
    """What was said before."""

    role: Literal["system", "user", "assistant"]
    content: Annotated[str, Field(max_length=MOST_CHARACTERS)]


class Question(Shape):
    """A question to the notes."""

    question: Annotated[str, Field(min_length=1, max_length=20_000)]
    collection: Name | None = None
    history: Annotated[list[Message], Field(max_length=500)] = []
    search: Annotated[list[Text], Field(max_length=8)] = []
    where: Annotated[str, Field(max_length=MOST_CHARACTERS)] | dict[str, Any] | None = None
    chat: Name | None = None
    conversation: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    after: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """How many turns of the conversation stay; the answer takes the place of the others."""
    anyway: bool = False
    stream: bool = False

    def asking(self) -> Asking:
        """Return it as the chain takes it.

        :raises InvalidInputError: For a filter that cannot be read, or a question of blanks.
        """
        return Asking(
            self.question,
            history=turns(self.history),
            queries=tuple(self.search),
            where=read_filter(self.where),
            system=system(self.history),
            anyway=self.anyway,
        )


class TakenIn(Shape):
    """How files are to be taken in."""

    collection: Name | None = None
    kind: Literal["words", "sentences", "notes"] | None = None
    text: Annotated[list[Name], Field(max_length=100)] = []
    meta: Annotated[list[Name], Field(max_length=100)] = []
    prune: bool = False
    keep_going: bool = False
    max_tokens: Annotated[int, Field(ge=0)] | None = None
    max_cost: Annotated[float, Field(ge=0)] | None = None
    embedder: Name | None = None
    """The one that the client counts on, as `NEARHOOD_EMBEDDER` has it."""

    def wish(self, paths: Sequence[str], service: Service) -> Wish:
        """Return it as an ingest takes it.

        :raises InvalidInputError: When the client counts on another embedder than there is.
        """
        if self.embedder and self.embedder not in {service.settings.embedder, service.embedder.id}:
            raise InvalidInputError(
                f"this server embeds with {service.embedder.id}, and not with {self.embedder}: "
                "start it with that one, or unset NEARHOOD_EMBEDDER"
            )
        prices = load(service.settings.prices)
        reading = Reading(tuple(self.text), tuple(self.meta), self.kind)
        budget = Budget(self.max_tokens, self.max_cost, prices)
        return Wish(paths, reading, prune=self.prune, keep_going=self.keep_going, budget=budget)


class Intake(TakenIn):
    """Files of this machine to take in."""

    paths: Annotated[list[Text], Field(min_length=1, max_length=1_000)]


class File(Shape):
    """A file of the client's machine."""

    name: Way
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0, lt=2**63)]


class Sent(TakenIn):
    """All files of some paths of the client's machine."""

    files: Annotated[list[File], Field(max_length=MOST_FILES)]
    roots: Annotated[list[Way], Field(min_length=1, max_length=1_000)]
    """What the names of the files begin with: a folder that was given, or a file."""


class Piece(Shape):
    """A piece of a file, in Base64."""

    name: Way
    start: Annotated[int, Field(ge=0, lt=2**63)] = 0
    content: Base64Bytes


class Pieces(Shape):
    """Pieces of one file, or of several."""

    pieces: Annotated[list[Piece], Field(min_length=1, max_length=MOST_PIECES)]


class Titled(Shape):
    """Another name."""

    title: Annotated[str, Field(min_length=1, max_length=200)]


def turns(messages: list[Message]) -> tuple[Turn, ...]:
    """Return what user and assistant said."""
    return tuple(Turn(m.role, m.content) for m in messages if m.role != "system")


def system(messages: list[Message]) -> str:
    """Return what the model is told first."""
    return "\n\n".join(m.content for m in messages if m.role == "system")


def read_filter(where: str | dict[str, Any] | None) -> Where | None:
    """Return a filter, given as an expression or as JSON.

    :raises InvalidInputError: When it is neither.
    """
    if where is None:
        return None
    return parse(where) if isinstance(where, str) else from_json(where)


def first_fault(faults: Sequence[Any]) -> str:
    """Return where a request is not as it should be, without repeating what it says.

    :param faults: As pydantic lists them.
    """
    where = ".".join(str(part) for part in faults[0]["loc"]) or "the body"
    return f"{where}: {faults[0]['msg']}" + (f" (and {len(faults) - 1} more)" if len(faults) > 1 else "")
