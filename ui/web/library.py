"""The routes behind the tab Library: pieces of HTML about collections, and what is done to them."""

import json
from collections.abc import Callable
from threading import Event

from anyio import create_task_group, sleep, to_thread
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse

from ingest.report import Progress
from search.errors import NearhoodError, NotFoundError
from search.evaluate.keep import save
from search.evaluate.known_item import evaluate_collection
from search.evaluate.shelf import Shelf
from search.latent.keep import latest
from search.latent.probes import names as probe_names
from search.prices import load
from search.retrieve.duplicates import duplicates as find_duplicates
from search.retrieve.variety import SAME
from search.service import Service
from search.store.reindex import reindex
from search.store.transfer import export
from ui.downloads import sent
from ui.jobs import CancelledWorkError, Heard, Job, Jobs
from ui.web import shelf
from ui.web.format import error

_PAIRS = 100
_LOOK_SECONDS = 0.25


def library(service: Service, jobs: Jobs) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/page", include_in_schema=False)
    _shown(router, service)
    _done(router, service, jobs)

    @router.get("/jobs/{name}")
    def job(name: str) -> Job:
        return jobs.get(name)

    @router.delete("/jobs/{name}", status_code=202)
    def cancel(name: str) -> Job:
        return jobs.cancel(name)

    return router


def _shown(router: APIRouter, service: Service) -> None:
    @router.get("/library", response_class=HTMLResponse)
    def collections(chosen: str = "") -> str:
        return shelf.shelf(service.collections(), chosen)

    @router.get("/library/{name}", response_class=HTMLResponse)
    def detail(name: str) -> str:
        number, sources = service.store.collection(name).row.number, service.store.sources
        return shelf.detail(service.show(name), sources.infos(number), sources.failures(number))

    @router.get("/library/{name}/card", response_class=HTMLResponse)
    def card(name: str) -> str:
        return kept_card(service, name)

    @router.get("/library/{name}/duplicates", response_class=HTMLResponse)
    async def duplicates(name: str, request: Request) -> str:
        gone = Event()

        def heard(_done: int, _of: int) -> None:
            if gone.is_set():
                raise CancelledWorkError("nobody waits for it any more")

        def made() -> str:
            return shelf.duplicates(find_duplicates(service.store.collection(name), SAME, _PAIRS, heard))

        async with create_task_group() as watching:
            watching.start_soon(_tell_when_gone, request, gone)
            shown = await to_thread.run_sync(_calmly, made)
            watching.cancel_scope.cancel()
        return shown

    @router.get("/library/{name}/drop", response_class=HTMLResponse)
    def dropping(name: str) -> str:
        return shelf.dropping(service.show(name), goes(service, name))

    @router.get("/library/{name}/export", response_class=FileResponse)
    def exported(name: str) -> FileResponse:
        service.show(name)
        return sent(f"{name}.jsonl", lambda file: export(service.store, name, file), service.store.folder)


def _done(router: APIRouter, service: Service, jobs: Jobs) -> None:
    @router.post("/library/{name}/card", status_code=202)
    def judge(name: str) -> Job:
        return jobs.start(name, lambda heard: _judge(service, name, heard))

    @router.post("/library/{name}/reindex", status_code=202)
    def renew(name: str) -> Job:
        return jobs.start(name, lambda heard: _reindex(service, name, heard))

    @router.delete("/library/{name}", response_class=HTMLResponse)
    def drop(name: str) -> str:
        gone = service.drop(name)
        return shelf.said(f"{gone.name} is gone", f"{gone.passages:,} passages and {gone.sources:,} sources went.")


async def _tell_when_gone(request: Request, gone: Event) -> None:
    """Set an event once the client has hung up."""
    while not await request.is_disconnected():
        await sleep(_LOOK_SECONDS)
    gone.set()


def kept_card(service: Service, name: str) -> str:
    """Return the report card of a collection as it was kept.

    :raises NotFoundError: When none was made.
    """
    found = service.store.collection(name)
    try:
        return shelf.card(json.loads(found.derived.card.read_text(encoding="utf-8")), len(found))
    except (OSError, ValueError, KeyError) as missing:
        raise NotFoundError(f"{name!r} has no report card yet") from missing


def goes(service: Service, name: str) -> dict[str, int]:
    """Return what goes with a collection beside its passages and sources, by its noun."""
    found = service.store.collection(name)
    files = found.files_folder
    return {
        "conversation": sum(info.turns > 0 for info in service.store.conversations.infos(name)),
        "map": latest(found.derived.maps) is not None,
        "probe": len(probe_names(found.derived.probes)),
        "file brought here": sum(path.is_file() for path in files.rglob("*")) if files.exists() else 0,
    }


def _judge(service: Service, name: str, heard: Heard) -> None:
    told = _told(heard)
    # As it is before: who purges meanwhile takes the card with it.
    derived = service.store.collection(name).derived
    made = evaluate_collection(Shelf(service.store, service.embedder, told), name)
    with derived.writing() as is_wanted:
        if is_wanted:
            derived.card.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            save(made, derived.card)


def _reindex(service: Service, name: str, heard: Heard) -> None:
    reindex(service.store, service.embedder, name, load(service.settings.prices), _told(heard))


def _told(heard: Heard) -> Callable[[int, int], None]:
    def told(done: int, of: int) -> None:
        heard(Progress(sources=0, of_sources=1, bytes=done, of_bytes=of, passages=done))

    return told


def _calmly(make: Callable[[], str]) -> str:
    try:
        return make()
    except NearhoodError as raised:
        return error(raised)
