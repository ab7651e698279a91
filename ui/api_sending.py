"""REST for the files of a client's machine: named first, and then sent as far as they are not here."""

import secrets
from threading import Lock

from fastapi import APIRouter

from ingest.report import Report
from ingest.sent import Listed, Sending, begin, settle
from search.errors import NotFoundError, ReplicaError
from search.service import DEFAULT_COLLECTION, Service
from ui.jobs import Heard, Job, Jobs
from ui.replies import Awaited, Received, Released
from ui.shapes import Name, Pieces, Sent
from ui.uploads import Brought

SENDINGS = "/api/sendings"
MOST_KEPT = 8
"""Begun, and not taken in yet; of more, the oldest is let go, as its files are."""


class _Kept:
    """What was begun, by its id."""

    def __init__(self) -> None:
        self._sendings: dict[str, Sending] = {}
        self._lock = Lock()

    def add(self, sending: Sending) -> str:
        name = secrets.token_hex(16)
        with self._lock:
            self._sendings[name] = sending
            for old in list(self._sendings)[:-MOST_KEPT]:
                del self._sendings[old]
        return name

    def get(self, name: str) -> Sending:
        with self._lock:
            if name not in self._sendings:
                raise NotFoundError("these files are not here any more: begin again")
            return self._sendings[name]

    def take(self, name: str) -> Sending:
        found = self.get(name)
        with self._lock:
            self._sendings.pop(name, None)
        return found


def sending_routes(router: APIRouter, service: Service, jobs: Jobs, brought: Brought) -> None:
    """Add the routes."""
    kept = _Kept()

    @router.post("/sendings", status_code=201)
    def name_all(asked: Sent) -> Awaited:
        """Name files of the client's machine, and return which of them are not here; of all others nothing is sent."""
        if service.settings.replica:
            raise ReplicaError
        wish = asked.wish((), service)
        listed = [Listed(one.name, one.sha256, one.bytes) for one in asked.files]
        name = asked.collection or DEFAULT_COLLECTION
        found = begin(brought.uploads, service.store, name, wish, asked.roots, listed)
        return {
            "id": kept.add(found),
            "missing": [*found.missing],
            "is_whole": found.is_whole,
            "refused": {**found.refused},
            "gone": [*found.gone],
        }

    @router.put("/sendings/{sending}")
    def receive(sending: Name, came: Pieces) -> Received:
        """Take pieces of files: each follows the one before, and one at 0 begins its file anew."""
        found = kept.get(sending)
        if any(piece.name not in found.missing for piece in came.pieces):
            raise NotFoundError("one of these files was not asked for")
        for piece in came.pieces:
            brought.uploads.write(found.batch, piece.name, piece.start, piece.content)
        return {"bytes": sum(len(piece.content) for piece in came.pieces)}

    @router.post("/sendings/{sending}", status_code=202)
    def take_in(sending: Name) -> Job:
        """Take in what was named, as a job, once all that was asked for is here."""
        found = kept.get(sending)

        def work(heard: Heard) -> Report:
            return settle(brought.uploads, service.store, service.embedder, found, heard)

        # Where too many wait already, it stays, to be asked for again.
        job = jobs.start(found.collection, work)
        kept.take(sending)
        return job

    @router.delete("/sendings/{sending}")
    def release(sending: Name) -> Released:
        """Let go of what was sent."""
        brought.uploads.discard(kept.take(sending).batch)
        return {"released": sending}
