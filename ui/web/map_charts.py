"""The charts that browsers have asked for, each for as long as its map and its collection stay as they are."""

from collections import OrderedDict, defaultdict
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
        self._kept: OrderedDict[int, Chart] = OrderedDict()
        """One of each collection, by its number: each has the vectors of all of it."""
        self._making: defaultdict[int, Lock] = defaultdict(Lock)
        self._lock = Lock()

    def of(self, collection: str) -> Chart:
        """Return the chart of a collection's map as it stands now.

        :raises NotFoundError: When it has no map yet.
        """
        number = self._service.store.collection(collection).row.number
        # Two tabs that ask at once are not made for twice; who asks for another collection does not wait.
        with self.making(number):
            found = self._service.store.collection(collection)
            edition = _edition(found)
            chart = self._kept.get(number)
            if chart is None or chart.edition != edition:
                chart = Chart.of(edition, found, self._service.kept_map(collection))
            self._keep(number, chart)
            return chart

    def at(self, collection: str, edition: str) -> Chart:
        """Return a chart that was handed out, if it still is what it was.

        :raises StaleMapError: When the map or its collection has changed, or it is another collection's.
        """
        found = self._service.store.collection(collection)
        if edition != _edition(found):
            raise StaleMapError
        chart = self.of(collection)
        if chart.edition != edition:
            raise StaleMapError
        return chart

    def making(self, number: int) -> Lock:
        """Return the lock that is held while a chart of a collection is made, by the collection's number."""
        with self._lock:
            return self._making[number]

    def _keep(self, number: int, chart: Chart) -> None:
        with self._lock:
            self._kept[number] = chart
            self._kept.move_to_end(number)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


def _edition(collection: Collection) -> str:
    newest = versions(collection.derived.maps)[-1:]
    written = 0
    # It may go meanwhile.
    with suppress(OSError):
        # Clusters of a version may be named anew.
        written = (collection.derived.maps / f"{newest[0]}.json").stat().st_mtime_ns if newest else 0
    return f"{collection.row.number}.{collection.row.version}.{written}"
