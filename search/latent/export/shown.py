"""A map as notebooks show it: a still picture, and in words how far to believe it."""

from base64 import b64encode
from html import escape
from io import BytesIO

from search.errors import NotConfiguredError
from search.latent.export import figure
from search.latent.export.write import titled
from search.latent.map import LatentMap

_PLANE = 2


def shown(drawn: LatentMap) -> str:
    """Return a map as HTML that holds its picture; without matplotlib, or in three dimensions, the words alone."""
    return f"<figure>{_picture(drawn)}<figcaption>{_words(drawn)}</figcaption></figure>"


def _picture(drawn: LatentMap) -> str:
    if drawn.dims > _PLANE:
        return ""
    file = BytesIO()
    try:
        figure.pictures(file, [titled(drawn)], "png")
    except NotConfiguredError as error:
        return f"<p>{escape(str(error))}</p>"
    data = b64encode(file.getvalue()).decode()
    return f'<img alt="{escape(_about(drawn))}" style="max-width:100%;width:40em" src="data:image/png;base64,{data}">'


def _words(drawn: LatentMap) -> str:
    clusters = "".join(
        f"<li>{escape(one.label)}: {one.size:,} passages, stability {one.stability:.2f}</li>" for one in drawn.clusters
    )
    return f"{escape(_about(drawn))}<ul>{clusters}</ul>"


def _about(drawn: LatentMap) -> str:
    known = {
        "trustworthiness": drawn.trustworthiness,
        "continuity": drawn.continuity,
        "true neighbours kept": drawn.knn_recall,
    }
    measured = [f"{name} {value:.2f}" for name, value in known.items() if value is not None]
    return ", ".join([f"{len(drawn.points):,} passages by {drawn.method}, seed {drawn.seed}", *measured])
