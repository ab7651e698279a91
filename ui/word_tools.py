"""What the commands do beyond the query: analogies, word tools, near-duplicates and hubs."""

import textwrap
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict

from search.retrieve.duplicates import Duplicates, Group, Pair
from search.retrieve.listed import HubList
from search.service import Service
from search.types import Hit
from search.words.analogy import Analogy
from search.words.clusters import Cluster, Clusters
from search.words.odd import OddOneOut
from ui import ranking
from ui.text import Text, bold, dim, near, show

DONE = 0
_WIDTH = 100
_NAMED = 12
"""Members of a cluster, and groups of duplicates, that people are shown."""


def analogy(service: Service, given: Namespace) -> int:
    """Print the terms nearest to a sum of others."""
    found = service.analogy(given.expression, given.collection, given.k, given.expect)
    return show(given, asdict(found), _analogy(found))


def words(service: Service, given: Namespace) -> int:
    """Print the nearest terms of one, the odd one of some, or the clusters of a collection."""
    return _ACTIONS[given.action](service, given)


def _nearest(service: Service, given: Namespace) -> int:
    found = service.nearest(given.term, given.collection, given.k)
    return show(given, asdict(found), ranking.hits(found))


def _odd(service: Service, given: Namespace) -> int:
    found = service.odd_one_out(given.terms)
    return show(given, asdict(found), _odd_one(found))


def _clusters(service: Service, given: Namespace) -> int:
    found = service.clusters(given.collection, given.count)
    return show(given, asdict(found), _list_of_clusters(found))


_ACTIONS: dict[str, Callable[[Service, Namespace], int]] = {"nearest": _nearest, "odd": _odd, "clusters": _clusters}


def duplicates(service: Service, given: Namespace) -> int:
    """Print the passages that say nearly the same."""
    found = service.duplicates(given.collection, given.limit, given.k)
    return show(given, asdict(found), _duplicates(found))


def hubs(service: Service, given: Namespace) -> int:
    """Print the passages that stand in the most lists of nearest."""
    found = service.hubs(given.collection, given.k)
    return show(given, asdict(found), hub_list(found))


def _analogy(found: Analogy) -> Text:
    def lines() -> list[str]:
        if not found.hits:
            return ["the collection has no term but those of the analogy"]
        embedded = [term.text for term in found.terms if not term.stored]
        lines = list(map(_term, found.hits))
        lines.append(f"{found.hits[0].text} is number {found.rank_with_inputs} when the inputs are counted, too")
        if found.expected is not None:
            own = "an input" if found.expected.rank is None else f"number {found.expected.rank:,}"
            lines.append(
                f"{found.expected.text} is {own}, and number {found.expected.rank_with_inputs:,} with the inputs"
            )
        return [*lines, *([dim(f"not in the collection, so embedded: {', '.join(embedded)}")] if embedded else [])]

    return lambda: "\n".join(lines())


def _term(hit: Hit) -> str:
    percentile = "" if hit.percentile is None else f"  {dim(f'nearer than {hit.percentile:.1f} % of random pairs')}"
    return f"{hit.rank:>3} {bold(f'{hit.similarity:.3f}')}  {_short(hit.text)}{percentile}"


def _odd_one(found: OddOneOut) -> Text:
    rows = sorted(zip(found.similarity, found.texts, strict=True))
    lines = [f"{similarity:7.3f}  {_short(text)}" for similarity, text in rows]
    alone = f"{found.odd} is {found.margin:.3f} below the next; the others are {found.together:.3f} alike"
    said = f"odd one out: {bold(found.odd)}" if found.clear else f"no clear odd one: {found.odd} is the least like them"
    return lambda: "\n".join([said, *lines, dim(alone)])


def _list_of_clusters(found: Clusters) -> Text:
    how = "the number with the highest silhouette" if found.chosen else "as asked for"
    whole = "" if found.silhouette is None else f"; silhouette {found.silhouette:.3f}, near 0 where they run together"
    last = dim(f"{found.terms:,} terms in {found.count:,} clusters, {how}{whole}")
    return lambda: "\n".join([*map(_cluster, found.clusters), last])


def _cluster(cluster: Cluster) -> str:
    silhouette = "" if cluster.silhouette is None else dim(f"  silhouette {cluster.silhouette:.2f}")
    named = ", ".join(_short(member.text) for member in cluster.members[1:_NAMED])
    more = f" and {cluster.size - _NAMED:,} more" if cluster.size > _NAMED else ""
    return f"{bold(cluster.name)} ({cluster.size:,}){silhouette}" + (f"\n    {named}{more}" if named else "")


def _duplicates(found: Duplicates) -> Text:
    def lines() -> list[str]:
        identical = [group for group in found.groups if group.texts < group.size]
        shown = identical[:_NAMED]
        more = (
            f"and {len(identical) - len(shown):,} groups more with identical passages"
            if len(identical) > _NAMED
            else ""
        )
        listed = "" if found.found <= len(found.pairs) else f", of which the nearest {len(found.pairs):,} stand here"
        return [
            *map(_pair, found.pairs),
            *map(_group, shown),
            *([more] if more else []),
            f"{found.found:,} near-duplicate pairs at {found.limit:g} or above{listed}",
            f"{found.identical:,} pairs of identical passages; {found.grouped:,} groups in all",
            dim(f"{found.passages:,} passages, each compared with all"),
        ]

    return lambda: "\n".join(lines())


def _pair(pair: Pair) -> str:
    sides = [f"    {_short(side.text)}\n    {dim(f'{near(side.source)}  {side.id}')}" for side in (pair.a, pair.b)]
    said = [f"    {bold(caution.kind)}: {caution.why}" for caution in pair.cautions]
    return "\n".join([bold(f"{pair.similarity:.3f}"), *sides, *said])


def _group(group: Group) -> str:
    places = sorted({near(side.source) for side in group.members})
    texts = "1 text" if group.texts == 1 else f"{group.texts:,} texts"
    head = f"{group.size:,} passages, {texts}: {_short(group.members[0].text)}"
    return f"{head}\n    {dim(_short(', '.join(places)))}"


def hub_list(found: HubList) -> Text:
    """Return the lines of a list of hubs, and what they are."""
    lines = [f"{h.lists:>6,}  {_short(h.text)}\n        {dim(f'{near(h.source)}  {h.id}')}" for h in found.hubs]
    notes = ["the number is that of the lists of ten nearest it stands in"]
    if found.looked_at < found.passages:
        notes.append(f"an estimate: {found.looked_at:,} of {found.passages:,} lists were looked at")
    if found.skewness is not None:
        notes.append(f"skewness {found.skewness:.1f}")
    if found.nowhere is not None:
        notes.append(f"{100 * found.nowhere:.0f} % of the {found.passages:,} passages stand in none")
    last = dim("; ".join(notes))
    return lambda: "\n".join([*lines, last] if lines else ["the collection is empty: run nearhood ingest PATH"])


def _short(text: str) -> str:
    return textwrap.shorten(text, _WIDTH, placeholder=" …")
