"""The charts that browsers have asked for, each for as long as its map and its collection stay as they are."""

from collections import OrderedDict
from contextlib import suppress
from threading import Lock

from search.errors import NearhoodError
from search.latent.keep import versions
from search.service import Service
from search.store.collection import Collection
from ui.web.chart import Chart

MOST_KEPT = 4


class StaleMapError(NearhoodError):
    """What is asked for is of a map that has changed since."""

    status = 409

    def __init__(self) -> None:
        super().__init__("this map has changed since: draw the new one")


class Charts:
    """Makes charts, and remembers the last few."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept: OrderedDict[str, Chart] = OrderedDict()
        self._making = Lock()

    def of(self, collection: str) -> Chart:
        """Return the chart of a collection's map as it stands now.

        :raises NotFoundError: When it has no map yet.
        """
        # Two tabs that ask at once are not made for twice.
        with self._making:
            found = self._service.store.collection(collection)
            edition = _edition(found)
            if edition not in self._kept:
                standing = self._service.kept_map(collection)
                self._kept[edition] = Chart.of(edition, found, standing)
                if len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(edition)
            return self._kept[edition]

    def at(self, collection: str, edition: str) -> Chart:
        """Return a chart that was handed out, if it still is what it was.

        :raises StaleMapError: When the map or its collection has changed, or it is another collection's.
        """
        found = self._service.store.collection(collection)
        if edition != _edition(found):
            raise StaleMapError
        return self.of(collection)


def _edition(collection: Collection) -> str:
    newest = versions(collection.derived.maps)[-1:]
    written = 0
    # It may go meanwhile.
    with suppress(OSError):
        # Clusters of a version may be named anew.
        written = (collection.derived.maps / f"{newest[0]}.json").stat().st_mtime_ns if newest else 0
    return f"{collection.row.number}.{collection.row.version}.{written}"
