"""The command that speaks MCP over stdin and stdout."""

from argparse import Namespace
from importlib.util import find_spec

from search.errors import NotConfiguredError
from ui.local import Local
from ui.remote import Remote

DONE = 0


def run(service: Local | Remote, given: Namespace) -> int:
    """Offer the tools until the client ends."""
    if find_spec("mcp") is None:
        raise NotConfiguredError("MCP is not installed: run pip install 'nearhood[mcp]'")
    from ui.mcp import Offer, run_stdio, server  # noqa: PLC0415 - may not be installed

    # What is wrong with the data folder, or the way to it, is said before a client waits for it.
    service.collections()
    run_stdio(server(Offer(service, service.take_in, given.allow_write)))
    return DONE
