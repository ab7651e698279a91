"""The library: embeds, stores, ranks and maps; knows no file formats and no surfaces.

    from search import Service

    with Service.at() as notes:
        notes.search("why do banks fail")

What stands here is imported when it is first asked for, so that ``import search`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from search.errors import NearhoodError
    from search.latent.fitted import Wish
    from search.latent.map import LatentMap
    from search.retrieve.caution import cautions
    from search.retrieve.options import Options
    from search.service import Service
    from search.settings import Settings
    from search.types import Hit, HitList, Passage
    from search.vectors import cosine, cosine_matrix

__all__ = [
    "Hit",
    "HitList",
    "LatentMap",
    "NearhoodError",
    "Options",
    "Passage",
    "Service",
    "Settings",
    "Wish",
    "cautions",
    "cosine",
    "cosine_matrix",
]

_HOMES = {
    "Hit": "search.types",
    "HitList": "search.types",
    "LatentMap": "search.latent.map",
    "NearhoodError": "search.errors",
    "Options": "search.retrieve.options",
    "Passage": "search.types",
    "Service": "search.service",
    "Settings": "search.settings",
    "Wish": "search.latent.fitted",
    "cautions": "search.retrieve.caution",
    "cosine": "search.vectors",
    "cosine_matrix": "search.vectors",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever stands there
    if name not in _HOMES:
        raise AttributeError(f"module 'search' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
