"""A map as one HTML file that needs nothing else."""

import json
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from search.latent.export.sheet import OTHER, Sheet
from search.latent.map import LatentMap
from search.latent.neighbours import Indices

_SHOWN = 240
"""Characters of a passage that are shown at its point."""
_LINES = 10
"""True neighbours that a point is joined with."""


def page(file: Path, drawn: LatentMap, near: Indices) -> None:
    """Write the page. Texts go into it as data, and are never read as HTML."""
    sheet = Sheet.of(drawn, "")
    data = {
        "x": [round(p.x, 4) for p in drawn.points],
        "y": [round(p.y, 4) for p in drawn.points],
        "trust": [None if p.trust is None else round(p.trust, 2) for p in drawn.points],
        "group": sheet.group.tolist(),
        "groups": [[one.name, one.color, one.count] for one in sheet.groups],
        "other": OTHER,
        "text": [_cut(p.text) for p in drawn.points],
        "source": [Path(p.source).name for p in drawn.points],
        "near": near[:, :_LINES].tolist(),
        "marks": [[mark.text, round(mark.x, 4), round(mark.y, 4), mark.is_group] for mark in sheet.marks],
    }
    template = files("search.latent.export").joinpath("page.html").read_text(encoding="utf-8")
    about, title = escape(_about(drawn)), escape(f"Map: {drawn.method}, {len(drawn.points):,} passages")
    # The data last, so that nothing in it is taken for a place to fill.
    made = template.replace("{{title}}", title).replace("{{about}}", about).replace("{{data}}", _harmless(data))
    file.write_text(made, encoding="utf-8", errors="replace")


def _about(drawn: LatentMap) -> str:
    chosen = f" (a sample of {drawn.passages:,}, seed {drawn.seed})" if drawn.sample is not None else ""
    said = [f"{len(drawn.points):,} passages{chosen}", f"{drawn.method}, seed {drawn.seed}", drawn.embedder]
    measures = {
        "trustworthiness": drawn.trustworthiness,
        "continuity": drawn.continuity,
        "true neighbours kept": drawn.knn_recall,
    }
    said += [f"{name} {value:.2f}" for name, value in measures.items() if value is not None]
    return "; ".join(said)


def _harmless(data: dict[str, Any]) -> str:
    """Return JSON that ends no script and begins no comment."""
    return json.dumps(data).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _cut(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"
