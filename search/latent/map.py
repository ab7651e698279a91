"""A latent map: the passages of a collection, placed in the plane."""

from dataclasses import dataclass, replace

from search.latent.align import Moved
from search.latent.clusters import Merge
from search.latent.fitted import Cluster, Fitted
from search.latent.probes import values
from search.latent.rows import passages
from search.latent.standing import Standing
from search.store.collection import Collection


@dataclass(frozen=True, slots=True)
class Point:
    """A passage and its place."""

    id: str
    x: float
    y: float
    text: str
    source: str
    z: float | None = None
    """None on a map of two dimensions."""
    cluster: int | None = None
    """The id of its cluster; None where it belongs to none."""
    part: int | None = None
    """A finer clustering, within the clusters."""
    trust: float | None = None
    """Share of its ten true neighbours that are among its ten on the map, 0 to 1; None where that was not measured."""
    wobble: float | None = None
    """Share of its ten map neighbours that are others under another seed, 0 to 1."""
    placed: bool = False
    """Whether it came in after the map was fitted."""
    color: str | None = None
    """A value of its metadata, or what a probe says, where that was asked for."""


@dataclass(frozen=True, slots=True)
class LatentMap:
    """Places of passages, and how far neighbours on the map can be taken for neighbours in meaning."""

    method: str
    seed: int
    embedder: str
    trustworthiness: float | None
    """Over 10 neighbours, 0 to 1; None for fewer than 21 points."""
    passages: int
    """Passages of the collection, of which `points` are all or a sample."""
    points: tuple[Point, ...]
    continuity: float | None = None
    """How far true neighbours are map neighbours, 0 to 1."""
    knn_recall: float | None = None
    """Share of the ten true neighbours that are among the ten on the map, 0 to 1."""
    measured_on: int = 0
    """Points that trustworthiness and continuity are of."""
    clusters: tuple[Cluster, ...] = ()
    merges: tuple[Merge, ...] = ()
    """How clusters join when one looks from farther away."""
    version: int | None = None
    """None for a map that is not kept."""
    dims: int = 2
    sample: int | None = None
    """Passages that were to be drawn, of more; None for all."""
    digest: str = ""
    wobble_estimated: bool = False
    moved: Moved | None = None
    """How much has another place than on the version before."""
    median_error: float | None = None
    """How far off half of the points come that are left out and placed again, as a share of the map's width."""

    def _repr_html_(self) -> str:
        """Return the map as notebooks show it: a picture, and how far to believe it."""
        from search.latent.export.shown import shown  # noqa: PLC0415 - only where one is shown

        return shown(self)


def shown(standing: Standing, collection: Collection, field: str | None = None) -> LatentMap:
    """Return a kept map with the texts of its points.

    :param field: A field of the passages' metadata that is each point's colour.
    """
    fitted, facts = standing.fitted, standing.fitted.facts
    trust, known = facts.trust, facts.calibration
    read = passages(collection, standing.numbers)
    colors = {} if field is None else values(read, field)
    points = tuple(
        _point(fitted, i, read[number].text, read[number].source, colors.get(number))
        for i, number in enumerate(standing.numbers.tolist())
        if number in read
    )
    return LatentMap(
        method=facts.wish.method,
        seed=facts.wish.seed,
        embedder=facts.embedder,
        trustworthiness=trust.trustworthiness,
        passages=standing.total,
        points=points,
        continuity=trust.continuity,
        knn_recall=trust.knn_recall,
        measured_on=trust.measured_on,
        clusters=facts.clusters,
        merges=facts.merges,
        version=facts.version,
        dims=facts.wish.dims,
        sample=facts.wish.sample,
        digest=facts.digest,
        wobble_estimated=facts.wobble_estimated,
        moved=facts.moved,
        median_error=None if known is None else known.median_error / (known.width or 1.0),
    )


def coloured(drawn: LatentMap, colors: dict[str, str]) -> LatentMap:
    """Return a map whose points have colours by their ids."""
    return replace(drawn, points=tuple(replace(point, color=colors.get(point.id)) for point in drawn.points))


def _point(fitted: Fitted, i: int, text: str, source: str, color: str | None) -> Point:
    place = fitted.coords[i].tolist()
    cluster, part = int(fitted.cluster[i]), int(fitted.part[i])
    return Point(
        id=fitted.ids[i],
        x=place[0],
        y=place[1],
        text=text,
        source=source,
        z=place[2] if len(place) > 2 else None,  # noqa: PLR2004 - the third axis
        cluster=cluster if cluster >= 0 else None,
        part=part if part >= 0 else None,
        trust=float(fitted.shares[i]),
        wobble=float(fitted.wobble[i]),
        placed=bool(fitted.placed[i]),
        color=color,
    )
