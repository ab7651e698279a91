"""Keeps what schemathesis makes up away from the files of this machine: paths lead to one folder."""

import os
from typing import Any

import schemathesis

LONGEST = 4_096


@schemathesis.hook
def map_body(_context: Any, body: Any) -> Any:
    """Put the one folder in the place of each path that might be one; what the schema refuses stays as it is."""
    folder = os.environ["NEARHOOD_FUZZED"]
    if isinstance(body, dict):
        if _might_be(body.get("path")):
            body["path"] = folder
        if isinstance(body.get("paths"), list):
            body["paths"] = [folder if _might_be(path) else path for path in body["paths"]]
    return body


def _might_be(path: Any) -> bool:
    return isinstance(path, str) and 0 < len(path) <= LONGEST
