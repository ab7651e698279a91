"""The maps of collections: drawn once, kept, brought up to date, and asked where something would stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock
from weakref import WeakKeyDictionary

from search.errors import NotFoundError
from search.heard import Heard, Stages
from search.latent.fit import Material, fit
from search.latent.fitted import Fitted, Wish
from search.latent.grow import grown
from search.latent.keep import latest, save, versions
from search.latent.labels import Embed, OwnEmbed
from search.latent.map import LatentMap, shown
from search.latent.naming import Namer, renamed
from search.latent.neighbours import Neighbours, nearest
from search.latent.place import NEAREST, places
from search.latent.rows import Rows, passages, rows, sampled
from search.latent.standing import Standing, remember, remembered
from search.store.collection import Collection
from search.types import Vectors


@dataclass(frozen=True, slots=True)
class MapNeighbour:
    """A passage that is truly near to what was placed."""

    id: str
    source: str
    text: str
    similarity: float
    """Cosine, -1 to 1."""
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a text stands on a map, and how far off that may be."""

    text: str
    x: float
    y: float
    z: float | None
    error: float | None
    """In the map's units: half of the map's own points with neighbours as scattered came no farther off when they were
    left out and placed again. None for a map of fewer than 21 points."""
    off_map: bool
    """Whether it is too far from everything, or its neighbours stand too far apart, for its place to say much: as no
    more than 5 % of the map's own points are."""
    far: bool
    scattered: bool
    cluster: int | None
    """The id of the cluster that its nearest neighbour is in."""
    neighbours: tuple[MapNeighbour, ...]
    version: int


class Maps:
    """Remembers the map of each collection for as long as neither changes."""

    def __init__(self) -> None:
        self._standing: WeakKeyDictionary[Collection, Standing] = WeakKeyDictionary()
        self._looking: dict[int, Lock] = {}
        """By the collections' numbers: who looks at one need not wait for another's."""

    def draw(
        self, collection: Collection, embed: OwnEmbed, wish: Wish | None, *, refit: bool, threads: int, heard: Stages
    ) -> Standing:
        """Return the kept map, brought up to date, or fit a new version where there is none, or another is wished for.

        One of too few points to be measured is fitted again, too, once there are enough.

        :param wish: None for the kept map's, or the defaults.
        """
        newest = latest(collection.derived.maps)
        before = newest if newest and newest.facts.embedder == collection.embedder else None
        every = rows(collection)
        if before is not None and not refit and wish in {None, before.facts.wish}:
            now = _kept_up(collection, before, every)
            if now is not None:
                return self._kept(collection, now, every)
        wish = wish or (before.facts.wish if before else Wish())
        some = sampled(every, wish.sample, wish.seed)
        # A map of another embedder is none to be laid on, but has its number.
        version = newest.facts.version + 1 if newest else 1
        material = Material(some, _texts(collection, some), collection.embedder, embed, threads, version)
        found = fit(material, wish, before, heard)
        _save(collection, found)
        return self._kept(collection, found, every)

    def standing(self, collection: Collection) -> Standing:
        """Return the newest kept map, with what has come in since.

        :raises NotFoundError: When none was drawn yet.
        """
        with self._looking.setdefault(collection.row.number, Lock()):
            known = self._standing.get(collection)
            newest = versions(collection.derived.maps)[-1:]
            if known is not None and newest == [known.fitted.facts.version]:
                return known
            found = latest(collection.derived.maps)
            standing = _standing(collection, found) if found else None
            if standing is None:
                raise NotFoundError(f"{collection.name!r} has no map yet: run nearhood map -c {collection.name}")
            self._standing[collection] = standing
            return standing

    def rename(self, collection: Collection, name: Namer, by: str, embed: Embed, heard: Heard) -> Standing:
        """Give the clusters of the newest kept map other names, and keep them.

        :param by: Whose names they are.
        :raises NotFoundError: When none was drawn yet.
        """
        standing = self.standing(collection)
        fitted, every = standing.fitted, dict(collection.texts())
        texts = [every.get(n, "") for n in standing.numbers.tolist()]
        before = fitted.facts.clusters
        found = renamed(fitted, standing.vectors(collection), texts, name, embed, heard)
        said = tuple(new if new is old else replace(new, named_by=by) for new, old in zip(found, before, strict=True))
        now = replace(fitted, facts=replace(fitted.facts, clusters=said))
        _save(collection, now)
        self._standing[collection] = again = standing.but(now)
        return again

    def _kept(self, collection: Collection, fitted: Fitted, every: Rows) -> Standing:
        self._standing[collection] = standing = Standing.of(fitted, every)
        remember(collection, standing)
        return standing


