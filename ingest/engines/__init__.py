"""Where files are read and texts embedded."""

from typing import cast

from ingest.engines.base import Engine
from search.embedders.base import Embedder
from search.registry import Table
from search.settings import Settings

ENGINES = Table(
    "engine", "nearhood.engines", {"local": "ingest.engines.local:open_local", "ray": "ingest.engines.ray:RayEngine"}
)


def open_engine(name: str, embedder: Embedder, settings: Settings) -> Engine:
    """Return the engine of a name; it does nothing before it is entered.

    :raises UnknownNameError: For one that is not known.
    """
    return cast("Engine", ENGINES.load(name)(embedder, settings))
