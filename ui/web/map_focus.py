"""What the map points out, and what the list beside it says of that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.errors import InvalidInputError, NearhoodError, NotFoundError
from search.latent.elsewhere import elsewhere
from search.latent.maps import Placed
from search.latent.probes import Examples
from search.retrieve.fuse import Mode
from search.retrieve.options import Options
from search.types import HitList, Passage
from ui.web import format as show
from ui.web import map_list
from ui.web.chart import Chart
from ui.web.page_maps import PageMaps
from ui.web.selections import Selection, inside, shown
from ui.web.trail import Way, arrive

MANY = 10
MOST_MARKED = 50
ELSEWHERE = "elsewhere on the map"
Value = dict[str, Any]
"""What the browser's part of the tab holds, and what its events bring: to be checked."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the map points out, and the list."""

    focus: dict[str, Any] | None
    """JSON values with the chart's edition; None for nothing."""
    html: str
    way: Way = ()


class Viewer:
    """Answers what is done on the map. None is the answer to what was done on a map that has changed since."""

    def __init__(self, maps: PageMaps) -> None:
        self._maps = maps

    def overview(self, value: Value) -> Shown:
        """Return the list of what is on the map."""
        name = value.get("collection")
        if not name:
            return Shown(None, show.no_collection())
        try:
            return Shown(None, map_list.overview(self._maps.charts.of(name)))
        except NotFoundError:
            return Shown(None, show.hint(map_list.HINT))

    def point(self, value: Value, event: Value, way: Way) -> Shown | None:
        """Return a passage with its true neighbours.

        :param event: Has a point of an edition, or the id of a passage.
        """
        chart = self._chart(value, event)
        if chart is None:
            return None
        passage_id = event.get("id")
        if passage_id is None:
            at = event.get("point")
            if not isinstance(at, int) or not 0 <= at < len(chart):
                return None
            (passage_id,) = chart.ids(np.array([at]))
        return self._around(chart, str(passage_id), way)

    def step(self, value: Value, event: Value, way: Way) -> Shown | None:
        """Return a passage that one has been at, or at the first step the list of what is on the map."""
        to = _number(event.get("step"))
        return self.point(value, {"id": way[to - 1].id}, way) if 0 < to <= len(way) else self.overview(value)

    def _around(self, chart: Chart, passage_id: str, way: Way) -> Shown:
        point = chart.point(passage_id)

        def remarks(found: HitList) -> tuple[str, dict[str, str]]:
            if point is None:
                return "It is not on the map, which is of a sample.", {}
            near = [hit.id for hit in found.hits]
            away = _away(chart, chart.coords_of(point), near)
            return map_list.near_note(chart, point, len(near), away, _off(chart, near)), away

        at = arrive(self._maps.service, passage_id, chart.collection.name, MANY, way, map_list.START, remarks)
        if point is None or not at.neighbours:
            return Shown(None, at.html, at.way)
        away = _away(chart, chart.coords_of(point), at.neighbours)
        near = {"near": _near(chart, at.neighbours, away), "listed": _listed(chart, [*at.neighbours, passage_id])}
        focus = {"kind": "point", "edition": chart.edition, "asked": {"id": passage_id}, "point": point, **near}
        return Shown(focus, at.html, at.way)

    def choose(self, value: Value, event: Value) -> Shown | None:
        """Return a selection.

        :param event: Has a polygon in the map's plane with the legend that was in force; or a cluster, or what one is
            called; or the token of a selection of which more is to be listed.
        """
        chart = self._chart(value, event)
        if chart is None:
            return None
        if "more" in event:
            chosen = self._maps.selections.of(str(event.get("token")))
            many = min(map_list.MOST_LISTED, max(map_list.LISTED, _number(event["more"])))
            found = self._maps.service.store.collection(chosen.collection)
            return Shown(_of_selection(chosen, many), map_list.selection(chosen, found, many))
        if "cluster" in event or "called" in event:
            number = _cluster(chart, event)
            return Shown(None, map_list.no_cluster(chart)) if number is None else self._of_cluster(chart, number)
        chosen = self._maps.selections.keep(chart, self._inside(chart, event), "Selection")
        asked = {name: event.get(name) for name in ("polygon", "by", "groups", "hidesFaint")}
        return Shown({**_of_selection(chosen), "asked": asked}, map_list.selection(chosen, chart.collection))

    def _of_cluster(self, chart: Chart, number: int) -> Shown:
        label = chart.clusters[number].label
        chosen = self._maps.selections.keep(chart, np.flatnonzero(chart.cluster == number), label)
        focus = {**_of_selection(chosen), "asked": {"called": label}, "cluster": number}
        return Shown(focus, map_list.selection(chosen, chart.collection))

    def _inside(self, chart: Chart, event: Value) -> NDArray[np.int64]:
        there = inside(chart, event.get("polygon") or [])
        coloring = self._maps.colorings.of(chart, str(event.get("by", "cluster")))
        there &= shown(coloring, [_number(group) for group in event.get("groups") or ()])
        if event.get("hidesFaint"):
            there &= ~chart.faint
        return np.flatnonzero(there)

    def place(self, value: Value, event: Value) -> Shown | None:
        """Return where a text stands, or some passages with the text that led to them.

        :param event: Has a text, or ids of passages, or both; and how these are numbered, if not from 1 on.
        """
        try:
            chart = self._chart(value, event)
        except NotFoundError:
            return Shown(None, show.hint("The map is still to come: the text is placed on it then."))
        if chart is None:
            return None
        text, ids = str(event.get("text") or "").strip(), [str(i) for i in event.get("passages") or ()][:MOST_MARKED]
        name = chart.collection.name
        if not text and not ids:
            return self.overview(value)
        found = self._maps.service.place([text], name)[0] if text else None
        if ids or found is None:
            title = str(event.get("title") or text)
            given = [_number(number) for number in event.get("numbers") or ()]
            numbers = given if len(given) == len(ids) else range(1, len(ids) + 1)
            shown = self._marked(chart, title, found, dict(zip(ids, numbers, strict=True)))
            asked = {"text": text, "passages": ids, "title": title, **({"numbers": given} if given else {})}
            return replace(shown, focus={**(shown.focus or {}), "asked": asked})
        hits = self._maps.service.search(text, name, MANY, Options(mode=Mode.DENSE))
        near = [hit.id for hit in hits.hits]
        away = _away(chart, _at(found), near)
        focus = {**_of_text(chart, found, near, away), "asked": {"text": text}}
        return Shown(focus, map_list.placed(chart, found, hits, away, _off(chart, near)))

    def _marked(self, chart: Chart, title: str, found: Placed | None, numbers: dict[str, int]) -> Shown:
        """Return passages by their ids, under the numbers that they have where they come from."""
        passages = [(passage, n) for i, n in numbers.items() if (passage := _passage(chart, i)) is not None]
        there = [passage.id for passage, _ in passages]
        away = {} if found is None else _away(chart, _at(found), there)
        html = map_list.marked(chart, title or "Passages", found, passages, away, len(numbers) - len(there))
        return Shown({**_of_text(chart, found, there, away), "numbered": [n for _, n in passages]}, html)

    def act(self, value: Value, event: Value) -> Shown | None:
        """Make a collection or a probe of a selection, and say what came of it."""
        chosen = self._maps.selections.of(str(event.get("token")))
        name, verb = str(event.get("name") or "").strip(), event.get("verb")
        where = chosen.collection
        if where != value.get("collection") or verb not in {"collection", "probe"}:
            return None
        try:
            if verb == "collection":
                made = self._maps.service.copy(chosen.ids, name, where)
                said = map_list.done(f"{made.name} is there,", f"with {made.passages:,} passages: choose it above.")
            else:
                probe = self._maps.service.fit_probe(Examples(ids=chosen.ids), name, where)
                right = f"right for {100 * probe.quality.accuracy:.0f} % held out" if probe.quality else "not measured"
                said = map_list.done(f"The probe {probe.name} is there", f"({right}): colour the map by it.")
        except NearhoodError as error:
            said = map_list.failed(error)
        found = self._maps.service.store.collection(where)
        return Shown(_of_selection(chosen), map_list.selection(chosen, found, said=said))

    def _chart(self, value: Value, event: Value) -> Chart | None:
        """Return the chart that something was done on; None when it has changed since."""
        name = value.get("collection")
        if not name:
            return None
        chart = self._maps.charts.of(str(name))
        return chart if event.get("edition", chart.edition) == chart.edition else None


