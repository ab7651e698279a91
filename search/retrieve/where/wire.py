"""Trees as JSON: `{"and": [{"field": "year", "op": ">=", "value": 1990}, {"not": ...}]}`."""

import json
import math
from collections.abc import Mapping
from typing import Any

from search.errors import InvalidInputError
from search.retrieve.where.tree import (
    DEEPEST,
    LONGEST,
    MOST_CLAUSES,
    MOST_VALUES,
    OPS,
    And,
    Clause,
    Not,
    OneOf,
    Or,
    Value,
    Where,
    checked,
    too_deep,
    too_many,
)

_SHOWN = 40
_WIDEST = 2**63
_CLAUSE = {"field", "op", "value"}
_OBJECT = '{"field", "op", "value"}, {"and": [...]}, {"or": [...]} or {"not": ...}'


def to_json(where: Where) -> dict[str, Any]:
    """Return a tree as JSON has it."""
    match where:
        case Clause(field, op, value):
            return {"field": field, "op": op, "value": value}
        case OneOf(field, values):
            return {"field": field, "op": "in", "value": list(values)}
        case Not(part):
            return {"not": to_json(part)}
        case And(parts):
            return {"and": [to_json(part) for part in parts]}
        case Or(parts):
            return {"or": [to_json(part) for part in parts]}


def from_json(value: object) -> Where:
    """Return the tree of a value from JSON.

    :raises InvalidInputError: For what is no filter: where, and what was expected there.
    """
    return checked(_where(value, "", 0))


def _where(value: object, path: str, depth: int) -> Where:
    if depth > DEEPEST:
        raise too_deep(_place(path))
    match value:
        case {"and": parts, **rest} if not rest:
            return And(_parts(parts, f"{path}.and", depth + 1))
        case {"or": parts, **rest} if not rest:
            return Or(_parts(parts, f"{path}.or", depth + 1))
        case {"not": part, **rest} if not rest:
            return Not(_where(part, f"{path}.not", depth + 1))
        case Mapping() if value.keys() == _CLAUSE:
            return _clause(value, path)
    raise _unexpected(path, _OBJECT, value)


def _parts(value: object, path: str, depth: int) -> tuple[Where, ...]:
    if not isinstance(value, list) or not value:
        raise _unexpected(path, "a list of filters", value)
    if len(value) > MOST_CLAUSES:
        raise too_many(_place(path))
    return tuple(_where(part, f"{path}[{i}]", depth) for i, part in enumerate(value))


def _clause(clause: Mapping[Any, object], path: str) -> Where:
    field = clause["field"]
    if not isinstance(field, str) or not 0 < len(field) <= LONGEST:
        raise _unexpected(f"{path}.field", "the name of a field", field)
    if clause["op"] == "in":
        return OneOf(field, _values(clause["value"], f"{path}.value"))
    op = next((op for op in OPS if op == clause["op"]), None)
    if op is None:
        raise _unexpected(f"{path}.op", f"one of {' '.join(OPS)} in", clause["op"])
    value = _value(clause["value"], f"{path}.value")
    return Clause(field, op, str(value) if op == "contains" else value)


def _values(value: object, path: str) -> tuple[Value, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_VALUES:
        raise _unexpected(path, f"a list of 1 to {MOST_VALUES:,} values", value)
    return tuple(_value(one, f"{path}[{i}]") for i, one in enumerate(value))


def _value(value: object, path: str) -> Value:
    match value:
        case bool():
            return str(value).lower()
        case str() if len(value) <= LONGEST:
            return value
        case int() if -_WIDEST <= value < _WIDEST:
            return value
        case float() if math.isfinite(value):
            return value
    raise _unexpected(path, f"a text of at most {LONGEST:,} characters, or a number", value)


def _unexpected(path: str, expected: str, found: object) -> InvalidInputError:
    return InvalidInputError(f"cannot read the filter{_place(path)}: expected {expected}, found {_shown(found)}")


def _place(path: str) -> str:
    return f" at {path.removeprefix('.')}" if path else ""


def _shown(value: object) -> str:
    match value:
        case Mapping():
            return (
                f"an object with {len(value)} keys" if len(value) != 1 else f"an object with {next(iter(value))!r:.40}"
            )
        case list():
            return f"a list of {len(value):,}"
        case str() if len(value) > _SHOWN:
            return f"{json.dumps(value[:_SHOWN])}… ({len(value):,} characters)"
        case str() | float() | None | bool():
            return json.dumps(value)
    return "something that JSON does not have" if not isinstance(value, int) else "a number of more than 64 bits"
