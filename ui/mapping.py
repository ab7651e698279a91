"""What the commands on latent maps do: one verb of the service each, printed for people or as JSON."""

import sys
import textwrap
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from search.errors import InvalidInputError
from search.latent.compare import Compared
from search.latent.fitted import Cluster, Wish
from search.latent.grow import outgrown
from search.latent.map import LatentMap, Point, coloured
from search.latent.maps import Placed
from search.service import Service
from ui.arguments.judging import ALL
from ui.text import Text, bold, dim, show

DONE = 0
PROBE = "probe"
_WIDTH = 80
_NAMED = 15
"""Clusters that people are shown."""
_OF_ONE = ("method", "dims", "clustering", "clusters", "refit", "color", "name_clusters")
"""Options of a map that is kept."""


def draw(service: Service, given: Namespace) -> int:
    """Draw the map of a collection, or compare the ways to draw it."""
    _check(given)
    if given.compare:
        return _compare(service, given)
    color, probe = _color(given.color)
    with _bar() as heard:
        drawn = service.draw_map(given.collection, _wish(service, given), refit=given.refit, field=color, heard=heard)
    if given.name_clusters:
        with _bar() as heard:
            drawn = service.name_clusters(given.collection, given.chat or "", heard)
    if probe is not None:
        drawn = coloured(drawn, service.colors(probe, given.collection))
    files = service.write_map(drawn, Path(given.output), given.collection) if given.output else ()
    return show(given, _drawn(drawn) | ({"files": list(map(str, files))} if files else {}), _map(drawn, files))


def place(service: Service, given: Namespace) -> int:
    """Say where a text stands on the map of a collection."""
    found = service.place([given.text], given.collection)[0]
    return show(given, asdict(found), _placed(found))


def _check(given: Namespace) -> None:
    """Refuse what would have no effect.

    :raises InvalidInputError: For an option that goes with none of the others, or is out of range.
    """
    told = {name.replace("_", "-"): getattr(given, name) for name in _OF_ONE}
    idle = [f"--{name}" for name, value in told.items() if value is not None and value is not False]
    if given.compare and idle:
        raise InvalidInputError(f"--compare draws each way as it comes: leave out {', '.join(idle)}")
    if given.chat and not given.name_clusters:
        raise InvalidInputError("--chat is for naming clusters: add --name-clusters, or leave it out")
    # It refuses what is out of range, before a collection is opened.
    Wish(seed=given.seed or 0, sample=None if given.sample == ALL else given.sample)


def _wish(service: Service, given: Namespace) -> Wish | None:
    """Return how the map is to be drawn; None where nothing was said, so that the kept one stays as it is."""
    said = {
        "method": given.method,
        "seed": given.seed,
        "dims": given.dims,
        "sample": given.sample,
        "clustering": given.clustering,
        "clusters": given.clusters,
    }
    said = {name: value for name, value in said.items() if value is not None}
    if not said:
        return None
    if said.get("sample") == ALL:
        said["sample"] = None
    return (service.map_wish(given.collection) or Wish()).but(**said)


def _color(given: str | None) -> tuple[str | None, str | None]:
    """Return the field, or the probe, that colours the points."""
    if given is None:
        return None, None
    kind, _, name = given.partition(":")
    return (None, name or "") if kind == PROBE else (given, None)


def _drawn(drawn: LatentMap) -> dict[str, Any]:
    """Return a map as JSON, with places before texts."""
    return asdict(drawn) | {"points": [_point(point) for point in drawn.points]}


def _point(point: Point) -> dict[str, Any]:
    return {name: value for name, value in asdict(point).items() if value is not None or name in {"cluster", "trust"}}


