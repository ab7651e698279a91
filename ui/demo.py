"""The lecture this grew from, on the bundled sample."""

from collections.abc import Callable
from dataclasses import dataclass

from ingest.report import Progress
from ingest.sample import NOTES, SENTENCES, WORDS
from ingest.sync import ingest
from search.service import Service
from search.types import CollectionInfo
from search.vectors import cosine

LECTURE_EMBEDDER = "openai:text-embedding-3-large@3072"
LECTURE = (
    ("bank", "banks", 0.7882),
    ("bank", "river", 0.4143),
    ("bank", "money", 0.4347),
    ("river", "money", 0.3747),
    ("The man bites the dog", "The dog chased the man", 0.5414),
    ("The man bites the dog", "The man was chased by the dog", 0.5226),
    ("The dog chased the man", "The man was chased by the dog", 0.7911),
    ("The man was chased by the dog", "The man chased the dog", 0.8598),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, and their cosine here and in the lecture."""

    a: str
    b: str
    similarity: float
    lecture: float


@dataclass(frozen=True, slots=True)
class Lecture:
    """The lecture's pairs. The two models are different ones, so only the order is to be compared."""

    embedder: str
    lecture_embedder: str
    pairs: tuple[Pair, ...]


def take_in_sample(service: Service, progress: Callable[[Progress], None]) -> list[CollectionInfo]:
    """Ingest the bundled words, sentences and notes, and return their collections."""
    store, embedder = service.store, service.embedder
    ingest(store, embedder, "sample-words", [WORDS], "words", progress)
    ingest(store, embedder, "sample-sentences", [SENTENCES], "sentences", progress)
    ingest(store, embedder, "sample-notes", [NOTES], "notes", progress)
    return [service.show(name) for name in ("sample-words", "sample-sentences", "sample-notes")]


def draw_sample(service: Service) -> None:
    """Fit the maps of the words and the notes, unless they are there, so that the page has them at once."""
    for name in ("sample-words", "sample-notes"):
        service.keep_map(name)


def lecture(service: Service) -> Lecture:
    """Return the lecture's pairs with the configured embedder's values."""
    texts = list(dict.fromkeys(text for a, b, _ in LECTURE for text in (a, b)))
    vectors = dict(zip(texts, service.embedder.embed_documents(texts), strict=True))
    pairs = tuple(Pair(a, b, cosine(vectors[a], vectors[b]), theirs) for a, b, theirs in LECTURE)
    return Lecture(service.embedder.id, LECTURE_EMBEDDER, pairs)
