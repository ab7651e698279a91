"""REST for lists of words, and for what a collection says more than once."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from search.retrieve.duplicates import LOWEST, MOST_PAIRS, Duplicates
from search.retrieve.listed import HubList
from search.retrieve.variety import SAME
from search.service import Service
from search.types import HitList
from search.words.analogy import Analogy
from search.words.clusters import Clusters
from search.words.odd import MOST, OddOneOut
from ui.shapes import Many, Name, Shape, Text


class Expression(Shape):
    """A sum of terms, such as king - man + woman."""

    expression: Annotated[list[Text], Field(min_length=1, max_length=100)]
    collection: Name | None = None
    k: Many = 10
    expect: Text | None = None


class Term(Shape):
    """A term."""

    term: Text
    collection: Name | None = None
    k: Many = 10


class Terms(Shape):
    """Terms of which one may not belong."""

    terms: Annotated[list[Text], Field(max_length=MOST)]


class Grouping(Shape):
    """A list of terms as clusters."""

    collection: Name | None = None
    count: Annotated[int, Field(ge=1)] | None = None


class Alike(Shape):
    """What says nearly the same."""

    collection: Name | None = None
    limit: Annotated[float, Field(ge=LOWEST, le=1)] = SAME
    k: Annotated[int, Field(ge=1, le=MOST_PAIRS)] = 100


class Listed(Shape):
    """What stands in many lists."""

    collection: Name | None = None
    k: Many = 10


def word_routes(router: APIRouter, service: Service) -> None:
    """Add the routes."""

    @router.post("/words/analogy")
    def analogy(asked: Expression) -> Analogy:
        """Return the terms nearest to a sum of others."""
        return service.analogy(asked.expression, asked.collection, asked.k, asked.expect)

    @router.post("/words/nearest")
    def nearest(asked: Term) -> HitList:
        """Return the terms nearest to one."""
        return service.nearest(asked.term, asked.collection, asked.k)

    @router.post("/words/odd")
    def odd_one_out(asked: Terms) -> OddOneOut:
        """Return which of some terms does not belong."""
        return service.odd_one_out(asked.terms)

    @router.post("/words/clusters")
    def clusters(asked: Grouping) -> Clusters:
        """Return a list of terms as clusters."""
        return service.clusters(asked.collection, asked.count)

    @router.post("/duplicates")
    def duplicates(asked: Alike) -> Duplicates:
        """Return the passages that say nearly the same."""
        return service.duplicates(asked.collection, asked.limit, asked.k)

    @router.post("/hubs")
    def hubs(asked: Listed) -> HubList:
        """Return the passages that stand in the most lists of nearest."""
        return service.hubs(asked.collection, asked.k)
