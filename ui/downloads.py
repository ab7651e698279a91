"""Files that are made for one answer, and are gone once they were sent."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from search.store.held import ASIDE

DATABASE, PARQUET, LINES = "application/vnd.sqlite3", "application/vnd.apache.parquet", "application/x-ndjson"
_SUFFIXES = {".jsonl": LINES, ".parquet": PARQUET, ".sqlite": DATABASE}


def sent(name: str, write: Callable[[Path], object], data: Path) -> FileResponse:
    """Return a file of a name that `write` makes.

    :param data: The data folder, in which it stands for as long; whoever opens that next removes what was left.
    """
    place = Path(tempfile.mkdtemp(dir=data, prefix=ASIDE))
    try:
        write(place / name)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    gone = BackgroundTask(shutil.rmtree, place, ignore_errors=True)
    return FileResponse(place / name, media_type=_SUFFIXES[Path(name).suffix], filename=name, background=gone)
