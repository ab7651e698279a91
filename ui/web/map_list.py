"""The list beside the map, as HTML: all that the map shows, in words. Every text is escaped."""

from collections import Counter
from collections.abc import Sequence
from html import escape

from search.errors import NearhoodError
from search.latent.elsewhere import FAR, share
from search.latent.fitted import Cluster
from search.latent.maps import Placed
from search.store.collection import Collection
from search.types import HitList, Passage
from ui.web import format as show
from ui.web.chart import NONE, Chart, file_of
from ui.web.plain import name, shorten
from ui.web.selections import Selection

START = "Map"
LISTED = 50
"""Passages of a selection that are listed at once."""
MOST_LISTED = 2_000
"""Those that are listed at all: the table has every one."""
HINT = "Choose a point to see what is truly nearest to it, whatever the map says."
STABLE, DOUBTFUL = 0.75, 0.6
"""Stability from which a cluster would be found again, and below which it should not be trusted."""
MOST_COLORS = 10
_MOST_NAMED = 3


def overview(chart: Chart) -> str:
    """Return what is on a map: its clusters, each to be chosen, and how far they can be believed."""
    if not chart.clusters:
        return f'{show.hint(HINT)}<p class="nh-note">No clusters were found among so few passages.</p>'
    alone = chart.alone
    rest = f"; {alone:,} passages belong to none" if alone else ""
    count = f"{len(chart.clusters):,} {'cluster' if len(chart.clusters) == 1 else 'clusters'}"
    rows = "".join(_cluster(i, one) for i, one in enumerate(chart.clusters))
    return (
        f'{show.hint(HINT)}<section class="nh-results nh-overview" aria-label="The map in words"><h2>Clusters</h2>'
        f'<p class="nh-how">{count}{rest}</p><ol class="nh-picks">{rows}</ol></section>'
    )


def no_cluster(chart: Chart) -> str:
    """Return that a cluster is not on the map, as one that was called otherwise before a refit, and those that are."""
    return f"{show.message('There is no such cluster any more.')}{overview(chart)}"


def selection(chosen: Selection, collection: Collection, many: int = LISTED, said: str = "") -> str:
    """Return what was selected, what can be done with it, and its first passages.

    :param said: HTML of what came of the last that was done with it.
    """
    count = len(chosen.points)
    words = f"{count:,} {'passage' if count == 1 else 'passages'}"
    passages = [passage for _, passage in chosen.passages(collection, 0, many)]
    more = (
        f'<button type="button" class="nh-chip" data-more="{many + LISTED}" data-token="{escape(chosen.token)}">'
        f"Show {min(LISTED, count - many)} more of {count:,}</button>"
        if count > many and many < MOST_LISTED
        else f'<p class="nh-note">These are the first {many:,} of {count:,}: the CSV has all.</p>'
        if count > many
        else ""
    )
    head = f'{_back(chosen.title)}<h2>{words}</h2><p class="nh-how">{escape(_made_of(chosen))}</p>'
    body = f"{_verbs(chosen)}{said}{picks(passages)}{more}" if count else show.hint("Nothing is shown there.")
    return f'<section class="nh-results" aria-label="Selection">{head}{body}</section>'


def placed(chart: Chart, found: Placed, hits: HitList, remarks: dict[str, str], off: int = 0) -> str:
    """Return where a text stands, how far off that may be, and what is truly nearest to it.

    :param off: How many of the hits are not on the map.
    """
    note = show.hint("There is nothing near it.") if not hits.hits else show.cards(hits.hits, remarks)
    near = escape(_of_near(chart, len(hits.hits), remarks, off))
    return (
        f'<section class="nh-results" aria-label="A text on the map">{_back(found.text)}{_text(found.text)}'
        f'{_where(found)}<h2>Nearest to it</h2><p class="nh-how">{near}</p>{note}</section>'
    )


def marked(
    chart: Chart,
    title: str,
    found: Placed | None,
    passages: Sequence[tuple[Passage, int]],
    remarks: dict[str, str],
    gone: int,
) -> str:
    """Return some passages that were to be shown on the map, numbered as they are there.

    :param passages: With their numbers.
    :param gone: How many more of them are not on it.
    """
    lost = f'<p class="nh-note">{gone:,} of them are not on this map.</p>' if gone else ""
    where = "" if found is None else _where(found)
    return (
        f'<section class="nh-results" aria-label="Marked on the map">{_back(title)}{_text(title)}{where}'
        f"<h2>Marked on the map</h2>"
        f'<p class="nh-how">{escape(_of_near(chart, len(passages), remarks)) if found else ""}</p>'
        f"{_picked(passages, remarks)}{lost}</section>"
    )


def near_note(chart: Chart, point: int, found: int, remarks: dict[str, str], off: int = 0) -> str:
    """Return how far the true neighbours of a point stand beside it.

    :param off: How many of them are not on the map.
    """
    note = _of_near(chart, found, remarks, off)
    if chart.is_faint(point):
        note += " It is drawn faded, since hardly any of them are among its ten nearest there."
    return note


