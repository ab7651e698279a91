"""The collections of a store, and what is in one of them, as HTML in which every text is escaped."""

import os
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import PurePath
from typing import Any

from ingest.plan import is_there
from search.retrieve.duplicates import Duplicates, Pair, Side
from search.store.sources import SourceInfo
from search.types import CollectionInfo
from ui.web.format import BY, message, model
from ui.web.plain import one_line
from ui.web.receipt import many, size, spent

MOST_SOURCES = 200
MOST_PAIRS = 20
SIDE = 160
"""Characters of a near-duplicate that are shown."""
_METRICS = {
    "MRR@10": (
        "1 / rank",
        "One divided by the place at which the right passage stands, on average; 0 beyond the tenth.",
    ),
    "Success@1": ("first", "Share of questions whose right passage stands first."),
    "Success@10": ("in ten", "Share of questions whose right passage is among the first ten."),
}
_CLOSE = '<button type="button" class="nh-chip" data-act="close">Close</button>'
_ACTS = (
    ("card", "Report card", "Ask it for what is known to be in it, and count how often that is found"),
    ("duplicates", "Near-duplicates", "List the passages that say nearly the same"),
    ("reindex", "Reindex", "Write its index anew, with the configured model"),
)


def shelf(infos: Sequence[CollectionInfo], chosen: str | None) -> str:
    """Return all collections with what was spent on them; the chosen one is marked."""
    if not infos:
        return message("Nothing is here yet.", "Drop files below, or name a folder. They stay on this machine.")
    rows = "".join(_collection(info, is_chosen=info.name == chosen) for info in infos)
    heads = "".join(
        f'<th scope="col"{style and f" class={style}"}>{name}</th>'
        for name, style in (
            ("Collection", ""),
            ("Passages", "nh-number"),
            ("Sources", "nh-number"),
            ("Tokens", "nh-number"),
            ("Spent", "nh-number"),
            ("Size", "nh-number"),
            ("Model", ""),
        )
    )
    return (
        f'<table class="nh-collections"><caption class="nh-unseen">Collections</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def detail(info: CollectionInfo, sources: Sequence[SourceInfo], failures: Mapping[str, str]) -> str:
    """Return what is in a collection, and what can be done with it."""
    name = escape(info.name)
    acts = "".join(
        f'<button type="button" class="nh-chip" data-act="{act}" title="{title}">{label}</button>'
        for act, label, title in _ACTS
    )
    export = (
        f'<a class="nh-chip" href="/page/library/{name}/export" download="{name}.jsonl"'
        ' title="Passages with their vectors, a line of JSON each">Export</a>'
    )
    drop = '<button type="button" class="nh-chip nh-danger" data-act="drop">Drop …</button>'
    empty = "" if info.passages else message("This collection is empty.", "Drop files here, or name a folder.")
    return (
        f'<h2 tabindex="-1">{name}</h2><p class="nh-how">{_facts(info)}</p>'
        f'<div class="nh-buttons nh-acts">{acts}{export}{drop}</div><div class="nh-outcome" aria-live="polite"></div>'
        f"{empty}{_sources(sources, failures)}"
    )


def dropping(info: CollectionInfo, goes: Mapping[str, int]) -> str:
    """Return the question whether a collection is to go, naming what goes with it.

    :param goes: What else there is of it, by its noun, and how many.
    """
    parts = [
        many(info.passages, "passage"),
        many(info.sources, "source"),
        *(many(n, what) for what, n in goes.items() if n),
    ]
    return (
        f'<section class="nh-sheet nh-confirm"><h3 tabindex="-1">Drop {escape(info.name)}?</h3>'
        f"<p>{', '.join(parts[:-1])} and {parts[-1]} go for good. Your own files stay where they are."
        ' Vectors are kept, so that taking the same texts in again costs nothing.</p><div class="nh-buttons">'
        '<button type="button" class="primary nh-danger" data-act="dropped">Drop</button>'
        '<button type="button" class="nh-chip" data-act="close">Keep it</button></div></section>'
    )


def card(kept: Mapping[str, Any], passages: int) -> str:
    """Return a report card, as it was kept.

    :param passages: That the collection has now.
    """
    modes, default = kept["modes"], kept["default_mode"]
    heads = "".join(f'<th scope="col" class="nh-number" title="{why}">{short}</th>' for short, why in _METRICS.values())
    rows = "".join(_mode(mode, means, is_default=mode == default) for mode, means in modes.items())
    asked = " and ".join(
        f"{count:,} {'headings' if kind == 'heading' else 'sentences'}" for kind, count in kept["kinds"].items()
    )
    lines = [f"Asked for {asked} that are known to be in it; means with 95 % intervals."]
    lines += [_verdict(one) for one in kept["differences"]["modes"]]
    if gate := kept.get("gate"):
        lines.append(
            f"Of {gate['questions']:,} questions made from it, {gate['false_answer']:.0%} of those without an answer"
            f" would be answered, and {gate['false_refusal']:.0%} of those with one refused."
        )
    if kept["documents"] != passages:
        lines.append(f"It had {kept['documents']:,} passages then; make the card anew for those of now.")
    notes = "".join(f"<li>{escape(line)}</li>" for line in lines if line)
    table = (
        f'<table class="nh-card-table"><thead><tr><th scope="col">Found</th>{heads}</tr></thead><tbody>{rows}</tbody>'
    )
    again = '<button type="button" class="nh-chip" data-act="recard">Make it anew</button>'
    return _opened("Report card", f'{table}</table><ul class="nh-notes">{notes}</ul>', again)


def duplicates(found: Duplicates) -> str:
    """Return the passages that say nearly the same."""
    if not found.found and not found.identical:
        lead = f"No two passages have a cosine of {found.limit:g} or more."
    else:
        lead = f"{many(found.found, 'pair')} at a cosine of {found.limit:g} or more"
        lead += f", and {many(found.identical, 'pair')} of the very same text." if found.identical else "."
    rows = "".join(map(_pair, found.pairs[:MOST_PAIRS]))
    more = f'<p class="nh-note">The nearest {MOST_PAIRS} are shown.</p>' if len(found.pairs) > MOST_PAIRS else ""
    return _opened("Near-duplicates", f'<p>{lead}</p>{more}<ol class="nh-twins">{rows}</ol>')


def said(head: str, text: str = "") -> str:
    """Return what became of an act, to be closed."""
    return _opened(head, f"<p>{escape(text)}</p>", level=2)


def _opened(head: str, body: str, buttons: str = "", level: int = 3) -> str:
    """Return a sheet that can be closed."""
    title = f'<h{level} tabindex="-1">{escape(head)}</h{level}>'
    return (
        f'<section class="nh-sheet" aria-label="{escape(head)}">{title}{body}'
        f'<div class="nh-buttons">{buttons}{_CLOSE}</div></section>'
    )


def _collection(info: CollectionInfo, *, is_chosen: bool) -> str:
    name = escape(info.name)
    cells = (
        ("Passages", f"{info.passages:,}"),
        ("Sources", f"{info.sources:,}"),
        ("Tokens", f"{info.tokens:,}"),
        ("Spent", spent(info.cost_usd, info.embedder)),
        ("Size", size(info.bytes)),
    )
    numbers = "".join(f'<td class="nh-number" data-label="{label}">{value}</td>' for label, value in cells)
    here = ' aria-current="true"' if is_chosen else ""
    return (
        f'<tr data-name="{name}"{here}><th scope="row"><button type="button" data-choose="{name}">{name}</button></th>'
        f'{numbers}<td data-label="Model">{escape(model(info.embedder))}</td></tr>'
    )


def _facts(info: CollectionInfo) -> str:
    """Return what the list of collections does not say."""
    same = info.passages - info.vectors
    twice = f"{many(same, 'passage')} said elsewhere word for word" if same > 0 else "no passage twice"
    return escape(f"{many(info.passages, 'passage')} from {many(info.sources, 'source')}, {twice}")


def _sources(sources: Sequence[SourceInfo], failures: Mapping[str, str]) -> str:
    known = {info.name for info in sources}
    root = _root([info.name for info in sources])
    failed = {name: why for name, why in failures.items() if is_there(name)}
    rows = [_source(name, None, why, root) for name, why in failed.items() if name not in known]
    states = [(info, failed.get(info.name) or _state(info)) for info in sources]
    # What somebody has to do something about stands first.
    states.sort(key=lambda pair: not pair[1])
    rows += [_source(info.name, info.passages, why, root) for info, why in states]
    if not rows:
        return ""
    more = f'<p class="nh-note">and {len(rows) - MOST_SOURCES:,} more</p>' if len(rows) > MOST_SOURCES else ""
    where = f'<p class="nh-how">Sources in {escape(root)}</p>' if root else ""
    head = '<th scope="col">Source</th><th scope="col" class="nh-number">Passages</th>'
    body = "".join(rows[:MOST_SOURCES])
    table = f'<table class="nh-sources"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'{where}<div class="nh-box" tabindex="0" role="region" aria-label="Sources">{table}{more}</div>'


def _state(info: SourceInfo) -> str:
    if not info.finished:
        return "is not all here: it was broken off, take it in again"
    return "" if is_there(info.name) else "its file is gone; its passages are kept"


def _source(name: str, passages: int | None, why: str, root: str) -> str:
    shown = os.path.relpath(name, root) if root and PurePath(name).is_relative_to(root) else name
    state = f'<span class="nh-state">{escape(why)}</span>' if why else ""
    count = "none" if passages is None else f"{passages:,}"
    return (
        f'<tr{" data-problem" if why else ""}><th scope="row" title="{escape(name)}">{escape(shown)}{state}</th>'
        f'<td class="nh-number">{count}</td></tr>'
    )


def _root(names: Sequence[str]) -> str:
    """Return the folder that all are in; empty where there is none but the top."""
    parents = [str(PurePath(name).parent) for name in names if PurePath(name).is_absolute()]
    root = os.path.commonpath(parents) if parents and len(parents) == len(names) else ""
    return root if len(PurePath(root).parts) > 1 else ""


def _mode(mode: str, means: Mapping[str, Mapping[str, float]], *, is_default: bool) -> str:
    cells = "".join(
        f'<td class="nh-number" title="95 %: {mean["low"]:.3f} to {mean["high"]:.3f}">{mean["value"]:.3f}'
        f"<i>{mean['low']:.2f}–{mean['high']:.2f}</i></td>"
        for mean in (means[metric] for metric in _METRICS)
    )
    note = " <i>(the usual one)</i>" if is_default else ""
    return f'<tr><th scope="row">{BY.get(mode, escape(mode))}{note}</th>{cells}</tr>'


def _verdict(between: Mapping[str, Any]) -> str:
    change = between["metrics"].get("MRR@10")
    if not change:
        return ""
    way, than = BY.get(between["way"], between["way"]), BY.get(between["than"], between["than"])
    return f"{way[:1].upper()}{way[1:]} against {than}: {change['verdict']} ({change['value']:+.3f} of 1 / rank)."


def _pair(pair: Pair) -> str:
    warnings = "".join(
        f'<span class="nh-badge" title="{escape(c.why)}">{escape(c.kind)}</span> ' for c in pair.cautions
    )
    sides = "".join(map(_side, (pair.a, pair.b)))
    return f'<li><b class="nh-similarity">{pair.similarity:.3f}</b><div>{sides}{warnings}</div></li>'


def _side(side: Side) -> str:
    file = f'<span class="nh-place">{escape(PurePath(side.source).name)}</span>'
    return f"<p>{escape(one_line(side.text, side.source, SIDE))} {file}</p>"
