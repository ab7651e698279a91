"""The library: embeds, stores, ranks and maps; knows no file formats and no surfaces.

`connect` opens a data folder; what it returns has the verbs of the command line. Lists, comparisons and maps show
themselves in a notebook. Nothing heavy is imported before it is used.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from search.errors import NearhoodError as NearhoodError
    from search.retrieve.options import Options as Options
    from search.service import Service as Service
    from search.settings import Settings as Settings

__all__ = ["NearhoodError", "Options", "Service", "Settings", "connect"]
_PLACES = {
    "NearhoodError": "search.errors",
    "Options": "search.retrieve.options",
    "Service": "search.service",
    "Settings": "search.settings",
}


def connect(data: str | Path | None = None) -> "Service":
    """Return the library on a data folder; close it, or use it in a `with`, since a folder has one owner.

    :param data: The folder; None for the one of the environment, which is the command line's.
    :raises StoreBusyError: When another process has it.
    """
    from dataclasses import replace  # noqa: PLC0415 - who imports a submodule need not wait for it

    from search.service import Service  # noqa: PLC0415
    from search.settings import Settings, folder  # noqa: PLC0415

    settings = Settings.from_environment()
    return Service(settings if data is None else replace(settings, data=folder(data)), "python")


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's names are of any type
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
