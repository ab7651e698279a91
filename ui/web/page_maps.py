"""What the routes and the tab of maps share."""

from search.service import Service
from ui.web.colorings import Colorings
from ui.web.drawings import Drawings
from ui.web.map_charts import Charts
from ui.web.selections import Selections


class PageMaps:
    """The maps of one server's page."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.charts = Charts(service)
        self.colorings = Colorings(service)
        self.selections = Selections()
        self.drawings = Drawings(service)
