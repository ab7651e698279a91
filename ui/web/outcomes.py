"""Probes as HTML: which there are, what one says of a text, and how often it is right. Every text is escaped."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import PurePath

from search.latent.calibrate import COVERAGES
from search.latent.probe import Prediction, Probe
from search.latent.quality import Pull, Quality
from search.retrieve.columns import FieldInfo
from search.types import Passage
from ui.web import charts
from ui.web.plain import one_line

MOST_OUTCOMES = 12
MOST_VALUES = 200
"""Different values of a field that can be outcomes."""
PULL = 140
"""Characters of a passage that pulls."""
_SMALLEST = 1e-300


def saved(probes: Sequence[Probe], chosen: str | None, embedder: str) -> str:
    """Return the probes of a collection; the chosen one is marked, and those that are not of its embedder are."""
    if not probes:
        return (
            '<p class="nh-hint">A probe turns a text into a distribution over outcomes: p = softmax(Wz). There is none'
            " yet: say what the outcomes are, and fit one.</p>"
        )
    rows = "".join(_probe(p, p.name == chosen, embedder) for p in probes)
    return f'<ul class="nh-probes" aria-label="Probes">{rows}</ul>'


def fields(found: Sequence[FieldInfo], folders: int) -> str:
    """Return what the outcomes may be read from, as options of a list."""
    some = [(f.name, f.values, f.passages) for f in found if f.name != "source" and 2 <= f.values <= MOST_VALUES]  # noqa: PLR2004
    options = [f'<option value="folder">folder ({folders:,} folders)</option>'] if folders > 1 else []
    options += [
        f'<option value="{escape(name)}">{escape(name)} ({values:,} values, {passages:,} passages)</option>'
        for name, values, passages in some
    ]
    return "".join(options) or '<option value="">no field of these passages has several values</option>'


def prediction(found: Prediction, probe: Probe) -> str:
    """Return a distribution over outcomes. The browser draws it anew for another temperature."""
    shown = list(found.probabilities.items())
    bars = "".join(_bar(name, p, is_in=name in found.set) for name, p in shown)
    more = f'<p class="nh-note" data-rest>The first {MOST_OUTCOMES} of {len(shown):,} are shown.</p>'
    first, p = shown[0]
    return (
        f'<p class="nh-lead" role="status"><b data-first>{escape(first)}</b> at <b data-top>{p:.3f}</b></p>'
        f'<ol class="nh-outcomes" data-most="{MOST_OUTCOMES}">{bars}</ol>{more if len(shown) > MOST_OUTCOMES else ""}'
        f'{_set(found)}<p class="nh-how">{_what_p_is(probe)}</p>'
    )


def quality(probe: Probe, pulled: Mapping[str, Passage]) -> str:
    """Return how often a probe is right, with the passages that pull at it.

    :param pulled: Those that are still there, by their ids.
    """
    known = probe.quality
    if known is None:
        return (
            '<section class="nh-quality"><h2>How often it is right</h2><p class="nh-note">Nobody knows: it goes by the'
            " names alone, and no example was held against it. It makes no sets.</p></section>"
        )
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in _measures(known, probe).items())
    return (
        f'<section class="nh-quality"><h2>How often it is right</h2><p class="nh-how">On {known.examples:,} examples,'
        f' each held out once, from {escape(probe.label)}</p><dl class="nh-facts">{rows}</dl>'
        '<h3>Reliability</h3><p class="nh-how">Of predictions at 80 %, 80 % should be right: on the line, they are.</p>'
        f"{_charted(charts.reliability(known.reliability), charts.reliability_table(known.reliability))}"
        '<h3>Learning curve</h3><p class="nh-how">Whether more examples would help.</p>'
        f"{_charted(charts.curve(known.curve), charts.curve_table(known.curve))}"
        f"{_pulls(known.pulls, pulled)}</section>"
    )


def coverages() -> str:
    """Return how sure a set can be asked to be, as options."""
    return "".join(
        f'<option value="{c}"{" selected" if c == 0.95 else ""}>{100 * c:.0f} of 100</option>'  # noqa: PLR2004
        for c in COVERAGES
    )


def _probe(probe: Probe, is_chosen: bool, embedder: str) -> str:  # noqa: FBT001
    name = escape(probe.name)
    right = "" if probe.quality is None else f", {100 * probe.quality.accuracy:.0f} % right"
    old = "" if probe.embedder == embedder else f"; fitted with {escape(probe.embedder)}: fit it again"
    facts = f"{len(probe.outcomes):,} outcomes from {escape(probe.label)}{right}{old}"
    here = ' aria-current="true"' if is_chosen else ""
    delete = (
        f'<button type="button" class="nh-delete" data-delete="{name}" aria-label="Delete the probe {name}">×</button>'
    )
    choose = f'<button type="button" data-probe="{name}"><b>{name}</b><span>{facts}</span></button>'
    return f"<li{here}>{choose}{delete}</li>"


def _charted(picture: str, table: str) -> str:
    return f'<div class="nh-charted">{picture}{table}</div>'


def _bar(name: str, p: float, *, is_in: bool) -> str:
    mark = " data-in" if is_in else ""
    return (
        f'<li data-log="{math.log(max(p, _SMALLEST)):.6f}"{mark}><span>{escape(name)}</span>'
        f'<i aria-hidden="true"><b style="width:{100 * p:.1f}%"></b></i><output>{p:.3f}</output></li>'
    )


def _set(found: Prediction) -> str:
    if found.coverage is None:
        return ""
    members = ", ".join(f"<b>{escape(name)}</b>" for name in found.set)
    return (
        f'<p class="nh-set">{100 * found.coverage:.0f} of 100 such sets have the right outcome in them: {members}.'
        " The set does not change with the temperature.</p>"
    )


def _what_p_is(probe: Probe) -> str:
    if probe.quality is None:
        return (
            "p = softmax(Wz / T), where the rows of W are the names themselves: p says which name is nearest to the"
            " text, not how often that is right."
        )
    return (
        f"p = softmax(Wz / T): z is the text’s place in the latent space, W was fitted to {probe.quality.examples:,}"
        " examples, and at T = 1, of texts given 0.8, about 8 in 10 are what is said."
    )


def _measures(known: Quality, probe: Probe) -> dict[str, str]:
    return {
        "Accuracy": f"{100 * known.accuracy:.1f} %",
        "By outcome": f"{100 * known.balanced_accuracy:.1f} %, each outcome counting the same",
        "Log-loss": f"{known.log_loss:.3f}, against {known.baseline_log_loss:.3f} of the base rates",
        "Calibration": f"{100 * known.ece:.1f} % off on average (ECE), at a factor of {probe.temperature:.2f}",
        "Sets of 95 %": f"{known.set_size:.1f} outcomes on average",
    }


def _pulls(pulls: Sequence[Pull], passages: Mapping[str, Passage]) -> str:
    rows = "".join(
        f"<details><summary>{escape(pull.outcome)}</summary><h4>Its own, least expected</h4>"
        f"{_listed(pull.towards, passages)}<h4>Others, most taken for it</h4>{_listed(pull.away, passages)}</details>"
        for pull in pulls
    )
    return f'<h3>What pulls each way</h3><div class="nh-pulls">{rows}</div>'


def _listed(ids: Sequence[str], passages: Mapping[str, Passage]) -> str:
    rows = "".join(f"<li>{_named(passage_id, passages.get(passage_id))}</li>" for passage_id in ids)
    return f"<ul>{rows}</ul>"


def _named(passage_id: str, passage: Passage | None) -> str:
    if passage is None:
        return escape(passage_id)
    file = f'<span class="nh-place">{escape(PurePath(passage.source).name)}</span>'
    return f"{escape(one_line(passage.text, passage.source, PULL))} {file}"
