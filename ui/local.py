"""The verbs of a service with a data folder of this process's own, those that read files among them."""

from collections.abc import Callable

from ingest.engines import open_engine
from ingest.estimate import Estimate, estimate
from ingest.report import Progress, Report
from ingest.sync import Wish, sync
from search.service import Service


class Local(Service):
    """What commands work with, as `Remote` is where a server has the folder."""

    def take_in(self, collection: str, wish: Wish, heard: Callable[[Progress], None]) -> Report:
        """Take files and folders into a collection."""
        # First: where a server has it, what is wrong with this process's own embedder is of no concern.
        store = self.store
        engine = open_engine(self.settings.engine, self.embedder, self.settings)
        return sync(store, self.embedder, collection, wish, heard, engine)

    def estimate(self, collection: str, wish: Wish) -> Estimate:
        """Return what that would do and cost."""
        return estimate(self.store, self.embedder, collection, wish)
