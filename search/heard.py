"""How work that takes a while tells how far it is; whatever the one who hears it raises ends the work."""

from collections.abc import Callable
from typing import TypeAlias

Heard: TypeAlias = Callable[[int, int], None]
"""Called with how much is done, and of how much."""
Stages: TypeAlias = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""


def unheard(_done: int, _total: int) -> None:
    """Hear nothing."""


def unheard_stages(_stage: str, _done: int, _total: int) -> None:
    """Hear nothing."""
