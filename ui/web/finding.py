"""The routes behind Look up: the list while one types, and what a filter can name."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import Field

from search.service import MOST_HITS, Service
from ui.shapes import Shape
from ui.web.parts import calmly
from ui.web.tabs.look_up import MANY, START, ranking, refined
from ui.web.trail import Steps, arrive, steps_of, way_of

_Text = Annotated[str, Query(max_length=10_000)]


class Wanted(Shape):
    """A passage whose neighbours are wanted, and the way to it."""

    collection: Annotated[str, Field(max_length=512)]
    id: Annotated[str, Field(max_length=512)]
    way: Steps = Field(default_factory=list)


def finding(service: Service) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/page", include_in_schema=False)

    @router.get("/look-up", response_class=HTMLResponse)
    def look_up(
        q: _Text = "",
        collection: _Text = "",
        k: Annotated[int, Query(ge=1, le=MOST_HITS)] = MANY,
        mode: _Text = "",
        where: _Text = "",
        why: Literal["", "true"] = "",
    ) -> str:
        return calmly(lambda: ranking(service, q, collection, k, refined(mode, where, why=bool(why))))

    @router.post("/near")
    def near(wanted: Wanted) -> dict[str, Any]:
        at = arrive(service, wanted.id, wanted.collection or None, MANY, way_of(wanted.way), START)
        return {"html": at.html, "way": steps_of(at.way)}

    @router.get("/fields")
    def fields(collection: _Text) -> list[str]:
        own = service.show(collection).embedder
        probes = [f"probe.{probe.name}" for probe in service.probes(collection) if probe.embedder == own]
        return [*(field.name for field in service.fields(collection)), *probes]

    return router
