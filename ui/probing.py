"""What the commands on probes do: one verb of the service each, printed for people or as JSON."""

import csv
import json
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from search.errors import InvalidInputError, SourceError
from search.latent.probe import Prediction, Probe
from search.latent.probes import Examples
from search.service import Service
from ui.text import Text, bold, dim, show
from ui.waiting import Waiting

DONE = 0
_NAMED = 15
"""Outcomes that people are shown."""


def fit_probe(service: Service, given: Namespace) -> int:
    """Fit a probe to a field, to examples in a file, or to names alone."""
    chosen = [bool(given.label), bool(given.examples), bool(given.names)]
    if sum(chosen) != 1:
        raise InvalidInputError("give one of --label FIELD, --examples FILE and --names NAME,NAME,...")
    # A pipe can be read only once: not before it is known who fits.
    collection = service.resolve(given.collection)
    texts = _examples(Path(given.examples)) if given.examples else ()
    names = tuple(name.strip() for name in (given.names or "").split(",") if name.strip())
    with Waiting("fitting the probe, five times with a fifth held out"):
        found = service.fit_probe(Examples(given.label, texts, names), given.name, collection)
    return show(given, _fitted(found), _quality(found))


def predict(service: Service, given: Namespace) -> int:
    """Say what a probe makes of a text."""
    found = service.predict([given.text], given.name, given.collection, given.temperature, given.coverage)[0]
    return show(given, asdict(found), _prediction(found))


def probes(service: Service, given: Namespace) -> int:
    """List the probes of a collection."""
    found = service.probes(given.collection)
    own = service.show(given.collection).embedder if found else ""
    return show(given, {"probes": [_brief(probe) for probe in found]}, _list(found, own))


def drop_probe(service: Service, given: Namespace) -> int:
    """Remove a probe."""
    service.drop_probe(given.name, given.collection)
    return show(given, {"dropped": given.name}, lambda: f"{given.name} is gone")


def _examples(file: Path) -> list[tuple[str, str]]:
    """Return texts with their outcomes from a table, or from a list of JSON, with `text` and `label`.

    :raises SourceError: For a file that is neither.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            values = json.load(lines) if file.suffix == ".json" else list(csv.DictReader(lines))
        found = [(value["text"], value["label"]) for value in values]
    except OSError as error:
        raise SourceError(file, f"cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, RecursionError, csv.Error) as error:
        raise SourceError(file, "should be a table, or a JSON list, with 'text' and 'label' in each row") from error
    for at, row in enumerate(found, 1):
        for of, value in zip(("text", "label"), row, strict=True):
            # Rows of a table that end early have None, and so do people who write null.
            if value is None or not str(value).strip():
                raise SourceError(file, f"has no {of} in row {at}")
    return [(str(text), str(label)) for text, label in found]


def _fitted(probe: Probe) -> dict[str, Any]:
    """Return what is known of a probe, without its weights."""
    quality = {} if probe.quality is None else asdict(probe.quality)
    return {**_brief(probe), "penalty": probe.penalty, "thresholds": probe.thresholds, **quality}


def _brief(probe: Probe) -> dict[str, Any]:
    q = probe.quality
    return {
        "name": probe.name,
        "label": probe.label,
        "embedder": probe.embedder,
        "outcomes": list(probe.outcomes),
        "accuracy": q and q.accuracy,
        "log_loss": q and q.log_loss,
        "baseline_log_loss": q and q.baseline_log_loss,
        "ece": q and q.ece,
        "temperature": probe.temperature,
    }


def _quality(probe: Probe) -> Text:
    q = probe.quality
    head = f"{bold(probe.name)}: {len(probe.outcomes):,} outcomes from {probe.label}"
    if q is None:
        return lambda: f"{head}\nby their names alone, so nothing is known of how often it is right"
    lines = [
        f"{head}, {q.examples:,} examples",
        f"right for {100 * q.accuracy:.1f} % of the examples held out, {100 * q.balanced_accuracy:.1f} % by outcome",
        f"log-loss {q.log_loss:.3f}, against {q.baseline_log_loss:.3f} of always giving the shares of the outcomes",
        f"calibration error {q.ece:.3f} at temperature {probe.temperature:.2f}; sets of 95 % hold {q.set_size:.1f}",
        dim(f"{'confidence':>12}{'right':>8}{'examples':>10}"),
        *(f"{100 * b.confidence:10.0f} %{100 * b.accuracy:6.0f} %{b.count:10,}" for b in q.reliability),
        "with " + ", ".join(f"{s.examples:,} examples {100 * s.accuracy:.1f} %" for s in q.curve),
    ]
    return lambda: "\n".join(lines)


def _prediction(found: Prediction) -> Text:
    shown = list(found.probabilities.items())[:_NAMED]
    lines = [f"{p:6.3f}  {bold(name) if name in found.set else name}" for name, p in shown]
    more = len(found.probabilities) - len(shown)
    lines += [dim(f"and {more:,} outcomes more")] if more > 0 else []
    if found.coverage is not None:
        lines.append(f"{100 * found.coverage:.0f} of 100 such sets have the right one: {', '.join(found.set)}")
    return lambda: "\n".join([*lines, dim(f"{found.probe}, temperature {found.temperature:g}: softmax(Wz / T)")])


def _list(found: list[Probe], own: str) -> Text:
    if not found:
        return lambda: "there is no probe yet: run nearhood probe fit --label FIELD"
    return lambda: "\n".join(
        f"{bold(p.name)}: {len(p.outcomes):,} outcomes from {p.label}"
        + ("" if p.quality is None else f", {100 * p.quality.accuracy:.1f} % right")
        + ("" if p.embedder == own else f"; fitted with {p.embedder}: fit it again, or drop it")
        for p in found
    )
