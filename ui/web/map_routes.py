"""What the map's tab fetches, under `/page/maps`: numbers, colours, texts, and how far a fit is."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from search.errors import NearhoodError, NotFoundError
from search.latent.fitted import Wish
from search.service import Service
from ui.security import error
from ui.shapes import Shape
from ui.web import format as show
from ui.web.chart import Chart
from ui.web.colorings import PROBE, Colorings
from ui.web.drawings import Drawings
from ui.web.map_charts import Charts, StaleMapError
from ui.web.map_focus import Shown, Viewer
from ui.web.map_labels import labels
from ui.web.page_maps import PageMaps
from ui.web.selections import as_csv
from ui.web.trail import Steps, steps_of, way_of

MOST_NAMES = 100
Name = Annotated[str, Query(min_length=1, max_length=512)]
Edition = Annotated[str, Query(min_length=1, max_length=100)]
By = Annotated[str, Query(min_length=1, max_length=512)]
Point = Annotated[int, Query(ge=0, lt=2**31)]
# What an edition holds never changes.
_FOR_GOOD = {"Cache-Control": "private, max-age=86400, immutable"}
# What a probe says of it does, when that is fitted again.
_NOT_AT_ALL = {"Cache-Control": "no-store"}


class Done(Shape):
    """What somebody did on the map, or in the list beside it."""

    collection: Annotated[str, Field(max_length=512)]
    kind: Literal["clear", "pick", "step", "choose", "place", "verb"]
    event: dict[str, Any]
    """To be checked by who answers it."""
    way: Steps = Field(default_factory=list)


def map_routes(maps: PageMaps) -> APIRouter:
    """Return the routes. Each checks collection, edition and point; what is stale is answered with 409."""
    router = APIRouter(prefix="/page/maps", include_in_schema=False)
    _fitting(router, maps.service, maps.charts, maps.drawings)
    _drawing(router, maps.charts, maps.colorings)
    viewer = Viewer(maps)

    @router.post("/view")
    def view(done: Done) -> dict[str, Any]:
        try:
            shown = _answer(viewer, done)
        except StaleMapError:
            raise
        except NearhoodError as raised:
            shown = Shown(None, show.error(raised))
        if shown is None:
            raise StaleMapError
        return {"focus": shown.focus, "html": shown.html, "way": steps_of(shown.way)}

    @router.get("/selections/{token}.csv")
    def selection(token: str) -> StreamingResponse:
        found = maps.selections.of(token)
        headers = {"Content-Disposition": 'attachment; filename="selection.csv"'}
        rows = as_csv(found, maps.service.store.collection(found.collection))
        return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)

    return router


def _answer(viewer: Viewer, done: Done) -> Shown | None:
    value, event, way = {"collection": done.collection}, done.event, way_of(done.way)
    match done.kind:
        case "pick":
            return viewer.point(value, event, way)
        case "step":
            return viewer.step(value, event, way)
        case "choose":
            return viewer.choose(value, event)
        case "place":
            return viewer.place(value, event)
        case "verb":
            return viewer.act(value, event)
        case "clear":
            return viewer.overview(value)


def _fitting(router: APIRouter, service: Service, charts: Charts, drawings: Drawings) -> None:
    @router.get("/meta.json")
    def meta(collection: Name) -> dict[str, Any]:
        drawing = drawings.of(collection)
        try:
            return {"map": charts.of(collection).meta(), "drawing": drawing}
        except NotFoundError:
            return {"map": None, "drawing": drawing, "passages": service.show(collection).passages}

    @router.post("/fit", status_code=202)
    def fit(
        collection: Name,
        method: Annotated[Literal["tsne", "umap", "pca"] | None, Body(embed=True)] = None,
        seed: Annotated[int | None, Body(embed=True, ge=0, lt=2**32)] = None,
    ) -> dict[str, Any]:
        kept = service.map_wish(collection)
        if kept is None and method is None:
            return drawings.begin(collection, None, refit=False)
        before = kept or Wish()
        wish = replace(before, method=method or before.method, seed=before.seed if seed is None else seed, dims=2)
        return drawings.begin(collection, wish, refit=True)

    @router.get("/fit")
    def progress(collection: Name) -> dict[str, Any]:
        return drawings.of(collection) or {"state": "none"}

    @router.delete("/fit", status_code=202)
    def cancel(collection: Name) -> dict[str, Any]:
        drawings.cancel(collection)
        return drawings.of(collection) or {"state": "none"}


def _drawing(router: APIRouter, charts: Charts, colorings: Colorings) -> None:
    @router.get("/points.bin")
    def points(collection: Name, edition: Edition) -> Response:
        return _binary(charts.at(collection, edition).points())

    @router.get("/labels.json")
    def all_labels(collection: Name, edition: Edition) -> list[dict[str, Any]]:
        return labels(charts.at(collection, edition))

    @router.get("/colorings.json")
    def offered(collection: Name, edition: Edition) -> list[dict[str, str]]:
        return colorings.offered(charts.at(collection, edition))

    @router.get("/legend.json")
    def legend(collection: Name, edition: Edition, by: By) -> dict[str, Any]:
        return colorings.of(charts.at(collection, edition), by).legend()

    @router.get("/groups.bin")
    def groups(collection: Name, edition: Edition, by: By) -> Response:
        content = colorings.of(charts.at(collection, edition), by).groups.astype("<u2").tobytes()
        return _binary(content, _NOT_AT_ALL if by.startswith(f"{PROBE}:") else _FOR_GOOD)

    @router.get("/text.json", response_model=None)
    def text(collection: Name, edition: Edition, point: Point) -> dict[str, Any] | Response:
        chart = charts.at(collection, edition)
        return chart.text(point) if point < len(chart) else _nowhere(chart)

    @router.get("/where.json")
    def where(
        collection: Name,
        edition: Edition,
        id: Annotated[list[By], Query(max_length=MOST_NAMES)],  # noqa: A002
    ) -> list[int | None]:
        chart = charts.at(collection, edition)
        return [chart.point(passage_id) for passage_id in id]

    @router.get("/names.json", response_model=None)
    def names(
        collection: Name, edition: Edition, point: Annotated[list[Point], Query(max_length=MOST_NAMES)]
    ) -> dict[int, str] | Response:
        chart = charts.at(collection, edition)
        return chart.names(point) if max(point) < len(chart) else _nowhere(chart)


def _binary(content: bytes, kept: dict[str, str] = _FOR_GOOD) -> Response:
    return Response(content, media_type="application/octet-stream", headers=kept)


def _nowhere(chart: Chart) -> Response:
    return error(404, "not-found", f"the map has {len(chart):,} points, from 0 on")
