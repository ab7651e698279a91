"""Ranks candidates anew by a model that reads query and passage together."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from search.errors import EmbeddingReplyError, ModelFilesError
from search.hub import ModelName, OnDemand, load
from search.retrieve.fuse import Ranking
from search.settings import Settings
from search.store.collection import Collection

CANDIDATES = 50
"""Passages that are read for one query, where no more are to be shown."""
BATCH_PAIRS = 32


class Reranker(Protocol):
    """Judges passages by reading them beside a query."""

    @property
    def id(self) -> str:
        """The model's name."""

    def scores(self, query: str, texts: Sequence[str], /) -> NDArray[np.float64]:
        """Return how well each text fits the query, (n,); more is better.

        :raises EmbeddingError: When the model cannot be had, or gives no numbers.
        """


def reranked(collection: Collection, ranking: Ranking, query: str, reranker: Reranker) -> Ranking:
    """Return a ranking in the order of a reranker, with its scores; passages that are gone meanwhile are left out."""
    passages = collection.read([near.number for near in ranking.near])
    found = [near for near in ranking.near if near.number in passages]
    scores = reranker.scores(query, [passages[near.number].text for near in found])
    order = np.argsort(-scores, kind="stable")
    return replace(ranking, near=tuple(found[place]._replace(score=float(scores[place])) for place in order))


class CrossEncoder:
    """Any cross-encoder of sentence-transformers, on a GPU where there is one; loaded at its first use."""

    def __init__(self, model: str, settings: Settings) -> None:
        self._name = ModelName.parse(model)
        self.id = self._name.text
        self._threads = settings.threads
        self._on_demand = OnDemand(self._load)
        # The tokenizers of transformers may not be used by two threads at once.
        self._using = Lock()

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return how well each text fits the query, (n,)."""
        if not texts:
            return np.empty(0)
        model = self._on_demand.model
        pairs = [(query, text) for text in texts]
        with self._using:
            found = model.predict(pairs, batch_size=BATCH_PAIRS, show_progress_bar=False, convert_to_numpy=True)
        scores = np.asarray(found, dtype=np.float64)
        if not np.all(np.isfinite(scores)):
            raise EmbeddingReplyError(f"{self.id} gave a score that is not finite: choose another model")
        return scores

    def _load(self) -> Any:  # noqa: ANN401 - sentence-transformers is not installed where types are checked
        model = load("CrossEncoder", self._name, self._threads)
        if model.num_labels != 1:
            raise ModelFilesError(f"{self.id} tells {model.num_labels} classes apart: a reranker gives one score")
        return model
