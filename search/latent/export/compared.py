"""Maps by several methods, side by side in one picture."""

from pathlib import Path

from search.latent.compare import Compared, Method
from search.latent.export.sheet import Sheet
from search.latent.export.write import write_pictures
from search.latent.map import LatentMap, Point


def write_compared(found: Compared, file: Path) -> None:
    """Write the maps side by side, each under its method and trustworthiness.

    :raises InvalidInputError: For a file that is neither .png nor .svg.
    :raises NotConfiguredError: Without matplotlib.
    """
    write_pictures([_sheet(found, one) for one in found.methods], file)


def _sheet(found: Compared, one: Method) -> Sheet:
    places = zip(found.ids, one.coords.tolist(), found.texts, found.sources, one.shares.tolist(), strict=True)
    points = tuple(
        Point(passage_id, x, y, text, source, trust=trust, color=Path(source).parent.name)
        for passage_id, (x, y), text, source, trust in places
    )
    drawn = LatentMap(one.method, found.seed, "", one.trustworthiness, found.passages, points)
    trust = "" if one.trustworthiness is None else f": trustworthiness {one.trustworthiness:.2f}"
    return Sheet.of(drawn, f"{one.method}{trust}")
