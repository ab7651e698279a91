"""The verbs that draw: maps of a collection, and probes of its fields."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from search.errors import NotConfiguredError
from search.heard import Heard, Stages, unheard, unheard_stages
from search.latent.compare import Compared
from search.latent.compare import compare as compare_methods
from search.latent.fitted import Wish
from search.latent.keep import latest
from search.latent.labels import OwnEmbed
from search.latent.map import LatentMap
from search.latent.maps import Maps, Placed, place, shown_map
from search.latent.neighbours import Indices
from search.latent.probe import Prediction, Probe, predict
from search.latent.probes import Examples, fit_probe, readable, said
from search.latent.probes import drop as drop_a_probe
from search.latent.probes import load as load_probe
from search.latent.quality import COVERAGE
from search.latent.standing import Standing
from search.opened import Opened, check_text
from search.settings import Settings
from search.store.collection import Collection
from search.types import Vectors


class Drawing(Opened):
    """What a service does with the space between passages."""

    def __init__(self, settings: Settings, command: str) -> None:
        super().__init__(settings, command)
        self._maps = Maps()

    def draw_map(
        self,
        collection: str | None = None,
        wish: Wish | None = None,
        *,
        refit: bool = False,
        field: str | None = None,
        heard: Stages = unheard_stages,
    ) -> LatentMap:
        """Return the kept map of a collection, with what has come in since placed on it; it is fitted where need be.

        :param wish: How it is to be drawn; None for the kept map's way, or the defaults.
        :param refit: Whether to fit a new version all the same, laid on the one before.
        :param field: A field of the metadata that colours the points.
        :param heard: Called as it goes on; what it raises ends the work, and nothing is kept.
        """
        drawn = self.keep_map(collection, wish, refit=refit, heard=heard)
        return shown_map(drawn, self._collection(collection), field)

    def keep_map(
        self,
        collection: str | None = None,
        wish: Wish | None = None,
        *,
        refit: bool = False,
        heard: Stages = unheard_stages,
    ) -> Standing:
        """Return what `draw_map` does as numbers, without reading the texts."""
        found = self._collection(collection)
        threads = self.settings.threads
        return self._maps.draw(found, self._own_embed(found), wish, refit=refit, threads=threads, heard=heard)

    def kept_map(self, collection: str | None = None) -> Standing:
        """Return the kept map as numbers, with what has come in since placed on it; nothing is fitted.

        :raises NotFoundError: When there is none yet.
        """
        return self._maps.standing(self._collection(collection))

    def name_clusters(self, collection: str | None = None, chat: str = "", heard: Stages = unheard_stages) -> LatentMap:
        """Have a chat model name the clusters of the kept map, and return it; the names stay when it is fitted again.

        :param chat: A chat model such as `openai:gpt-4o-mini`; empty for the configured one.
        :raises EmbedderMismatchError: When another embedder is configured, by which no name can be checked.
        :raises NotConfiguredError: Where that is none.
        :raises NotFoundError: When there is no map yet.
        :raises ChatError: When the model does not answer; nothing is kept then.
        """
        # Who asks no model need not wait for what it imports.
        from search.chat.model import open_chat  # noqa: PLC0415
        from search.chat.titles import title  # noqa: PLC0415

        found, model = self._collection(collection, for_embedding=True), open_chat(chat, self.settings)
        if model is None:
            raise NotConfiguredError("no chat model is configured: set NEARHOOD_CHAT or OPENAI_API_KEY, or pass --chat")
        name, told = partial(title, model), partial(heard, "names")
        return shown_map(self._maps.rename(found, name, model.name, self._embed, told), found)

    def _own_embed(self, collection: Collection) -> OwnEmbed:
        """Return what embeds with a collection's own embedder, where that is the configured one."""
        return lambda texts: self._embed(texts) if self.embedder.id == collection.embedder else None

    def map_wish(self, collection: str | None = None) -> Wish | None:
        """Return how the kept map of a collection was drawn; None where there is none."""
        kept = latest(self._collection(collection).derived.maps)
        return kept.facts.wish if kept else None

    def write_map(self, drawn: LatentMap, file: Path, collection: str | None = None) -> tuple[Path, ...]:
        """Write the kept map of a collection as .json, .html, .png, .svg, .parquet or .tsv, and return the files.

        :param drawn: As `draw_map` returned it.
        """
        from search.latent.export.write import write  # noqa: PLC0415 - who writes none need not wait for it

        return write(drawn, file, *self.map_rows(collection))

    def map_rows(self, collection: str | None = None) -> tuple[Indices, Vectors]:
        """Return the true neighbours of each point of the kept map, (n, k), and their unit rows, (n, d)."""
        found = self._collection(collection)
        standing = self._maps.standing(found)
        return standing.fitted.near, standing.vectors(found)

    def compare_maps(
        self, collection: str | None = None, seed: int = 0, sample: int | None = None, heard: Stages = unheard_stages
    ) -> Compared:
        """Return how far the maps of each method can be believed, on the same passages; none is kept."""
        return compare_methods(self._collection(collection), seed, sample, self.settings.threads, heard)

    def place(self, texts: Sequence[str], collection: str | None = None) -> tuple[Placed, ...]:
        """Return where texts would stand on the kept map of a collection, and how far off that may be.

        :raises NotFoundError: When it has no map yet.
        """
        for text in texts:
            check_text(text)
        found = self._collection(collection, for_embedding=True)
        rows = np.stack([self.embedder.embed_query(text) for text in texts])
        return place(self._maps.standing(found), found, texts, rows)

    def colors(self, probe: str, collection: str | None = None) -> dict[str, str]:
        """Return what a probe takes each point of the kept map for, by ids."""
        found = self._collection(collection)
        standing = self._maps.standing(found)
        return dict(zip(standing.fitted.ids, said(load_probe(found, probe), standing.vectors(found)), strict=True))

    def fit_probe(
        self,
        examples: Examples,
        name: str | None = None,
        collection: str | None = None,
        heard: Heard = unheard,
    ) -> Probe:
        """Fit a probe to examples, or to names alone, and keep it beside the collection.

        :param heard: Called with how much is done, and of how much about; whatever it raises ends the work.
        :raises InvalidInputError: For fewer than two outcomes, or one with fewer than five examples.
        """
        given = bool(examples.names or examples.texts)
        return fit_probe(self._collection(collection, for_embedding=given), self._embed, examples, name, heard=heard)

    def predict(
        self,
        texts: Sequence[str],
        probe: str | None = None,
        collection: str | None = None,
        temperature: float = 1.0,
        coverage: float = COVERAGE,
    ) -> tuple[Prediction, ...]:
        """Return what a kept probe says of texts; of the only probe where none is named.

        :raises NotFoundError: When there is no such probe.
        """
        for text in texts:
            check_text(text)
        found = load_probe(self._collection(collection, for_embedding=True), probe)
        return predict(found, texts, self._embed(texts), temperature, coverage)

    def probe(self, name: str, collection: str | None = None) -> Probe:
        """Return a kept probe.

        :raises NotFoundError: When there is no such probe.
        """
        return load_probe(self._collection(collection), name)

    def probes(self, collection: str | None = None) -> list[Probe]:
        """Return the kept probes of a collection, also those of an embedder that it had before."""
        return readable(self._collection(collection))

    def drop_probe(self, probe: str, collection: str | None = None) -> None:
        """Remove a probe.

        :raises NotFoundError: When there is no such probe.
        """
        drop_a_probe(self._collection(collection), probe)
