"""Data folders that hold collections from the start: taken in once by each worker, and copied after that."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ingest.document import Kind, Options
from ingest.sync import Wish, sync
from search.service import Service
from search.settings import Settings


class Taken(NamedTuple):
    """A collection, and what is taken into it."""

    name: str
    path: Path
    kind: Kind | None = None
    text: tuple[str, ...] = ()
    """Columns or fields that are the text."""


class Prepared:
    """What was taken in so far."""

    def __init__(self, folder: Path) -> None:
        """:param folder: Where the originals are kept, closed."""
        self._folder = folder
        self._originals: dict[tuple[object, ...], Path] = {}

    def __call__(self, settings: Settings, *collections: Taken) -> None:
        """Make the settings' data folder, which is not there yet or empty, by their embedder."""
        key = (settings.embedder, *collections)
        if key not in self._originals:
            data = self._folder / str(len(self._originals))
            with Service(replace(settings, data=data), "test") as service:
                for name, path, kind, text in collections:
                    wish = Wish([path], Options(kind=kind, text=text))
                    assert sync(service.store, service.embedder, name, wish).failed == ()
            self._originals[key] = data
        shutil.copytree(self._originals[key], settings.data, dirs_exist_ok=True)
