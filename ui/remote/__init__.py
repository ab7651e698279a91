"""The verbs of a service that runs in another process: the same objects, over HTTP."""

from ui.remote.asking import Questions
from ui.remote.finding import Finding
from ui.remote.keeping import Upkeep
from ui.remote.latent import Latent
from ui.remote.wire import RemoteError

__all__ = ["Remote", "RemoteError"]


class Remote(Finding, Questions, Latent, Upkeep):
    """A server's address, with the verbs of `Local`, so that a command need not know which of the two it has."""
