"""The command that speaks MCP over stdin and stdout."""

from argparse import Namespace
from importlib.util import find_spec

from ingest.report import Report
from ingest.sync import Wish, sync
from search.errors import NotConfiguredError
from search.service import Service
from ui.mcp_tools import Heard, TakeIn
from ui.remote import Remote

DONE = 0


def here(service: Service, given: Namespace) -> int:
    """Offer the tools on a data folder of this process's own."""

    def take_in(name: str, wish: Wish, heard: Heard) -> Report:
        return sync(service.store, service.embedder, name, wish, heard)

    # A folder that another process holds is said before a client waits for it.
    _ = service.store
    return _run(service, take_in, given)


def through(service: Remote, given: Namespace) -> int:
    """Offer the tools by way of a server that has the data folder."""
    service.collections()
    return _run(service, service.take_in, given)


def _run(service: Service | Remote, take_in: TakeIn, given: Namespace) -> int:
    if find_spec("mcp") is None:
        raise NotConfiguredError("MCP is not installed: run pip install 'nearhood[mcp]'")
    from ui.mcp import Offer, run_stdio, server  # noqa: PLC0415 - may not be installed

    run_stdio(server(Offer(service, take_in, given.allow_write)))
    return DONE
