"""All routes of an application, whoever mounted them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")


def routes(found: Iterable[Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield method and path of each route, with something in the place of its parameters."""
    for route in found:
        inner = getattr(route, "original_router", None) or getattr(route, "app", None)
        prefix = "" if hasattr(route, "original_router") else getattr(route, "path", "")
        path = re.sub(r"\{[^}]*\}", "x", above + prefix)
        if inner_routes := getattr(inner, "routes", None):
            yield from routes(inner_routes, path)
        elif hasattr(route, "methods"):
            yield from ((method, path) for method in sorted(route.methods or ANY))
        else:
            yield from ((method, f"{path}/x") for method in ANY)
