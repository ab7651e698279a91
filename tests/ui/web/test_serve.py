"""Where the server listens."""

import signal
import socket
import subprocess
import sys

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


BUSY = """
import os, signal, sys, threading, time
from pathlib import Path
from search.service import Service
from search.settings import Settings
from ui.serve import serve

threading.Thread(target=time.sleep, args=(3_600,)).start()
with Service(Settings(data=Path(sys.argv[1]), cache=Path(sys.argv[2])), "serve") as service:
    serve(service, "127.0.0.1", 0, port_given=True, on_ready=lambda _: os.kill(os.getpid(), signal.SIGTERM))
"""


def test_it_ends_in_the_middle_of_what_cannot_be_interrupted(settings: Settings) -> None:
    """A map that is being fitted, say: the process does not wait for that thread, and gives the folder back."""
    command = [sys.executable, "-c", BUSY, str(settings.data), str(settings.cache)]
    done = subprocess.run(command, timeout=300, check=False)
    assert done.returncode in {-signal.SIGTERM, 128 + signal.SIGTERM}
    with Service(settings, "test") as service:
        assert service.store.names() == []