def done(head: str, text: str) -> str:
    """Return what came of something that was done."""
    return f'<p class="nh-done" role="status"><b>{escape(head)}</b> {escape(text)}</p>'


def failed(raised: NearhoodError) -> str:
    """Return why something was not done."""
    return f'<p class="nh-done" data-failed role="alert">{escape(" ".join(str(raised).split()))}</p>'


def picks(passages: Sequence[Passage], remarks: dict[str, str] | None = None) -> str:
    """Return passages as a list of buttons that lead to each."""
    return _picked([(passage, 0) for passage in passages], remarks or {})


def _picked(passages: Sequence[tuple[Passage, int]], remarks: dict[str, str]) -> str:
    rows = "".join(_pick(passage, remarks.get(passage.id, ""), number) for passage, number in passages)
    return f'<ol class="nh-picks">{rows}</ol>'


def _pick(passage: Passage, remark: str, number: int) -> str:
    lead = f"<b>{number}</b>" if number else ""
    last = f"<em>{escape(remark)}</em>" if remark else ""
    return (
        f'<li><button type="button" class="nh-open" data-id="{escape(passage.id)}">{lead}'
        f"<span>{escape(name(passage.text, passage.source, 2 * show.LABEL))}</span>"
        f"<small>{escape(file_of(passage.source))}</small>{last}</button></li>"
    )


def _cluster(number: int, one: Cluster) -> str:
    doubt = (
        "would be found again"
        if one.stability >= STABLE
        else "would not be found again"
        if one.stability < DOUBTFUL
        else "would be found again in part"
    )
    return (
        f'<li><button type="button" data-cluster="{number}"><i style="background: {_color(number)}"></i>'
        f'<span>{escape(one.label)}</span><small title="stability {one.stability:.2f}">{one.size:,} · {doubt}</small>'
        f"</button></li>"
    )


def _color(number: int) -> str:
    """Return a cluster's colour, as the map has it: ten, then the same nearer to the ink, then none."""
    if number >= 2 * MOST_COLORS:
        return "var(--nh-none)"
    own = f"var(--nh-c{number % MOST_COLORS})"
    return own if number < MOST_COLORS else f"color-mix(in srgb, {own} 60%, var(--nh-ink))"


def _made_of(chosen: Selection) -> str:
    counts = Counter(chosen.cluster.tolist()).most_common(_MOST_NAMED)
    named = [(("in no cluster" if i == NONE else chosen.labels[i]), count) for i, count in counts]
    return "; ".join(f"{label}: {count:,}" for label, count in named)


def _verbs(chosen: Selection) -> str:
    token = escape(chosen.token)
    return (
        f'<div class="nh-verbs"><a class="nh-chip" href="/page/maps/selections/{token}.csv" download>CSV</a>'
        f"{_form('collection', 'New collection', token, 'Its name')}{_form('probe', 'Probe', token, 'What they are')}"
        "</div>"
    )


def _form(verb: str, title: str, token: str, asks: str) -> str:
    return (
        f'<details><summary class="nh-chip">{title}</summary><form data-verb="{verb}" data-token="{token}">'
        f'<label>{asks} <input name="name" required maxlength="100" autocomplete="off"></label>'
        '<button class="nh-chip">Make</button></form></details>'
    )


def _back(title: str) -> str:
    here = escape(shorten(title, show.LABEL))
    return (
        f'<nav class="nh-trail" aria-label="The way here"><ol><li><button type="button" data-step="0">{START}</button>'
        f'</li><li aria-current="step">{here}</li></ol></nav>'
    )


def _text(text: str) -> str:
    return f'<div class="nh-center"><div class="nh-text"><div class="nh-body">{escape(text)}</div></div></div>'


def _where(found: Placed) -> str:
    if found.off_map:
        why = "it is far from everything here" if found.far else "what is nearest to it stands apart on the map"
        off = f'<p class="nh-off"><span class="nh-badge">off the map</span> Its place says little: {why}.</p>'
    else:
        off = ""
    if found.error is None:
        return f'{off}<p class="nh-note">On a map of so few passages, nothing is known of how far off that is.</p>'
    return (
        f'{off}<p class="nh-note">The circle is how far off that may be: half of the map\'s own points, left out and'
        " placed in the same way, came to stand no farther from where they were.</p>"
    )


def _of_near(chart: Chart, found: int, remarks: dict[str, str], off: int = 0) -> str:
    """Return how many of those that were found stand near on the map, of which it may be that some are not on it."""
    on, away = found - off, len(remarks)
    rest = f" {off} of {found} {'is' if off == 1 else 'are'} not on it, which is of a sample." if off else ""
    if not on:
        return rest.strip()
    width = "a tenth" if share(len(chart)) == FAR else f"{100 * share(len(chart)):.0f} %"
    near = f"within {width} of the map's width from it"
    if away:
        return f"{on - away} of {on} stand {near}. The map puts {away} elsewhere: the dashed lines.{rest}"
    return (f"All {on} stand {near}." if on > 1 else f"It stands {near}.") + rest
