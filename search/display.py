"""How results show themselves in a notebook: HTML that runs nothing and loads nothing, with every text escaped."""

from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.latent.map import LatentMap
    from search.types import Comparison, HitList

_LONG = 400
"""Characters of a passage that are shown."""


def hit_list(shown: "HitList") -> str:
    """Return a ranking as a table."""
    rows = [
        [
            str(hit.rank),
            f"{hit.similarity:.3f}",
            "" if hit.percentile is None else f"{hit.percentile:.1f} %",
            "<br>".join([_text(hit.text), *(f"<em>{escape(c.kind)}: {escape(c.why)}</em>" for c in hit.cautions)]),
            escape(hit.source),
        ]
        for hit in shown.hits
    ]
    how = "all compared" if shown.exact else "an index asked"
    chance = "" if shown.by_chance is None else f"; chance alone would give {shown.by_chance:.2g} of these"
    note = f"{escape(shown.mode)}, {shown.passages:,} passages, {how}{chance}"
    return _table(shown.query, ["", "similarity", "nearer than", "passage", "source"], rows, note)


def comparison(shown: "Comparison") -> str:
    """Return the cosine of each text with each as a table."""
    rows = [
        [_text(text), *(f"{value:.3f}" for value in row)]
        for text, row in zip(shown.texts, shown.similarity, strict=True)
    ]
    said = [f"{c.kind} between {c.a + 1} and {c.b + 1}: {c.why}" for c in shown.cautions]
    head = ["", *map(str, range(1, len(shown.texts) + 1))]
    return _table("", head, rows, "<br>".join(map(escape, [*said, shown.embedder])))


def latent_map(shown: "LatentMap") -> str:
    """Return a map as a picture, with what it is worth below.

    :raises NotConfiguredError: Without matplotlib.
    """
    from search.latent.export.write import picture  # noqa: PLC0415 - matplotlib takes a second

    with TemporaryDirectory() as folder:
        file = Path(folder) / "map.svg"
        picture(shown, file)
        drawn = file.read_text()
    # Prolog and doctype have no place within HTML.
    drawn = drawn[drawn.index("<svg") :]
    worth = "" if shown.trustworthiness is None else f", trustworthiness {shown.trustworthiness:.3f}"
    return f"<figure>{drawn}<figcaption>{escape(shown.method)}, seed {shown.seed}{worth}</figcaption></figure>"


def _text(text: str) -> str:
    return escape(text if len(text) <= _LONG else f"{text[:_LONG]} …").replace("\n", "<br>")


def _table(title: str, head: list[str], rows: list[list[str]], note: str) -> str:
    """Return a table of cells that are HTML already; the title and the head are not."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    caption = f"<caption>{escape(title)}</caption>" if title else ""
    return f"<table>{caption}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table><p>{note}</p>"