def _map(drawn: LatentMap, files: tuple[Path, ...]) -> Text:
    chosen = "" if drawn.sample is None else f", a sample of {drawn.passages:,} by seed {drawn.seed}"
    lines = [f"{len(drawn.points):,} passages{chosen}; {drawn.method}, seed {drawn.seed}, version {drawn.version}"]
    if drawn.trustworthiness is None:
        lines.append("too few to measure how far it can be believed")
    else:
        on = "" if drawn.measured_on >= len(drawn.points) else f" (the first two on {drawn.measured_on:,} of them)"
        lines.append(
            f"trustworthiness {drawn.trustworthiness:.3f}, continuity {drawn.continuity:.3f}, "
            f"{100 * (drawn.knn_recall or 0):.0f} % of the true ten nearest are the ten nearest on the map{on}"
        )
    placed = sum(point.placed for point in drawn.points)
    lines += [f"{placed:,} came in since it was fitted, and were placed; the others have not moved"] if placed else []
    lines += ["more than it was fitted to: run nearhood map --refit"] if outgrown(placed, len(drawn.points)) else []
    if drawn.moved is not None and drawn.moved.shared:
        moved = f"half of them moved by {100 * drawn.moved.median:.1f} % of its width or more"
        far = f"{100 * drawn.moved.away:.0f} % by more than a tenth"
        lines.append(f"{drawn.moved.shared:,} points were on version {drawn.moved.since}: {moved}, {far}")
    alone = sum(point.cluster is None for point in drawn.points)
    lines += [_cluster(one) for one in drawn.clusters[:_NAMED]]
    lines += [f"and {len(drawn.clusters) - _NAMED:,} clusters more"] if len(drawn.clusters) > _NAMED else []
    lines.append(dim(f"{alone:,} passages belong to no cluster; stability: .75 and above would be found again"))
    lines += [f"written to {file}" for file in files]
    return lambda: "\n".join(lines)


def _cluster(one: Cluster) -> str:
    doubt = "" if one.checked else dim("  the label may fit another cluster better")
    return f"{one.id:>4}  {bold(_short(one.label))} ({one.size:,})  stability {one.stability:.2f}{doubt}"


def _placed(found: Placed) -> Text:
    def lines() -> list[str]:
        at = ", ".join(f"{value:.3f}" for value in (found.x, found.y, found.z) if value is not None)
        off = (
            ""
            if found.error is None
            else f"; half of the map's own points so placed were off by {found.error:.3f} or less"
        )
        far = "it is far from everything" if found.far else "its nearest stand apart on the map"
        lines = [f"{bold(at)}{off}", *([f"{bold('off the map')}: {far}"] if found.off_map else [])]
        lines += [f"  {n.similarity:.3f}  {n.x:8.3f} {n.y:8.3f}  {_short(n.text)}" for n in found.neighbours]
        return [*lines, dim(f"its truly nearest, and where they stand on version {found.version}")]

    return lambda: "\n".join(lines())


def _compare(service: Service, given: Namespace) -> int:
    with _bar() as heard:
        sample = None if given.sample == ALL else given.sample
        found = service.compare_maps(given.collection, given.seed or 0, sample, heard)
    if given.output:
        from search.latent.export.compared import write_compared  # noqa: PLC0415 - only for a picture

        write_compared(found, Path(given.output))
    value = {
        "passages": found.passages,
        "points": len(found.ids),
        "seed": found.seed,
        "neighbours_seconds": found.neighbours_seconds,
        "methods": [{k: v for k, v in asdict(one).items() if k not in {"coords", "shares"}} for one in found.methods],
        "missing": list(found.missing),
    }
    return show(given, value, _compared(found, given.output))


def _compared(found: Compared, output: str | None) -> Text:
    def lines() -> list[str]:
        head = f"{'':6}{'trustworthiness':>17}{'continuity':>12}{'neighbours kept':>17}{'seconds':>9}"
        rows = [
            f"{one.method:6}{_number(one.trustworthiness):>17}{_number(one.continuity):>12}"
            f"{_number(one.knn_recall):>17}{one.seconds:9.1f}"
            for one in found.methods
        ]
        last = f"{len(found.ids):,} of {found.passages:,} passages, seed {found.seed}; the neighbours, shared by all"
        tail = [*found.missing, dim(f"{last}, took {found.neighbours_seconds:.1f} s")]
        return [head, *rows, *tail, *([f"written to {output}"] if output else [])]

    return lambda: "\n".join(lines())


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """Yield what draws a bar on stderr: on a terminal only, so that logs stay readable."""
    shape = "{desc} {percentage:3.0f} %|{bar}| [{elapsed}]"
    with tqdm(bar_format=shape, disable=not sys.stderr.isatty(), leave=False) as bar:

        def heard(stage: str, done: int, total: int) -> None:
            if not bar.disable:
                bar.set_description_str(stage, refresh=False)
                bar.total = total
                bar.update(done - bar.n)

        yield heard


def _number(value: float | None) -> str:
    return "too few" if value is None else f"{value:.3f}"


def _short(text: str) -> str:
    return textwrap.shorten(text, _WIDTH, placeholder=" …")
