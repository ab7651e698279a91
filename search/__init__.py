"""The library: embeds, stores, ranks and maps; knows no file formats and no surfaces.

    from search import Service

    with Service.at() as notes:
        notes.search("why do banks fail")
        notes.answer("Why do banks fail?")

What stands here is imported when it is first asked for, so that ``import search`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from search.chat.events import Asking
    from search.errors import NearhoodError
    from search.latent.fitted import Wish
    from search.latent.map import LatentMap
    from search.latent.probes import Examples
    from search.retrieve.caution import cautions
    from search.retrieve.options import Options, Term
    from search.retrieve.where import parse as where
    from search.service import Service
    from search.settings import Settings
    from search.types import Answer, Comparison, Hit, HitList, Passage
    from search.vectors import cosine, cosine_matrix

__all__ = [
    "Answer",
    "Asking",
    "Comparison",
    "Examples",
    "Hit",
    "HitList",
    "LatentMap",
    "NearhoodError",
    "Options",
    "Passage",
    "Service",
    "Settings",
    "Term",
    "Wish",
    "cautions",
    "cosine",
    "cosine_matrix",
    "where",
]

_HOMES = {
    "Answer": "search.types:Answer",
    "Asking": "search.chat.events:Asking",
    "Comparison": "search.types:Comparison",
    "Examples": "search.latent.probes:Examples",
    "Hit": "search.types:Hit",
    "HitList": "search.types:HitList",
    "LatentMap": "search.latent.map:LatentMap",
    "NearhoodError": "search.errors:NearhoodError",
    "Options": "search.retrieve.options:Options",
    "Passage": "search.types:Passage",
    "Service": "search.service:Service",
    "Settings": "search.settings:Settings",
    "Term": "search.retrieve.options:Term",
    "Wish": "search.latent.fitted:Wish",
    "cautions": "search.retrieve.caution:cautions",
    "cosine": "search.vectors:cosine",
    "cosine_matrix": "search.vectors:cosine_matrix",
    "where": "search.retrieve.where:parse",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever stands there
    if name not in _HOMES:
        raise AttributeError(f"module 'search' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
