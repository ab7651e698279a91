"""The verbs that every surface calls."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from search import opened
from search.drawing import Drawing
from search.errors import ChatError, InvalidInputError
from search.keeping import Keeping
from search.latent.filter import probe_field
from search.opened import check_text
from search.retrieve.caution import cautions_if_short
from search.retrieve.columns import FieldInfo
from search.retrieve.duplicates import Duplicates
from search.retrieve.duplicates import duplicates as find_duplicates
from search.retrieve.find import Asked, find
from search.retrieve.fuse import Mode
from search.retrieve.known import Known
from search.retrieve.listed import HubList, most_listed
from search.retrieve.options import Options
from search.retrieve.variety import SAME
from search.settings import Settings
from search.store.copying import copy
from search.tokens import Tokens, tokenize
from search.types import Answer, CollectionInfo, Comparison, Excerpt, HitList, PairCaution, Passage, Vector
from search.vectors import cosine_matrix, unit
from search.words.analogy import Analogy
from search.words.analogy import analogy as find_analogy
from search.words.clusters import Clusters
from search.words.clusters import clusters as find_clusters
from search.words.odd import OddOneOut
from search.words.odd import odd_one_out as find_odd
from search.words.terms import nearest as find_nearest

if TYPE_CHECKING:
    from search.chat.events import Asking, Event

MOST_HITS = 1_000
MOST_TEXTS = 200
MOST_AROUND = 10
DEFAULT_COLLECTION = opened.DEFAULT_COLLECTION
NO_OPTIONS = Options()


class Service(Drawing, Keeping):
    """A data folder and an embedder, with all that can be done with them."""

    def __init__(self, settings: Settings, command: str) -> None:
        super().__init__(settings, command)
        self._known = Known()

    def search(self, query: str, collection: str | None = None, k: int = 10, options: Options = NO_OPTIONS) -> HitList:
        """Return the k passages that fit a query best.

        :raises InvalidInputError: For an empty query, or a k below 1 or above 1,000.
        """
        _check_k(k)
        check_text(query)
        started = time.perf_counter()
        found = self._collection(collection, for_embedding=True)
        vector = self._query_vector(query, options)
        words = " ".join([query, *(term.text for term in options.terms if term.weight > 0)])
        asked = Asked(query, query, vector, k, options, lambda index: index.scores(words), started=started)
        return find(found, asked, self._known, lambda: self.embedder, partial(probe_field, found), self.reranker)

    def similar(
        self, passage_id: str, collection: str | None = None, k: int = 10, options: Options = NO_OPTIONS
    ) -> HitList:
        """Return the k passages nearest to a stored one, itself left out; by their vectors where no mode is given.

        :raises PassageNotFoundError: When there is no such passage.
        """
        _check_k(k)
        started = time.perf_counter()
        found = self._collection(collection, for_embedding=bool(options.terms or options.why))
        of = found.get(passage_id)
        vector = self._moved(of.vector, options) if options.terms else of.vector
        chosen = replace(options, mode=options.mode or Mode.DENSE)
        asked = Asked(passage_id, of.passage.text, vector, k, chosen, without=(of.number,), started=started)
        return find(found, asked, self._known, lambda: self.embedder, partial(probe_field, found))

    def analogy(
        self, expression: Sequence[str], collection: str | None = None, k: int = 10, expect: str | None = None
    ) -> Analogy:
        """Return the k terms nearest to a sum of terms, such as `king - man + woman`."""
        _check_k(k)
        return find_analogy(self._collection(collection), expression, k, self._known, lambda: self.embedder, expect)

    def nearest(self, term: str, collection: str | None = None, k: int = 10) -> HitList:
        """Return the k terms nearest to one, itself left out."""
        _check_k(k)
        return find_nearest(self._collection(collection), term, k, self._known, lambda: self.embedder)

    def odd_one_out(self, texts: Sequence[str]) -> OddOneOut:
        """Return which of some terms does not belong."""
        return find_odd(texts, self.embedder)

    def clusters(self, collection: str | None = None, count: int | None = None) -> Clusters:
        """Return a list of terms as clusters."""
        return find_clusters(self._collection(collection), self._known, count)

    def duplicates(self, collection: str | None = None, limit: float = SAME, k: int = 100) -> Duplicates:
        """Return the passages that say nearly the same."""
        return find_duplicates(self._collection(collection), limit, k)

    def hubs(self, collection: str | None = None, k: int = 10) -> HubList:
        """Return the k passages that stand in the most lists of nearest."""
        _check_k(k)
        return most_listed(self._collection(collection), k, self._known)

    def get(self, passage_id: str, collection: str | None = None) -> Passage:
        """Return a stored passage.

        :raises PassageNotFoundError: When there is no such passage.
        """
        return self._collection(collection).get(passage_id).passage

    def excerpt(self, passage_id: str, collection: str | None = None, around: int = 1) -> Excerpt:
        """Return a stored passage with so many on each side of it, from the same source.

        :raises InvalidInputError: For fewer than 0, or more than 10.
        :raises PassageNotFoundError: When there is no such passage.
        """
        if not 0 <= around <= MOST_AROUND:
            raise InvalidInputError(f"0 to {MOST_AROUND} passages around one can be read, not {around:,}")
        return self._collection(collection).excerpt(passage_id, around)

    def ask(
        self,
        asking: "Asking",
        collection: str | None = None,
        chat: str = "",
        conversation: int | None = None,
        after: int | None = None,
    ) -> Iterator["Event"]:
        """Yield what a question passes on its way to its answer, and the answer at last. Close it to stop.

        :param chat: A chat model such as `openai:gpt-4o-mini`, or `extractive`; empty for the configured one.
        :param conversation: The number of one that the question goes on; its collection is asked, and answers are kept.
        :param after: How many of its turns stay; the answer takes the place of the others. None for all.
        :raises ConversationNotFoundError: When there is none of that number.
        :raises ChatError: When the model does not say a word; one that breaks off ends in an answer.
        """
        # Takes half a second to import, which who never asks need not wait for.
        from search.chat.chain import Desk, chain  # noqa: PLC0415
        from search.chat.conversation import history, kept  # noqa: PLC0415
        from search.chat.model import EXTRACTIVE, open_chat  # noqa: PLC0415
        from search.chat.untraced import untraced  # noqa: PLC0415

        kept_ones = self.store.conversations
        if conversation is not None:
            collection = kept_ones.get(conversation).collection
            asking = replace(asking, history=history(kept_ones.turns(conversation)[:after]))
        asked = self._collection(collection, for_embedding=True)
        model = open_chat(chat, self.settings)
        desk = Desk(asked, self._known, self.embedder, model, self.settings.system_prompt)
        events = untraced(chain(desk).stream(asking))
        if conversation is None:
            return events
        return kept(events, kept_ones, conversation, model.name if model else EXTRACTIVE, after)

    def answer(self, question: "str | Asking", collection: str | None = None, chat: str = "") -> Answer:
        """Return the answer to a question, once all of it is there; `ask` yields it as it comes.

        :param chat: A chat model such as `openai:gpt-4o-mini`, or `extractive`; empty for the configured one.
        :raises ChatError: When the model does not say a word; one that breaks off ends in an answer.
        """
        from search.chat.events import Asking  # noqa: PLC0415 - as above

        asking = Asking(question) if isinstance(question, str) else question
        *_, said = self.ask(asking, collection, chat)
        if not isinstance(said, Answer):
            raise ChatError("the chain ended without an answer: ask again")
        return said

    def compare(self, texts: Sequence[str]) -> Comparison:
        """Return the cosine of each text with each.

        :raises InvalidInputError: For fewer than two texts, more than 200, or an empty one.
        """
        if not 2 <= len(texts) <= MOST_TEXTS:  # noqa: PLR2004 - a pair
            raise InvalidInputError(f"compare takes 2 to {MOST_TEXTS} texts, not {len(texts)}")
        for text in texts:
            check_text(text)
        matrix = cosine_matrix(self.embedder.embed_documents(texts))
        found = tuple(
            PairCaution(a, b, caution.kind, caution.why)
            for a in range(len(texts))
            for b in range(a + 1, len(texts))
            for caution in cautions_if_short(texts[a], texts[b])
        )
        return Comparison(self.embedder.id, tuple(texts), tuple(map(tuple, matrix.tolist())), found)

    def tokens(self, text: str, model: str | None = None) -> Tokens:
        """Return the tokens of a text, as a model sees them; the configured embedder's by default."""
        check_text(text)
        return tokenize(text, model or self.settings.embedder, self.settings)

    def fields(self, collection: str | None = None) -> tuple[FieldInfo, ...]:
        """Return the fields that a filter on a collection can name."""
        return self._known.columns(self._collection(collection)).fields()

    def collections(self) -> list[CollectionInfo]:
        """Return all collections."""
        return [collection.info() for collection in self.store.all()]

    def show(self, collection: str | None = None) -> CollectionInfo:
        """Return one collection."""
        return self._collection(collection).info()

    def drop(self, collection: str) -> CollectionInfo:
        """Remove a collection, and return what it was."""
        info = self.show(collection)
        self.store.drop(collection)
        return info

    def copy(self, ids: Sequence[str], name: str, collection: str | None = None) -> CollectionInfo:
        """Put some passages of a collection into a new one; their vectors come with them.

        :raises InvalidInputError: For no passages, a bad name, or that of a collection that there is.
        """
        return copy(self.store, self._collection(collection), ids, name).info()

    def _query_vector(self, query: str, options: Options) -> Vector:
        vector = self.embedder.embed_query(query)
        return self._moved(vector, options) if options.terms else vector

    def _moved(self, vector: Vector, options: Options) -> Vector:
        """Return a vector moved towards some texts and away from others."""
        rows = self.embedder.embed_documents([term.text for term in options.terms])
        weights = np.array([term.weight for term in options.terms], dtype=np.float32)
        return unit(vector + weights @ rows)


def _check_k(k: int) -> None:
    if not 1 <= k <= MOST_HITS:
        raise InvalidInputError(f"k must be from 1 to {MOST_HITS:,}, not {k:,}")