def _cluster(chart: Chart, event: Value) -> int | None:
    """Return the place of a cluster that is named by it or by its label; None for one that is not there."""
    if "called" in event:
        return next((i for i, one in enumerate(chart.clusters) if one.label == event["called"]), None)
    number = _number(event["cluster"])
    return number if 0 <= number < len(chart.clusters) else None


def _number(value: Any) -> int:  # noqa: ANN401 - as a browser sent it
    if not isinstance(value, int):
        raise InvalidInputError("a number is wanted there: load the page again")
    return value


def _of_selection(chosen: Selection, many: int = map_list.LISTED) -> dict[str, Any]:
    listed = dict(zip(chosen.ids[:many], chosen.points[:many].tolist(), strict=True))
    return {"kind": "selection", "edition": chosen.edition, "token": chosen.token, "listed": listed}


def _of_text(chart: Chart, found: Placed | None, near: list[str], away: dict[str, str]) -> dict[str, Any]:
    place = None if found is None else {"x": found.x, "y": found.y, "error": found.error, "off": found.off_map}
    marks = {"near": _near(chart, near, away), "listed": _listed(chart, near)}
    return {"kind": "text", "edition": chart.edition, "place": place, **marks}


def _near(chart: Chart, ids: Any, away: dict[str, str]) -> list[list[int]]:  # noqa: ANN401 - any sequence of ids
    """Return points, each with 1 where the map puts it elsewhere, else 0."""
    pairs = ((chart.point(passage_id), passage_id in away) for passage_id in ids)
    return [[point, int(is_away)] for point, is_away in pairs if point is not None]


def _listed(chart: Chart, ids: Any) -> dict[str, int]:  # noqa: ANN401
    """Return the points of passages in the list, by their ids."""
    return {passage_id: point for passage_id in ids if (point := chart.point(passage_id)) is not None}


def _off(chart: Chart, ids: Sequence[str]) -> int:
    """Return how many passages are not on the map."""
    return sum(chart.row(passage_id) is None for passage_id in ids)


def _away(chart: Chart, at: NDArray[np.float32], ids: Any) -> dict[str, str]:  # noqa: ANN401
    """Return a remark on each of those passages that the map puts elsewhere, by their ids."""
    on_map = {passage_id: row for passage_id in ids if (row := chart.row(passage_id)) is not None}
    rows = np.array(list(on_map.values()), dtype=np.int64)
    far = elsewhere(chart.standing.fitted.coords[:, :2], at, rows).tolist()
    return {passage_id: ELSEWHERE for passage_id, is_far in zip(on_map, far, strict=True) if is_far}


def _at(found: Placed) -> NDArray[np.float32]:
    return np.array([found.x, found.y], dtype=np.float32)


def _passage(chart: Chart, passage_id: str) -> Passage | None:
    point = chart.point(passage_id)
    return None if point is None else next(iter(chart.passages([point])), None)
