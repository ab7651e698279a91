"""Collections, files and upkeep, by way of a server."""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from ingest.estimate import Estimate
from ingest.report import Progress, Report
from ingest.sync import Wish
from search.errors import InvalidInputError
from search.heard import Heard, unheard
from search.opened import DEFAULT_COLLECTION
from search.settings import LOCAL
from search.store.backup import Backup
from search.store.doctor import Check
from search.store.purge import Purged
from search.store.reindex import Reindexed
from search.store.transfer import Transferred
from search.types import CollectionInfo
from ui.remote.listing import Listing
from ui.remote.wire import RemoteError, Wire, within

if TYPE_CHECKING:
    from search.evaluate.keep import AnyCard

POLL_SECONDS = 0.2
_PATH = "/api/collections"
_SENDINGS = "/api/sendings"


class Upkeep(Wire):
    """The verbs of a service that look after a data folder."""

    def collections(self) -> list[CollectionInfo]:
        """Return all collections."""
        found: dict[str, list[CollectionInfo]] = self.read("GET", _PATH, dict[str, list[CollectionInfo]])
        return found["collections"]

    def show(self, collection: str | None = None) -> CollectionInfo:
        """Return one collection."""
        return self.had(within(_PATH, self.resolve(collection)), CollectionInfo)

    def drop(self, collection: str) -> CollectionInfo:
        """Remove a collection."""
        found = self.read("DELETE", within(_PATH, collection), dict[str, CollectionInfo], patient=True)
        return found["dropped"]

    def resolve(self, collection: str | None) -> str:
        """Return the collection that is meant when none is named."""
        if collection is not None:
            return collection
        names = [info.name for info in self.collections()]
        return names[0] if len(names) == 1 else DEFAULT_COLLECTION

    def take_in(self, collection: str, wish: Wish, heard: Callable[[Progress], None]) -> Report:
        """Have the server read files of this machine, or send them where it is elsewhere; an interrupt cancels it."""
        # Before anything is begun: Python ends by the signal itself where an interrupt comes while a class is made.
        _ = self._shapes
        if not self.is_here:
            return self._send(collection, wish, heard)
        return self._done(self.json("POST", "/api/ingest", self._intake(collection, wish))["id"], heard)

    @cached_property
    def _shapes(self) -> tuple[TypeAdapter[Progress], TypeAdapter[Report]]:
        return TypeAdapter(Progress), TypeAdapter(Report)

    def _send(self, collection: str, wish: Wish, heard: Callable[[Progress], None]) -> Report:
        listing = Listing(wish.paths)
        while True:
            body = {**self._how(collection, wish), "roots": listing.roots, "files": listing.files()}
            asked = self.json("POST", _SENDINGS, body, patient=True)
            place = within(_SENDINGS, asked["id"])
            try:
                listing.answered(asked)
                for pieces in listing.pieces(asked["missing"], heard):
                    self.json("PUT", place, {"pieces": pieces}, patient=True)
                job = self.json("POST", place)["id"]
            except BaseException:
                with suppress(RemoteError):
                    self.json("DELETE", place)
                raise
            listing.add(self._done(job, heard))
            if asked["is_whole"]:
                return listing.report(collection)

    def _done(self, job: str, heard: Callable[[Progress], None]) -> Report:
        """Return what a job did, once it is done; to leave cancels it."""
        progress, report = self._shapes
        try:
            while True:
                found = self.json("GET", f"/api/jobs/{job}")
                if found["progress"]:
                    heard(progress.validate_python(found["progress"]))
                if found["status"] not in {"waiting", "running"}:
                    break
                time.sleep(POLL_SECONDS)
        except BaseException:
            with suppress(RemoteError):
                self.json("DELETE", f"/api/jobs/{job}")
            raise
        if found["status"] == "failed":
            raise RemoteError(found["error"], found["kind"])
        if found["status"] != "done":
            raise RemoteError("the server cancelled the ingest; what was done so far is kept")
        return report.validate_python(found["report"])

    def estimate(self, collection: str, wish: Wish) -> Estimate:
        """Return what that would do and cost."""
        if not self.is_here:
            raise InvalidInputError(
                f"--dry-run reads the files where the collection is, and {self.url} has them not: "
                "run it there, or set a limit by --max-tokens or --max-cost"
            )
        return self.post("/api/ingest/estimate", self._intake(collection, wish), Estimate, patient=True)

    def checks(self, *, embed: bool = False) -> tuple[Check, ...]:
        """Look whether the data folder is well, and return what was found."""
        found = self.json("GET", f"/api/doctor{'?embed=true' if embed else ''}", patient=True)
        return TypeAdapter(tuple[Check, ...]).validate_python(found["checks"])

    def reindex(self, collection: str | None = None, heard: Heard = unheard, *, fresh: bool = False) -> Reindexed:
        """Write a collection anew, with the server's embedder."""
        path = f"{within(_PATH, self.resolve(collection))}/reindex"
        return self.told(path, {"fresh": True} if fresh else {}, Reindexed, heard)

    def export(self, file: Path, collection: str | None = None) -> Transferred:
        """Write a collection with its vectors into a file of this machine."""
        info = self.show(collection)
        self.download(f"{within(_PATH, info.name)}/export?{self.asked(suffix=file.suffix)}", file)
        return Transferred(info.name, str(file), info.embedder, info.passages, info.sources)

    def import_(self, file: Path, collection: str | None = None) -> Transferred:
        """Take a file that was exported into a collection."""
        path = f"{within(_PATH, collection or DEFAULT_COLLECTION)}/import"
        return self.post(path, {"path": self.here(file)}, Transferred, patient=True)

    def back_up(self, file: Path) -> Backup:
        """Write the whole store into one file of this machine."""
        size = self.download("/api/backup", file)
        infos = self.collections()
        return Backup(str(file), len(infos), sum(info.passages for info in infos), size)

    def purge(self, source: str, collection: str | None = None) -> Purged:
        """Remove a source from every file of the data folder."""
        return self.post("/api/purge", {"source": source, "collection": collection}, Purged, patient=True)

    def evaluate(self, path: Path | None = None, collection: str | None = None, heard: Heard = unheard) -> "AnyCard":
        """Judge the search by a file or folder that the server can read, or a collection itself."""
        # Who judges nothing need not wait for what it imports.
        from search.evaluate.keep import card_of  # noqa: PLC0415

        body = {"path": self.here(path) if path else None, "collection": collection}
        return card_of(self.told("/api/eval", body, dict[str, Any], heard))

    def _intake(self, collection: str, wish: Wish) -> dict[str, Any]:
        return {"paths": [self.here(path) for path in wish.paths], **self._how(collection, wish)}

    def _how(self, collection: str, wish: Wish) -> dict[str, Any]:
        return {
            "collection": collection,
            "kind": wish.options.kind,
            "text": list(wish.options.text),
            "meta": list(wish.options.meta),
            "prune": wish.prune,
            "keep_going": wish.keep_going,
            "max_tokens": wish.budget.tokens,
            "max_cost": None if wish.budget.usd == math.inf else wish.budget.usd,
            "embedder": None if self.settings.embedder == LOCAL else self.settings.embedder,
        }
