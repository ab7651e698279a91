"""Maps and probes, by way of a server."""

import io
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from search.heard import Heard, Stages, unheard, unheard_stages
from search.latent.compare import Compared, Method
from search.latent.fitted import Wish
from search.latent.map import LatentMap
from search.latent.maps import Placed
from search.latent.neighbours import Indices
from search.latent.probe import Prediction, Probe
from search.latent.probes import Examples
from search.latent.quality import COVERAGE
from search.types import Vectors
from ui.probe_info import ProbeInfo
from ui.remote.wire import RemoteError, Wire, within


class Latent(Wire):
    """The verbs of a service that draw and learn."""

    def draw_map(
        self,
        collection: str | None = None,
        wish: Wish | None = None,
        *,
        refit: bool = False,
        field: str | None = None,
        heard: Stages = unheard_stages,
    ) -> LatentMap:
        """Return the kept map of a collection, fitted by the server where need be."""
        body: dict[str, object] = {"collection": collection, "refit": refit, "field": field}
        if wish is not None:
            body |= {**asdict(wish), "sample": "all" if wish.sample is None else wish.sample}
        return self.told("/api/map", body, LatentMap, heard)

    def name_clusters(self, collection: str | None = None, chat: str = "", heard: Stages = unheard_stages) -> LatentMap:
        """Have the server's chat model name the clusters of the kept map, and return it."""
        return self.told("/api/map/names", {"collection": collection, "chat": chat or None}, LatentMap, heard)

    def map_wish(self, collection: str | None = None) -> Wish | None:
        """Return how the kept map of a collection was drawn; None where there is none."""
        return self.had("/api/map/wish", dict[str, Wish | None], collection=collection)["wish"]

    def map_rows(self, collection: str | None = None) -> tuple[Indices, Vectors]:
        """Return the true neighbours of each point of the kept map, (n, k), and their unit rows, (n, d)."""
        packed = self.packed("/api/map/rows", collection=collection)
        try:
            with np.load(io.BytesIO(packed), allow_pickle=False) as rows:
                return rows["near"], rows["vectors"]
        except (ValueError, KeyError, OSError) as error:
            raise RemoteError(f"{self.url} answered as no Nearhood of this version does: start it anew") from error

    def write_map(self, drawn: LatentMap, file: Path, collection: str | None = None) -> tuple[Path, ...]:
        """Write the kept map of a collection into a file of this machine, and return the files."""
        from search.latent.export.write import write  # noqa: PLC0415 - who writes none need not wait for it

        return write(drawn, file, *self.map_rows(collection))

    def compare_maps(
        self, collection: str | None = None, seed: int = 0, sample: int | None = None, heard: Stages = unheard_stages
    ) -> Compared:
        """Return how far the maps of each method can be believed."""
        body = {"collection": collection, "seed": seed, "sample": sample}
        found = self.told("/api/map/compare", body, dict[str, Any], heard)
        methods = tuple(_method(value) for value in found.pop("methods"))
        names = ("missing", "ids", "texts", "sources")
        return Compared(**{**found, **{name: tuple(found[name]) for name in names}}, methods=methods)

    def place(self, texts: Sequence[str], collection: str | None = None) -> tuple[Placed, ...]:
        """Return where texts would stand on the kept map of a collection."""
        return self.post("/api/place", {"texts": list(texts), "collection": collection}, tuple[Placed, ...])

    def colors(self, probe: str, collection: str | None = None) -> dict[str, str]:
        """Return what a probe takes each point of the kept map for, by ids."""
        return self.had("/api/map/colors", dict[str, str], probe=probe, collection=collection)

    def fit_probe(
        self,
        examples: Examples,
        name: str | None = None,
        collection: str | None = None,
        heard: Heard = unheard,
    ) -> Probe:
        """Fit a probe, which the server keeps; its weights stay there."""
        body = {
            "collection": collection,
            "name": name,
            "label": examples.field,
            "examples": [{"text": text, "label": label} for text, label in examples.texts],
            "names": list(examples.names),
        }
        return _probe(self.told("/api/probes", body, ProbeInfo, heard))

    def predict(
        self,
        texts: Sequence[str],
        probe: str | None = None,
        collection: str | None = None,
        temperature: float = 1.0,
        coverage: float = COVERAGE,
    ) -> tuple[Prediction, ...]:
        """Return what a kept probe says of texts."""
        body = {
            "texts": list(texts),
            "probe": probe,
            "collection": collection,
            "temperature": temperature,
            "coverage": coverage,
        }
        return self.post("/api/probes/predict", body, tuple[Prediction, ...])

    def probes(self, collection: str | None = None) -> list[Probe]:
        """Return the kept probes of a collection, without their weights."""
        found = self.had("/api/probes", dict[str, list[ProbeInfo]], collection=collection)
        return [_probe(info) for info in found["probes"]]

    def drop_probe(self, probe: str, collection: str | None = None) -> None:
        """Remove a probe."""
        asked = f"?{self.asked(collection=collection)}"
        self.json("DELETE", within("/api/probes", probe) + asked)


def _method(value: dict[str, Any]) -> Method:
    arrays = {name: np.array(value[name], dtype=np.float32) for name in ("coords", "shares")}
    return Method(**{**value, **arrays})


def _probe(info: ProbeInfo) -> Probe:
    nothing = np.empty((len(info.outcomes), 0), dtype=np.float32)
    return Probe(**{name: getattr(info, name) for name in ProbeInfo.__slots__}, weights=nothing, bias=nothing[:, :0])
