"""Maps that are being fitted: one for each collection, with its progress; it can be cancelled."""

from dataclasses import asdict, dataclass
from threading import Event, Lock, Thread
from typing import Any, Literal

from search.errors import NearhoodError
from search.latent.fitted import Wish
from search.service import Service

STAGES = {
    "neighbours": "Comparing each passage with each",
    "clusters": "Looking for clusters",
    "layout": "Laying out",
    "seeds": "Laying out again from other seeds, to see what stays",
}


class CancelledDrawingError(NearhoodError):
    """Ends a fit from within; nothing of it is kept."""


@dataclass(slots=True)
class Drawing:
    """One map that is being fitted, or how that ended."""

    state: Literal["drawing", "done", "failed", "cancelled"] = "drawing"
    stage: str = STAGES["neighbours"]
    part: float = 0.0
    """How much of the stage is done, 0 to 1."""
    error: str | None = None


class Drawings:
    """Those of one server."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: dict[str, tuple[Drawing, Event]] = {}
        self._lock = Lock()

    def begin(self, collection: str, wish: Wish | None, *, refit: bool) -> dict[str, Any]:
        """Fit a map in the background, unless one of the collection is being fitted.

        :raises CollectionNotFoundError: When there is none of that name.
        """
        self._service.store.collection(collection)
        with self._lock:
            known = self._known.get(collection)
            if known is None or known[0].state != "drawing":
                known = self._known[collection] = (Drawing(), Event())
                work = (collection, wish, refit, *known)
                Thread(target=self._run, args=work, name=f"map-{collection}", daemon=True).start()
        return asdict(known[0])

    def of(self, collection: str) -> dict[str, Any] | None:
        """Return how far a collection's map is; None when none was begun."""
        known = self._known.get(collection)
        return None if known is None else asdict(known[0])

    def cancel(self, collection: str) -> None:
        """Have a fit end soon, if there is one."""
        known = self._known.get(collection)
        if known is not None:
            known[1].set()

    def _run(self, collection: str, wish: Wish | None, refit: bool, drawing: Drawing, stop: Event) -> None:  # noqa: FBT001
        def heard(stage: str, done: int, total: int) -> None:
            drawing.stage, drawing.part = STAGES.get(stage, stage), done / max(1, total)
            if stop.is_set():
                raise CancelledDrawingError("cancelled; the map is as it was")

        try:
            self._service.keep_map(collection, wish, refit=refit, heard=heard)
            drawing.state = "done"
        except CancelledDrawingError:
            drawing.state = "cancelled"
        except NearhoodError as error:
            drawing.error, drawing.state = " ".join(str(error).split()), "failed"
        except Exception as error:  # noqa: BLE001 - a fault of ours must not leave a map that is drawn for ever
            drawing.error, drawing.state = f"a fault of Nearhood's own: {type(error).__name__}", "failed"