def _kept_up(collection: Collection, before: Fitted, every: Rows) -> Fitted | None:
    """Keep a map with what has come in since; None where it is to be fitted again."""
    now = grown(before, every)
    if now is None or (now.facts.calibration is None and len(now.ids) > 2 * NEAREST):
        return None
    if now is not before:
        _save(collection, now)
    return now


def _texts(collection: Collection, some: Rows) -> list[str]:
    texts = dict(collection.texts())
    return [texts.get(n, "") for n in some.numbers.tolist()]


def _save(collection: Collection, fitted: Fitted) -> None:
    with collection.derived.writing() as is_wanted:
        if is_wanted:
            save(collection.derived.maps, fitted)


def _standing(collection: Collection, found: Fitted) -> Standing | None:
    """Return a kept map with what has come in since; None for another embedder's, or where nothing of it is left."""
    if found.facts.embedder != collection.embedder:
        return None
    known = remembered(collection, found)
    if known is not None:
        return known
    every = rows(collection)
    now = grown(found, every)
    if now is None:
        return None
    standing = Standing.of(now, every)
    # With what has come in since, it is not as it is kept.
    if now is found:
        remember(collection, standing)
    return standing


def shown_map(standing: Standing, collection: Collection, field: str | None = None) -> LatentMap:
    """Return a kept map with its texts."""
    return shown(standing, collection, field)


def place(standing: Standing, collection: Collection, texts: Sequence[str], vectors: Vectors) -> tuple[Placed, ...]:
    """Return where texts would stand by their unit rows; nothing is added to the map."""
    near = nearest(standing.vectors(collection), vectors, NEAREST)
    return tuple(
        _placed(standing, collection, text, Neighbours(near.indices[i : i + 1], near.similarity[i : i + 1]))
        for i, text in enumerate(texts)
    )


def _placed(standing: Standing, collection: Collection, text: str, near: Neighbours) -> Placed:
    fitted, calibration = standing.fitted, standing.fitted.facts.calibration
    if not near.indices.shape[1]:
        raise NotFoundError(f"the map of {collection.name!r} is empty: run nearhood ingest PATH, then nearhood map")
    found = places(fitted.coords, near)
    where, spread = found.coords[0].tolist(), float(found.spread[0])
    far = calibration is not None and float(found.mean[0]) < calibration.far
    scattered = calibration is not None and spread > calibration.scattered
    cluster = int(fitted.cluster[near.indices[0, 0]])
    return Placed(
        text=text,
        x=where[0],
        y=where[1],
        z=where[2] if len(where) > 2 else None,  # noqa: PLR2004 - the third axis
        error=None if calibration is None else calibration.error(spread),
        off_map=far or scattered,
        far=far,
        scattered=scattered,
        cluster=cluster if cluster >= 0 else None,
        neighbours=_neighbours(standing, collection, near),
        version=fitted.facts.version,
    )


def _neighbours(standing: Standing, collection: Collection, near: Neighbours) -> tuple[MapNeighbour, ...]:
    numbers = standing.numbers[near.indices[0]]
    read = passages(collection, numbers)
    found = []
    for i, (number, similarity) in enumerate(zip(numbers.tolist(), near.similarity[0].tolist(), strict=True)):
        x, y = standing.fitted.coords[near.indices[0, i], :2].tolist()
        if number in read:
            p = read[number]
            found.append(MapNeighbour(p.id, p.source, p.text, min(1.0, max(-1.0, similarity)), x, y))
    return tuple(found)
