"""From passage to passage: each in the middle of its neighbours, under the way that led there."""

from collections.abc import Callable
from dataclasses import dataclass

from search.errors import NearhoodError
from search.service import Service
from search.types import HitList
from ui.web import format as show
from ui.web.format import LABEL, Stop
from ui.web.plain import name

Way = tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is shown at a passage."""

    html: str
    way: Way
    """The way here, this passage at its end; where one has been before, the way is cut there."""
    neighbours: tuple[str, ...]
    """Ids, the nearest first."""


def unremarked(_found: HitList) -> tuple[str, dict[str, str]]:
    """Say nothing of a list, nor of any hit in it."""
    return "", {}


def arrive(
    service: Service,
    passage_id: str,
    collection: str | None,
    k: int,
    way: Way,
    start: str,
    remarks: Callable[[HitList], tuple[str, dict[str, str]]] = unremarked,
) -> Arrival:
    """Go on to a passage; a user's error is shown in its place.

    :param start: What the first step of the trail is called.
    :param remarks: Gives a sentence about the neighbours, and one about each of some of them, by ids.
    """
    before = way[: next((i for i, stop in enumerate(way) if stop.id == passage_id), len(way))]
    try:
        center = service.get(passage_id, collection)
        found = service.similar(passage_id, collection, k)
    except NearhoodError as error:
        return Arrival(show.error(error), before, ())
    here = (*before, Stop(passage_id, name(center.text, center.source, LABEL)))
    html = show.neighbours(center, found, here, start, *remarks(found))
    return Arrival(html, here, tuple(hit.id for hit in found.hits))
