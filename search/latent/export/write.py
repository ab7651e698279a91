"""Writes a map as the file's suffix says, whole or not at all."""

from collections.abc import Callable
from pathlib import Path

from search.errors import InvalidInputError
from search.files import whole
from search.latent.export import figure, page, table
from search.latent.export.sheet import Sheet
from search.latent.map import LatentMap
from search.latent.neighbours import Indices
from search.types import Vectors

_PLANE = 2


def write(drawn: LatentMap, file: Path, near: Indices, vectors: Vectors) -> tuple[Path, ...]:
    """Write a map, and return which files were written: one, but for .tsv, which has a second with what the rows are.

    :param near: The true neighbours of each point, as places among the points, (n, k).
    :param vectors: Unit rows of the points, which the Embedding Projector draws itself.
    :raises InvalidInputError: For a suffix that says nothing, or a picture of three dimensions.
    :raises NotConfiguredError: For a format whose library is not installed.
    """
    if file.suffix == ".tsv":
        beside = file.with_suffix(".metadata.tsv")
        with whole(file) as part:
            table.vectors(part, vectors)
        with whole(beside) as part:
            table.metadata(part, drawn)
        return file, beside
    known: dict[str, Callable[[Path], None]] = {
        ".json": lambda part: table.as_json(part, drawn),
        ".parquet": lambda part: table.parquet(part, drawn),
        ".html": lambda part: page.page(part, drawn, near),
        ".png": lambda part: figure.pictures(part, [titled(drawn)], "png"),
        ".svg": lambda part: figure.pictures(part, [titled(drawn)], "svg"),
    }
    if file.suffix not in known:
        raise InvalidInputError(f"{file} should end in {', '.join(known)} or .tsv")
    if drawn.dims > _PLANE and file.suffix in {".html", ".png", ".svg"}:
        raise InvalidInputError(f"{file.suffix} shows two dimensions: name a .json, .parquet or .tsv file for three")
    with whole(file) as part:
        known[file.suffix](part)
    return (file,)


def write_pictures(sheets: list[Sheet], file: Path) -> None:
    """Write maps side by side as .png or .svg.

    :raises InvalidInputError: For any other suffix.
    :raises NotConfiguredError: Without matplotlib.
    """
    if file.suffix not in {".png", ".svg"}:
        raise InvalidInputError(f"{file} should end in .png or .svg")
    with whole(file) as part:
        figure.pictures(part, sheets, file.suffix.removeprefix("."))


def titled(drawn: LatentMap) -> Sheet:
    """Return what a picture of a map shows, under a line that says what it is and how far to believe it."""
    trust = "" if drawn.trustworthiness is None else f", trustworthiness {drawn.trustworthiness:.2f}"
    return Sheet.of(drawn, f"{drawn.method}, seed {drawn.seed}: {len(drawn.points):,} passages{trust}")
