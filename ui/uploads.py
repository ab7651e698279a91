"""Files that programs bring to the server, in one request."""

from collections.abc import Sequence
from threading import Lock
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Form, UploadFile

from ingest.document import Kind
from ingest.document import Options as Reading
from ingest.embed import Budget
from ingest.sync import Wish, sync
from ingest.uploads import Limits, Uploads
from search.errors import InvalidInputError
from search.prices import load
from search.service import DEFAULT_COLLECTION, Service
from search.store.store import check_name
from ui.jobs import Job, Jobs
from ui.shapes import Name

UPLOAD = "/api/upload"
_PIECE = 2**20


class Brought:
    """What was brought to one server; opened late, since that opens the data folder."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._opened: Uploads | None = None
        self._lock = Lock()

    @property
    def uploads(self) -> Uploads:
        """The files, of pages and of programs."""
        with self._lock:
            if self._opened is None:
                most = self._service.settings.upload_bytes
                self._opened = Uploads(self._service.store, Limits(most, max(most, 2**30)))
            return self._opened


def upload_routes(router: APIRouter, service: Service, jobs: Jobs, brought: Brought) -> None:
    """Add the route."""

    @router.post(UPLOAD.removeprefix("/api"), status_code=202)
    def upload(
        files: list[UploadFile],
        collection: Annotated[Name | None, Form()] = None,
        kind: Annotated[Kind | None, Form()] = None,
        text: Annotated[list[Name], Form()] = [],  # noqa: B006 - FastAPI copies it
        meta: Annotated[list[Name], Form()] = [],  # noqa: B006
    ) -> Job:
        """Take files in that the request brings, as a job. They stay under the data folder, by their names."""
        name = collection or DEFAULT_COLLECTION
        check_name(name)
        if len({one.filename for one in files}) < len(files):
            raise InvalidInputError("two files have the same name: give each its own")
        batch = _written(brought.uploads, [(one.filename or "", one.file) for one in files])
        reading = Reading(tuple(text), tuple(meta), kind)
        budget = Budget(prices=load(service.settings.prices))
        paths = brought.uploads.keep(batch, name)
        wish = Wish(paths, reading, budget=budget)
        return jobs.start(name, lambda heard: sync(service.store, service.embedder, name, wish, heard))


def _written(uploads: Uploads, files: Sequence[tuple[str, BinaryIO]]) -> str:
    """Keep files until they are taken in, and return their batch; all of them, or none."""
    batch = uploads.begin()
    try:
        for name, file in files:
            start = uploads.write(batch, name, 0, b"")
            while piece := file.read(_PIECE):
                start = uploads.write(batch, name, start, piece)
    except BaseException:
        uploads.discard(batch)
        raise
    return batch
