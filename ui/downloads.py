"""Files that are made for one answer, and are gone once they were sent."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from anyio import CancelScope, to_thread
from fastapi.responses import FileResponse
from starlette.types import Receive, Scope, Send

from search.store.held import ASIDE

DATABASE, PARQUET, LINES = "application/vnd.sqlite3", "application/vnd.apache.parquet", "application/x-ndjson"
_SUFFIXES = {".jsonl": LINES, ".parquet": PARQUET, ".sqlite": DATABASE}
_OF_PARTS = {b"range", b"if-range"}


class Made(FileResponse):
    """A file that is sent as a whole, and gone however that ends.

    Not in parts: another request makes another file, and parts of two of them are none.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(file, media_type=_SUFFIXES[file.suffix], filename=file.name, headers={"accept-ranges": "none"})
        self._folder = file.parent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        headers = [(name, value) for name, value in scope["headers"] if name not in _OF_PARTS]
        try:
            await super().__call__({**scope, "headers": headers}, receive, send)
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(_remove, self._folder)


def sent(name: str, write: Callable[[Path], object], data: Path) -> Made:
    """Return a file of a name that `write` makes.

    :param data: The data folder, in which it stands for as long; whoever opens that next removes what was left.
    """
    place = Path(tempfile.mkdtemp(dir=data, prefix=ASIDE))
    try:
        write(place / name)
    except BaseException:
        _remove(place)
        raise
    return Made(place / name)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
