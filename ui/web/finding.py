"""The routes behind Look up, Compare and Tokens: what is shown while one types, and what a filter can name."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import Field

from search.service import MOST_HITS, Service
from ui.shapes import Shape
from ui.web.parts import calmly
from ui.web.tabs import compare
from ui.web.tabs.look_up import MANY, START, ranking, refined
from ui.web.tabs.tokens import LONGEST, split_text
from ui.web.trail import Steps, arrive, steps_of, way_of

_Text = Annotated[str, Query(max_length=10_000)]


class Looked(Shape):
    """What is looked up, where it is too long for an address."""

    q: Annotated[str, Field(max_length=10_000)] = ""
    collection: Annotated[str, Field(max_length=512)] = ""
    k: Annotated[int, Field(ge=1, le=MOST_HITS)] = MANY
    mode: Annotated[str, Field(max_length=512)] = ""
    where: Annotated[str, Field(max_length=10_000)] = ""
    why: Literal["", "true"] = ""


class Wanted(Shape):
    """A passage whose neighbours are wanted, and the way to it."""

    collection: Annotated[str, Field(max_length=512)]
    id: Annotated[str, Field(max_length=512)]
    way: Steps = Field(default_factory=list)


class Compared(Shape):
    """Texts to be compared, one a line."""

    texts: Annotated[str, Field(max_length=compare.LONGEST)]


class Split(Shape):
    """A text whose tokens are wanted, and for which model."""

    text: Annotated[str, Field(max_length=LONGEST)]
    model: Annotated[str, Field(max_length=512)]


def finding(service: Service) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/page", include_in_schema=False)

    def listed(a: Looked) -> str:
        return calmly(lambda: ranking(service, a.q, a.collection, a.k, refined(a.mode, a.where, why=bool(a.why))))

    @router.get("/look-up", response_class=HTMLResponse)
    def look_up(looked: Annotated[Looked, Query()]) -> str:
        return listed(looked)

    @router.post("/look-up", response_class=HTMLResponse)
    def look_up_long(looked: Looked) -> str:
        return listed(looked)

    @router.post("/near")
    def near(wanted: Wanted) -> dict[str, Any]:
        at = arrive(service, wanted.id, wanted.collection or None, MANY, way_of(wanted.way), START)
        return {"html": at.html, "way": steps_of(at.way)}

    @router.post("/compare", response_class=HTMLResponse)
    def compared(of: Compared) -> str:
        return compare.comparison(service, of.texts)

    @router.post("/tokens", response_class=HTMLResponse)
    def tokens(split: Split) -> str:
        return split_text(service, split.text, split.model)

    @router.get("/fields")
    def fields(collection: _Text) -> list[str]:
        own = service.show(collection).embedder
        probes = [f"probe.{probe.name}" for probe in service.probes(collection) if probe.embedder == own]
        return [*(field.name for field in service.fields(collection)), *probes]

    return router
