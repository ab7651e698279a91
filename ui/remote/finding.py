"""Finding, comparing and words, by way of a server."""

from collections.abc import Sequence
from typing import Any

from search.retrieve.duplicates import Duplicates
from search.retrieve.listed import HubList
from search.retrieve.options import Options, Term
from search.retrieve.variety import SAME
from search.retrieve.where import to_json
from search.service import NO_OPTIONS
from search.tokens import Tokens
from search.types import Comparison, Excerpt, HitList, Passage
from search.words.analogy import Analogy
from search.words.clusters import Clusters
from search.words.odd import OddOneOut
from ui.remote.wire import Wire, within


class Finding(Wire):
    """The verbs of a service that read a collection."""

    def search(self, query: str, collection: str | None = None, k: int = 10, options: Options = NO_OPTIONS) -> HitList:
        """Return the k passages that fit a query best."""
        body = {"query": query, "collection": collection, "k": k, **_refined(options)}
        return self.post("/api/search", body, HitList)

    def similar(
        self, passage_id: str, collection: str | None = None, k: int = 10, options: Options = NO_OPTIONS
    ) -> HitList:
        """Return the k passages nearest to a stored one."""
        body = {"id": passage_id, "collection": collection, "k": k, **_refined(options)}
        return self.post("/api/similar", body, HitList)

    def get(self, passage_id: str, collection: str | None = None) -> Passage:
        """Return a stored passage."""
        return self.had(within("/api/passages", passage_id), Passage, collection=collection)

    def excerpt(self, passage_id: str, collection: str | None = None, around: int = 1) -> Excerpt:
        """Return a stored passage with so many on each side of it."""
        return self.had(within("/api/excerpts", passage_id), Excerpt, collection=collection, around=around)

    def compare(self, texts: Sequence[str]) -> Comparison:
        """Return the cosine of each text with each."""
        return self.post("/api/compare", {"texts": list(texts)}, Comparison)

    def tokens(self, text: str, model: str | None = None) -> Tokens:
        """Return the tokens of a text."""
        return self.post("/api/tokens", {"text": text, "model": model}, Tokens)

    def analogy(
        self, expression: Sequence[str], collection: str | None = None, k: int = 10, expect: str | None = None
    ) -> Analogy:
        """Return the k terms nearest to a sum of terms."""
        body = {"expression": list(expression), "collection": collection, "k": k, "expect": expect}
        return self.post("/api/words/analogy", body, Analogy, patient=True)

    def nearest(self, term: str, collection: str | None = None, k: int = 10) -> HitList:
        """Return the k terms nearest to one, itself left out."""
        body = {"term": term, "collection": collection, "k": k}
        return self.post("/api/words/nearest", body, HitList, patient=True)

    def odd_one_out(self, texts: Sequence[str]) -> OddOneOut:
        """Return which of some terms does not belong."""
        return self.post("/api/words/odd", {"terms": list(texts)}, OddOneOut)

    def clusters(self, collection: str | None = None, count: int | None = None) -> Clusters:
        """Return a list of terms as clusters."""
        return self.post("/api/words/clusters", {"collection": collection, "count": count}, Clusters, patient=True)

    def duplicates(self, collection: str | None = None, limit: float = SAME, k: int = 100) -> Duplicates:
        """Return the passages that say nearly the same."""
        body = {"collection": collection, "limit": limit, "k": k}
        return self.post("/api/duplicates", body, Duplicates, patient=True)

    def hubs(self, collection: str | None = None, k: int = 10) -> HubList:
        """Return the k passages that stand in the most lists of nearest."""
        return self.post("/api/hubs", {"collection": collection, "k": k}, HubList, patient=True)


def _refined(options: Options) -> dict[str, Any]:
    def weighed(term: Term) -> dict[str, Any]:
        return {"text": term.text, "weight": abs(term.weight)}

    return {
        "mode": options.mode.value if options.mode else None,
        "where": to_json(options.where) if options.where is not None else None,
        "plus": [weighed(term) for term in options.terms if term.weight > 0],
        "minus": [weighed(term) for term in options.terms if term.weight < 0],
        "diversity": options.diversity,
        "fold": options.fold,
        "why": options.why,
        "hubs": options.hubs,
    }
