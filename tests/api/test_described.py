"""`/openapi.json`: every route that programs use is in it, with the types of what it answers."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from search.service import Service
from search.types import Answer
from tests.api.conftest import app
from tests.api.walk import routes
from ui.replies import GivenAnswer

MAPPINGS = {"/api/map/colors"}
"""Their keys are the ids of passages, so that none can be named."""


@pytest.fixture(scope="module")
def described(service: Service) -> dict[str, Any]:
    """The description."""
    return app(service).openapi()


def test_every_route_for_programs_is_described(service: Service, described: dict[str, Any]) -> None:
    """Whoever adds one: those under /api and /v1, and what is asked by who watches a server."""
    found = app(service)
    known = {(m.upper(), re.sub(r"\{[^}]*\}", "x", path)) for path, ops in described["paths"].items() for m in ops}
    every = {(method, path) for method, path in routes(found.routes) if _is_for_programs(path)}
    assert len(every) > 50
    assert every - known == set()


def _is_for_programs(path: str) -> bool:
    is_watching = path in {"/health", "/ready", "/metrics"}
    # What is mounted at /api and /v1 answers that nothing is there.
    return is_watching or (path.startswith(("/api/", "/v1/")) and path not in {"/api/x", "/v1/x"})


def test_every_answer_has_a_type(described: dict[str, Any]) -> None:
    """JSON and events a schema that says what is in them, all else its media type; nothing is left open."""
    answers = dict(_answers(described))
    assert len(answers) > 50
    for (method, path, media_type), schema in answers.items():
        where = f"{method} {path} {media_type}"
        if media_type in {"application/json", "text/event-stream"}:
            _check(schema, described, where, path)
        else:
            assert schema["type"] == "string", where


def test_an_answer_is_of_its_media_type_alone(described: dict[str, Any]) -> None:
    """What is no JSON is not described as JSON; what can be streamed has both."""
    kinds: dict[str, set[str]] = {}
    for _, path, media_type in dict(_answers(described)):
        kinds.setdefault(path, set()).add(media_type)
    assert kinds["/metrics"] == {"text/plain"}
    assert kinds["/api/conversations/{number}/markdown"] == {"text/markdown"}
    assert kinds["/api/map/rows"] == {"application/zip"}
    assert kinds["/api/backup"] == {"application/vnd.sqlite3"}
    exported = kinds["/api/collections/{name}/export"]
    assert exported == {"application/x-ndjson", "application/vnd.apache.parquet"}
    bodies = described["components"]["schemas"]
    streamed = {path for path, ops in described["paths"].items() for op in ops.values() if _can_stream(op, bodies)}
    # Which takes a whole question, and answers none.
    streamed.discard("/api/conversations")
    assert streamed == {path for path, found in kinds.items() if "text/event-stream" in found}


def test_a_kept_answer_has_the_fields_of_an_answer() -> None:
    """All of them."""
    assert set(GivenAnswer.__annotations__) == {field.name for field in fields(Answer)}


def _answers(described: dict[str, Any]) -> Iterator[tuple[tuple[str, str, str], dict[str, Any]]]:
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            good = {code: reply for code, reply in operation["responses"].items() if code.startswith("2")}
            assert any(reply.get("content") for reply in good.values()), f"{method} {path} says nothing of its answer"
            for reply in good.values():
                for media_type, content in reply.get("content", {}).items():
                    yield (method, path, media_type), content.get("schema", {})


def _check(schema: dict[str, Any], described: dict[str, Any], where: str, path: str) -> None:
    """Fail where a schema leaves open what may come, however deep."""
    seen: set[str] = set()
    top = True
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if name := one.get("$ref"):
            if name not in seen:
                seen.add(name)
                waiting.append(described["components"]["schemas"][name.rsplit("/", 1)[1]])
            continue
        assert one.keys() & {"type", "anyOf", "oneOf", "const", "enum"}, f"{where}: {one} has no type"
        if one.get("type") == "object":
            more = one.get("additionalProperties")
            assert "properties" in one or isinstance(more, dict), f"{where}: {one} may have anything"
            assert "properties" in one or not top or path in MAPPINGS, f"{where}: {one} has no names"
            waiting += [*one.get("properties", {}).values(), *([more] if isinstance(more, dict) else [])]
        if one.get("type") == "array":
            inner = [one[key] for key in ("items",) if key in one] + one.get("prefixItems", [])
            assert inner, f"{where}: {one} has no items"
            waiting += inner
        waiting += one.get("anyOf", []) + one.get("oneOf", [])
        top = top and not one.get("type")


def _can_stream(operation: dict[str, Any], bodies: dict[str, Any]) -> bool:
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    return "stream" in bodies.get(name, {}).get("properties", {})
