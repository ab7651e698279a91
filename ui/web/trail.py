"""From passage to passage: each in the middle of its neighbours, under the way that led there."""

from dataclasses import dataclass

from search.errors import NearhoodError
from search.service import Service
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


def arrive(
    service: Service, passage_id: str, collection: str | None, k: int, way: Way, start: str, note: str = ""
) -> Arrival:
    """Go on to a passage; a user's error is shown in its place.

    :param start: What the first step of the trail is called.
    :param note: A sentence about the neighbours.
    """
    before = way[: next((i for i, stop in enumerate(way) if stop.id == passage_id), len(way))]
    try:
        center = service.get(passage_id, collection)
        found = service.similar(passage_id, collection, k)
    except NearhoodError as error:
        return Arrival(show.error(error), before, ())
    here = (*before, Stop(passage_id, name(center.text, center.source, LABEL)))
    return Arrival(show.neighbours(center, found, here, start, note), here, tuple(hit.id for hit in found.hits))
