"""REST for what looks after a data folder."""

from typing import Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from pydantic import Field

from search.heard import Heard
from search.service import Service
from search.settings import folder
from search.store.purge import Purged
from search.store.reindex import Reindexed
from search.store.transfer import Transferred
from ui import replies
from ui.downloads import DATABASE, LINES, PARQUET, sent
from ui.jobs import Jobs
from ui.shapes import Name, Shape
from ui.told import told

_CARD: TypeAlias = replies.RankingCard | replies.PairsCard
File = Annotated[str, Field(min_length=1, max_length=4_096)]


class Streamed(Shape):
    """Whether progress is told."""

    stream: bool = False


class Reindexing(Streamed):
    """What is written anew."""

    fresh: bool = False
    """Whether all texts of the embedder are embedded once more."""


class Source(Shape):
    """A source, in one collection or in all."""

    source: File
    collection: Name | None = None


class Judging(Shape):
    """A folder or file of this machine, or a collection, to judge the search by."""

    path: File | None = None
    collection: Name | None = None
    stream: bool = False


class Import(Shape):
    """A file of this machine that was exported."""

    path: File


def keeping_routes(router: APIRouter, service: Service, jobs: Jobs) -> None:
    """Add the routes."""

    @router.get("/doctor")
    def doctor(embed: bool = False) -> replies.Checked:  # noqa: FBT001, FBT002 - a query's parameter
        """Look whether the data folder is well; with `embed`, whether the model gives what it gave, too."""
        checks = service.checks(embed=embed)
        return {"ok": all(check.ok for check in checks), "checks": list(checks)}

    @router.post("/purge")
    def purge(asked: Source) -> Purged:
        """Remove a source from every file of the data folder."""
        return service.purge(asked.source, asked.collection)

    @router.get("/backup", response_class=FileResponse, responses=replies.binary(DATABASE))
    def backup() -> FileResponse:
        """Return the whole store as one file; put it as ledger.sqlite into an empty data folder to restore it."""
        return sent("ledger.sqlite", service.back_up, service.store.folder)

    exported = replies.binary(LINES, PARQUET)

    @router.get("/collections/{name}/export", response_class=FileResponse, responses=exported)
    def export(name: Name, suffix: Annotated[Literal[".jsonl", ".parquet"], Query()] = ".jsonl") -> FileResponse:
        """Return a collection's passages with their vectors."""
        service.show(name)
        return sent(f"{name}{suffix}", lambda file: service.export(file, name), service.store.folder)

    @router.post("/collections/{name}/import")
    def import_(name: Name, asked: Import) -> Transferred:
        """Take in a file of this machine that was exported."""
        return service.import_(folder(asked.path), name)

    @router.post("/collections/{name}/reindex", response_model=Reindexed, responses=replies.EVENTS)
    def reindex(name: Name, asked: Reindexing) -> Any:  # noqa: ANN401 - what was done, or a stream of events
        """Write a collection anew, with the configured embedder; with `stream`, as events."""
        service.show(name)

        def work(heard: Heard) -> Reindexed:
            # Vectors that another one has embedded and not yet taken up would go with those that are replaced.
            with jobs.turn():
                return service.reindex(name, heard, fresh=asked.fresh)

        return told(work, Reindexed, stream=asked.stream)

    @router.post("/eval", response_model=_CARD, responses=replies.EVENTS)
    def evaluate(asked: Judging) -> Any:  # noqa: ANN401 - a card, or a stream of events
        """Judge the search, and return the whole report card; with `stream`, as events."""
        path = folder(asked.path) if asked.path else None
        return told(
            lambda heard: service.evaluate(path, asked.collection, heard).to_json(),
            _CARD,
            stream=asked.stream,
        )
