"""Work that outlasts a request: an ingest, one at a time, with its progress; it can be cancelled."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

from ingest.report import Progress, Report
from search.errors import NearhoodError, NotFoundError

MOST_KEPT = 100
MOST_WAITING = 100
Status = Literal["waiting", "running", "done", "failed", "cancelled"]
Heard = Callable[[Progress], None]
"""Called as work goes on; what it raises ends it."""
Work = Callable[[Heard], Report | None]


class JobNotFoundError(NotFoundError):
    """No job of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no job {name!r}: it ended long ago, or the server was started anew")


class TooManyJobsError(NearhoodError):
    """More work waits than is taken on."""

    status = 429

    def __init__(self) -> None:
        super().__init__(f"{MOST_WAITING} jobs are waiting: try again when some are done")


class CancelledWorkError(NearhoodError):
    """Ends an ingest from within; what it committed stays."""


@dataclass(slots=True)
class Job:
    """One piece of work."""

    id: str
    collection: str
    status: Status = "waiting"
    progress: Progress | None = None
    report: Report | None = None
    error: str | None = None
    kind: str | None = None
    """Of the error, as `NearhoodError.kind` has it."""


class Jobs:
    """Those of one server, the newest hundred of them."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._cancelled: set[str] = set()
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()

    def start(self, collection: str, work: Work) -> Job:
        """Begin some work in the background, behind what is being done.

        :raises TooManyJobsError: When too much waits already.
        """
        job = Job(secrets.token_hex(8), collection)
        with self._lock:
            if sum(each.status == "waiting" for each in self._jobs.values()) >= MOST_WAITING:
                raise TooManyJobsError
            self._jobs[job.id] = job
            for old in [j.id for j in self._jobs.values() if j.status not in {"waiting", "running"}][:-MOST_KEPT]:
                del self._jobs[old]
        threading.Thread(target=self._run, args=(job, work), name=f"job-{job.id}", daemon=True).start()
        return job

    def get(self, name: str) -> Job:
        """Return a job.

        :raises JobNotFoundError: When there is none of that name.
        """
        with self._lock:
            if name not in self._jobs:
                raise JobNotFoundError(name)
            return self._jobs[name]

    def all(self) -> list[Job]:
        """Return all, the oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def counts(self) -> dict[str, int]:
        """Return how many there are of each status."""
        found = [job.status for job in self.all()]
        return {status: found.count(status) for status in get_args(Status)}

    def cancel(self, name: str) -> Job:
        """Have a job end soon, one that waits at once; what it committed stays."""
        job = self.get(name)
        with self._lock:
            if job.status == "waiting":
                job.status = "cancelled"
            elif job.status == "running":
                self._cancelled.add(name)
        return job

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Do something that is no job in the block, behind what is being done."""
        with self._one_at_a_time:
            yield

    def _run(self, job: Job, work: Work) -> None:
        def heard(progress: Progress) -> None:
            job.progress = progress
            if job.id in self._cancelled:
                raise CancelledWorkError("cancelled; what was done so far is kept")

        with self._one_at_a_time:
            with self._lock:
                if job.status != "waiting":
                    return
                job.status = "running"
            try:
                job.report = work(heard)
                job.status = "done"
            except CancelledWorkError:
                job.status = "cancelled"
            except NearhoodError as error:
                job.error, job.kind = " ".join(str(error).split()), error.kind
                job.status = "failed"
            except Exception as error:  # noqa: BLE001 - a fault of ours must not leave a job that runs for ever
                job.error, job.kind = f"a fault of Nearhood's own: {type(error).__name__}", "internal"
                job.status = "failed"
            finally:
                self._cancelled.discard(job.id)
