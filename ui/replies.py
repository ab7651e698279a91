"""What REST answers where that is no value of the library: mappings with the keys that the description names."""

from typing import Any, Literal, NotRequired

# The standard library's own cannot be read by pydantic before Python 3.12.
from typing_extensions import TypedDict

from search.evaluate.bootstrap import Interval
from search.evaluate.card import Rates
from search.evaluate.refusal import RefusalCard
from search.evaluate.table import Between
from search.latent.compare import Compared
from search.latent.fitted import Wish
from search.store.conversations import ConversationInfo
from search.store.doctor import Check
from search.types import Citation, CollectionInfo, Judgement, Statement
from ui.jobs import Job
from ui.probe_info import ProbeInfo

Described = dict[int | str, dict[str, Any]]
_TEXT = {"type": "string"}


class Health(TypedDict):
    """That the server is up."""

    status: Literal["ok"]
    version: str


class Ready(TypedDict):
    """That a first search has been made."""

    status: Literal["ready"]


class Collections(TypedDict):
    """All collections."""

    collections: list[CollectionInfo]


class DroppedCollection(TypedDict):
    """The collection that is no more."""

    dropped: CollectionInfo


class Numbered(TypedDict):
    """A conversation that was begun."""

    number: int


class Deleted(TypedDict):
    """The number of the conversation that is no more."""

    deleted: int


class Conversations(TypedDict):
    """All conversations, the latest first."""

    conversations: list[ConversationInfo]


class GivenAnswer(TypedDict):
    """An answer as it was given; of one that rested on a source that was purged, only the first keys are left."""

    answer: str
    refused: bool
    citations: list[Citation]
    searched: list[str]
    model: str
    question: NotRequired[str]
    read: NotRequired[list[str]]
    statements: NotRequired[list[Statement]]
    broken: NotRequired[str | None]
    judgement: NotRequired[Judgement | None]
    took_ms: NotRequired[float]


class Turn(TypedDict):
    """A question, and the answer to it."""

    question: str
    answer: GivenAnswer


class Conversation(TypedDict):
    """A conversation with all that was said."""

    conversation: ConversationInfo
    turns: list[Turn]


class AllJobs(TypedDict):
    """The jobs of this server."""

    jobs: list[Job]


class Awaited(TypedDict):
    """Files that were named, and those of them that are to be sent."""

    id: str
    missing: list[str]
    """As many as can be sent at once."""
    is_whole: bool
    """Whether that is all; else name the files again once these are taken in."""
    refused: dict[str, str]
    """Why files cannot be sent, by their names."""
    gone: list[str]
    """What is here below the same roots, and was not named."""


class Received(TypedDict):
    """How much came."""

    bytes: int


class Released(TypedDict):
    """What was let go."""

    released: str


class KeptWish(TypedDict):
    """How the kept map was drawn; null where there is none."""

    wish: Wish | None


class DrawnBy(TypedDict):
    """A way to draw, and what became of the neighbourhoods."""

    method: str
    trustworthiness: float | None
    continuity: float | None
    knn_recall: float | None
    seconds: float
    coords: list[list[float]]
    shares: list[float]


class ComparedMaps(TypedDict):
    """The same passages, drawn by each method."""

    collection: str
    passages: int
    seed: int
    neighbours_seconds: float
    methods: list[DrawnBy]
    missing: list[str]
    ids: list[str]
    texts: list[str]
    sources: list[str]


class Probes(TypedDict):
    """The kept probes."""

    probes: list[ProbeInfo]


class DroppedProbe(TypedDict):
    """The name of the probe that is no more."""

    dropped: str


class Checked(TypedDict):
    """Whether the data folder is well."""

    ok: bool
    checks: list[Check]


class Judged(TypedDict):
    """A question of a report card with its scores in each way; null where it could not be asked so."""

    kind: str
    text: str
    scores: dict[str, list[float] | None]


class Scores(TypedDict):
    """Questions, and their scores by each metric."""

    metrics: list[str]
    ways: list[str]
    questions: list[Judged]


Means = dict[str, dict[str, Interval]]
"""By ways to look, and by metrics."""


class RankingCard(TypedDict):
    """How well something is searched."""

    card: Literal["ranking"]
    name: str
    embedder: str
    default_mode: str
    documents: int
    queries: int
    kinds: dict[str, int]
    modes: Means
    follow_up: NotRequired[Means]
    by_kind: NotRequired[dict[str, Means]]
    refusal: NotRequired[RefusalCard]
    gate: NotRequired[Rates]
    differences: dict[str, list[Between]]
    left_out: dict[str, int]
    embedded: int
    seconds: float
    tables: dict[str, Scores]


class JudgedPair(TypedDict):
    """Two texts, people's score, and their cosine."""

    a: str
    b: str
    score: float
    cosine: float


class PairsCard(TypedDict):
    """How well cosines are in the order of people's scores."""

    card: Literal["pairs"]
    name: str
    embedder: str
    embedded: int
    pairs: int
    spearman: Interval
    rows: list[JudgedPair]


def as_wire(found: Compared) -> ComparedMaps:
    """Return a comparison of maps without NumPy's arrays."""
    methods: list[DrawnBy] = [
        {
            "method": one.method,
            "trustworthiness": one.trustworthiness,
            "continuity": one.continuity,
            "knn_recall": one.knn_recall,
            "seconds": one.seconds,
            "coords": one.coords.tolist(),
            "shares": one.shares.tolist(),
        }
        for one in found.methods
    ]
    return {
        "collection": found.collection,
        "passages": found.passages,
        "seed": found.seed,
        "neighbours_seconds": found.neighbours_seconds,
        "methods": methods,
        "missing": [*found.missing],
        "ids": [*found.ids],
        "texts": [*found.texts],
        "sources": [*found.sources],
    }


def text(*media_types: str) -> Described:
    """Return the description of an answer that is text, and no JSON."""
    return {200: {"content": {media_type: {"schema": _TEXT} for media_type in media_types}}}


def binary(*media_types: str) -> Described:
    """Return the description of an answer that is a file."""
    return {200: {"content": {media_type: {"schema": _TEXT | {"format": "binary"}} for media_type in media_types}}}


_EVENT = {"type": "object", "properties": {"event": _TEXT, "data": _TEXT}, "required": ["data"]}
EVENTS: Described = {200: {"content": {"text/event-stream": {"schema": _EVENT}}}}
"""Of server-sent events, each; the data are JSON."""
