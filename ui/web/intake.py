"""Taking things in by the page: files are brought in pieces, a receipt says what it would cost, then a job does it."""

from dataclasses import dataclass, replace
from threading import Lock
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from pydantic import Field

from ingest.document import Kind
from ingest.document import Options as Reading
from ingest.embed import Budget
from ingest.estimate import Estimate, estimate
from ingest.report import Progress, Report
from ingest.sync import Wish, sync
from ingest.uploads import Uploads
from search.errors import InvalidInputError, NotFoundError
from search.prices import load
from search.service import Service
from ui.hosts import is_loopback
from ui.jobs import Heard, Job, Jobs, Work
from ui.shapes import Name, Shape
from ui.uploads import Brought
from ui.web import receipt

MOST_PLANS = 50


class Planned(Shape):
    """What somebody would like to take in: files that were brought, or a path of this machine."""

    collection: Name
    kind: Kind | None = None
    batch: Name | None = None
    path: Annotated[str, Field(max_length=4_096)] = ""


@dataclass(slots=True)
class _Plan:
    """A wish, from its dry run to its end."""

    collection: str
    wish: Wish
    batch: str | None
    estimate: Estimate | None = None
    job: str = ""
    """The dry run's, and then that of the work itself."""


class Plans:
    """What people are about to take in, by the job that looked at it."""

    def __init__(self, service: Service, jobs: Jobs, brought: Brought) -> None:
        self._service, self._jobs, self._brought = service, jobs, brought
        self._plans: dict[str, _Plan] = {}
        self._lock = Lock()

    @property
    def uploads(self) -> Uploads:
        """The files that are brought."""
        return self._brought.uploads

    def look(self, planned: Planned) -> Job:
        """Begin a dry run."""
        reading = Reading(kind=planned.kind)
        budget = Budget(prices=load(self._service.settings.prices))
        wish = Wish([planned.path.strip()] if planned.path.strip() else [], reading, keep_going=True, budget=budget)
        if not wish.paths and not planned.batch:
            raise InvalidInputError("there is nothing to take in: choose files, or name a folder")
        plan = _Plan(planned.collection, wish, None if wish.paths else planned.batch)
        plan.job = self._start(plan, self._looking(plan)).id
        with self._lock:
            self._plans[plan.job] = plan
            for old in list(self._plans)[:-MOST_PLANS]:
                del self._plans[old]
        return self._jobs.get(plan.job)

    def begin(self, name: str) -> Job:
        """Begin what a dry run was about; once only."""
        plan = self.get(name)
        if plan.estimate is None or plan.job != name:
            raise InvalidInputError("this was begun already, or was not looked at yet: choose the files again")
        job = self._start(plan, self._working(plan))
        plan.job = job.id
        return job

    def cancel(self, name: str) -> None:
        """Stop what is going on, and let files go that were not taken in."""
        plan = self.get(name)
        self._jobs.cancel(plan.job)
        if plan.batch:
            self.uploads.discard(plan.batch)

    def shown(self, name: str) -> str:
        """Return the receipt, or the report once the work is done, or why there is neither."""
        plan = self.get(name)
        job = self._jobs.get(plan.job)
        if job.status in {"waiting", "running"}:
            return ""
        if job.error is not None:
            return receipt.failed(job.error)
        if plan.job == name:
            return receipt.receipt(plan.estimate, plan.collection) if plan.estimate else receipt.stopped(None)
        if job.report is None:
            return receipt.stopped(job.progress)
        return receipt.report(job.report, plan.collection, self._service.embedder.id)

    def get(self, name: str) -> _Plan:
        """Return a plan by the job that looked at it.

        :raises NotFoundError: When there is none.
        """
        with self._lock:
            if name not in self._plans:
                raise NotFoundError("this is not known any more: choose the files again")
            return self._plans[name]

    def _start(self, plan: _Plan, work: Work) -> Job:
        return self._jobs.start(plan.collection, work)

    def _looking(self, plan: _Plan) -> Work:
        store, embedder = self._service.store, self._service.embedder

        def look(heard: Heard) -> None:
            if plan.batch:
                plan.estimate = self.uploads.look(plan.batch, embedder, plan.collection, plan.wish, heard)
            else:
                plan.estimate = estimate(store, embedder, plan.collection, plan.wish, heard)
            # A cancellation that came at the very end counts, too.
            heard(Progress(1, 1, 1, 1, plan.estimate.passages))

        return look

    def _working(self, plan: _Plan) -> Work:
        service = self._service

        def work(heard: Heard) -> Report:
            heard(Progress(0, 1, 0, 1, 0))
            if not plan.batch:
                return sync(service.store, service.embedder, plan.collection, plan.wish, heard)
            bad = plan.estimate.failed if plan.estimate else ()
            paths = self.uploads.keep(plan.batch, plan.collection, [one.source for one in bad])
            done = sync(service.store, service.embedder, plan.collection, replace(plan.wish, paths=paths), heard)
            return replace(done, failed=(*bad, *done.failed))

        return work


def intake(service: Service, jobs: Jobs, brought: Brought) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/page/intake", include_in_schema=False)
    plans = Plans(service, jobs, brought)

    @router.post("/files", status_code=201)
    def begin_files() -> dict[str, str]:
        return {"batch": plans.uploads.begin()}

    @router.put("/files/{batch}")
    async def write(
        batch: str, request: Request, name: Annotated[str, Query(max_length=4_096)], start: Annotated[int, Query(ge=0)]
    ) -> dict[str, int]:
        # How much a request may bring is bounded before it comes here.
        piece = await request.body()
        return {"bytes": await run_in_threadpool(plans.uploads.write, batch, name, start, piece)}

    @router.post("", status_code=202)
    def look(planned: Planned, request: Request) -> Job:
        if planned.path.strip() and not is_loopback(request.client.host if request.client else ""):
            raise InvalidInputError("a folder can be named on the machine that serves alone: choose files instead")
        return plans.look(planned)

    @router.get("/{name}", response_class=HTMLResponse)
    def shown(name: str) -> str:
        return plans.shown(name)

    @router.post("/{name}", status_code=202)
    def begin(name: str) -> Job:
        return plans.begin(name)

    @router.delete("/{name}", status_code=202)
    def cancel(name: str) -> Literal["cancelled"]:
        plans.cancel(name)
        return "cancelled"

    return router
