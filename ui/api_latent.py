"""REST for maps and probes."""

import io
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Response
from pydantic import Field

from search.latent.fitted import Wish
from search.latent.map import LatentMap
from search.latent.maps import Placed
from search.latent.probe import Prediction, Probe
from search.latent.probes import Examples
from search.latent.quality import COVERAGE
from search.service import Service
from ui import replies
from ui.probe_info import ProbeInfo
from ui.shapes import Name, Shape, Text
from ui.told import told

MOST_PLACED = 200
Texts = Annotated[list[Text], Field(min_length=1, max_length=MOST_PLACED)]


class Drawing(Shape):
    """How a map is to be drawn; what is left out stays as it is on the kept one."""

    collection: Name | None = None
    method: Name | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    dims: Literal[2, 3] | None = None
    sample: Annotated[int, Field(ge=1, lt=2**32)] | Literal["all"] | None = None
    clustering: Name | None = None
    clusters: Annotated[int, Field(ge=1, lt=2**32)] | None = None
    refit: bool = False
    field: Name | None = None
    stream: bool = False

    def wish(self, service: Service) -> Wish | None:
        """Return it as the map takes it; None where nothing was said."""
        names = ("method", "seed", "dims", "sample", "clustering", "clusters")
        said = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        if self.sample == "all":
            said["sample"] = None
        return (service.map_wish(self.collection) or Wish()).but(**said) if said else None


class Naming(Shape):
    """Clusters to be named by a chat model."""

    collection: Name | None = None
    chat: Name | None = None
    stream: bool = False


class Comparing(Shape):
    """Maps by each method, of the same passages."""

    collection: Name | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    sample: Annotated[int, Field(ge=1, lt=2**32)] | None = None
    stream: bool = False


class Placing(Shape):
    """Texts to be put on a map."""

    texts: Texts
    collection: Name | None = None


class Example(Shape):
    """A text with its outcome."""

    text: Text
    label: Text


class Learning(Shape):
    """What a probe is fitted to: one of label, examples and names."""

    collection: Name | None = None
    name: Name | None = None
    label: Name | None = None
    examples: Annotated[tuple[Example, ...], Field(max_length=100_000)] = ()
    names: Annotated[tuple[Name, ...], Field(max_length=1_000)] = ()
    stream: bool = False


class Telling(Shape):
    """Texts whose outcomes are asked for."""

    texts: Texts
    collection: Name | None = None
    probe: Name | None = None
    temperature: float = 1.0
    coverage: float = COVERAGE


def map_routes(router: APIRouter, service: Service) -> None:
    """Add the routes on maps."""

    @router.post("/map", response_model=LatentMap, responses=replies.EVENTS)
    def draw(asked: Drawing) -> Any:  # noqa: ANN401 - a map, or a stream of events
        """Draw a collection; with `stream`, as server-sent events: progress, and result or error."""
        wish = asked.wish(service)
        return told(
            lambda heard: service.draw_map(asked.collection, wish, refit=asked.refit, field=asked.field, heard=heard),
            LatentMap,
            stream=asked.stream,
        )

    @router.post("/map/names", response_model=LatentMap, responses=replies.EVENTS)
    def name(asked: Naming) -> Any:  # noqa: ANN401 - a map, or a stream of events
        """Have a chat model name the clusters of the kept map."""
        return told(
            lambda heard: service.name_clusters(asked.collection, asked.chat or "", heard),
            LatentMap,
            stream=asked.stream,
        )

    @router.get("/map/wish")
    def wish(collection: Name | None = None) -> replies.KeptWish:
        """Return how the kept map was drawn; null where there is none."""
        return {"wish": service.map_wish(collection)}

    @router.get("/map/rows", response_class=Response, responses=replies.binary("application/zip"))
    def rows(collection: Name | None = None) -> Response:
        """Return the kept map's `near` (n, k) and unit rows `vectors` (n, d), as NumPy's .npz."""
        near, vectors = service.map_rows(collection)
        packed = io.BytesIO()
        np.savez(packed, near=near, vectors=vectors)
        return Response(packed.getvalue(), media_type="application/zip")

    @router.get("/map/colors")
    def colors(probe: str = "", collection: Name | None = None) -> dict[str, str]:
        """Return what a probe takes each point for, by ids."""
        return service.colors(probe, collection)

    @router.post("/map/compare", response_model=replies.ComparedMaps, responses=replies.EVENTS)
    def compare(asked: Comparing) -> Any:  # noqa: ANN401 - a comparison, or a stream of events
        """Draw the same passages by each method, and keep none."""
        return told(
            lambda heard: replies.as_wire(service.compare_maps(asked.collection, asked.seed, asked.sample, heard)),
            replies.ComparedMaps,
            stream=asked.stream,
        )

    @router.post("/place")
    def place(asked: Placing) -> tuple[Placed, ...]:
        """Return where texts would stand on the kept map."""
        return service.place(asked.texts, asked.collection)


def probe_routes(router: APIRouter, service: Service) -> None:
    """Add the routes on probes."""

    @router.post("/probes", status_code=201, response_model=ProbeInfo, responses=replies.EVENTS)
    def fit(asked: Learning) -> Any:  # noqa: ANN401 - a probe, or a stream of events
        """Fit a probe and keep it; with `stream`, as events."""
        texts = tuple((example.text, example.label) for example in asked.examples)
        examples = Examples(asked.label, texts, asked.names)
        return told(
            lambda heard: _info(service.fit_probe(examples, asked.name, asked.collection, heard)),
            ProbeInfo,
            stream=asked.stream,
        )

    @router.get("/probes")
    def probes(collection: Name | None = None) -> replies.Probes:
        """Return the kept probes."""
        return {"probes": [_info(probe) for probe in service.probes(collection)]}

    @router.post("/probes/predict")
    def predict(asked: Telling) -> tuple[Prediction, ...]:
        """Return what a probe says of texts."""
        return service.predict(asked.texts, asked.probe, asked.collection, asked.temperature, asked.coverage)

    @router.delete("/probes/{name}")
    def drop(name: Name, collection: Name | None = None) -> replies.DroppedProbe:
        """Remove one."""
        service.drop_probe(name, collection)
        return {"dropped": name}


def _info(probe: Probe) -> ProbeInfo:
    return ProbeInfo(**{name: getattr(probe, name) for name in ProbeInfo.__dataclass_fields__})
