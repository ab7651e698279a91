"""From passage to passage: each in the middle of its neighbours, under the way that led there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from search.errors import NearhoodError
from search.service import Service
from search.types import HitList
from ui.web import format as show
from ui.web.format import LABEL, Stop
from ui.web.plain import name

MOST_STOPS = 200
Way = tuple[Stop, ...]
_Text = Annotated[str, Field(max_length=512)]
Steps = Annotated[list[tuple[_Text, _Text]], Field(max_length=MOST_STOPS)]
"""A way as the browser keeps it: ids with their labels."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is shown at a passage."""

    html: str
    way: Way
    """The way here, this passage at its end; where one has been before, the way is cut there."""
    neighbours: tuple[str, ...]
    """Ids, the nearest first."""


def way_of(steps: Sequence[tuple[str, str]]) -> Way:
    """Return a way that a browser kept."""
    return tuple(Stop(passage_id, label) for passage_id, label in steps)


def steps_of(way: Way) -> list[tuple[str, str]]:
    """Return a way for a browser to keep: the last of it, if it is very long."""
    return [(stop.id, stop.label) for stop in way[-MOST_STOPS:]]


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
