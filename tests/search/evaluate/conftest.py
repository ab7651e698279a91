"""A service with a shelf."""

from collections.abc import Iterator

import pytest

from search.evaluate.shelf import Shelf
from search.service import Service
from search.settings import Settings


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """The local model over an empty data folder."""
    with Service(settings, "test") as service:
        yield service


@pytest.fixture
def shelf(service: Service) -> Shelf:
    """A shelf of that service."""
    return Shelf(service.store, service.embedder)
