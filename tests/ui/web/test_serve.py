"""Where the server listens."""

import socket

import pytest

from search.errors import InvalidInputError, NearhoodError
from search.service import Service
from search.settings import Settings
from ui.serve import serve


def _never(_: str) -> None:
    pytest.fail("it must not get ready")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "example.org", "::", ""])
def test_only_this_machine_is_served(settings: Settings, host: str) -> None:
    """Without a token, nobody else may reach the server."""
    with Service(settings, "test") as service, pytest.raises(InvalidInputError, match="beyond loopback"):
        serve(service, host, 7860, port_given=False, on_ready=_never)


def test_a_port_that_was_named_is_not_replaced(settings: Settings) -> None:
    """Who names a port wants that one: it is an error when it is in use."""
    with socket.create_server(("127.0.0.1", 0)) as holder, Service(settings, "test") as service:
        port = holder.getsockname()[1]
        with pytest.raises(NearhoodError, match=f"port {port} is in use"):
            serve(service, "127.0.0.1", port, port_given=True, on_ready=_never)
