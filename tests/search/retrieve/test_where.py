"""A filter is read as text and as JSON, or refused in a line that says where."""

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import InvalidInputError
from search.retrieve.where import And, Clause, Not, OneOf, Or, Value, Where, from_json, parse, to_json
from tests.search.retrieve.filters import trees


def _written(where: Where) -> str:
    match where:
        case And(parts) | Or(parts):
            word = " and " if isinstance(where, And) else " OR "
            return f"({word.join(map(_written, parts))})"
        case Not(part):
            return f"not {_written(part)}"
        case OneOf(field, values):
            return f"{_quoted(field, '`')} In ({','.join(map(_literal, values))})"
    return f"{_quoted(where.field, '`')} {where.op} {_literal(where.value)}"


def _literal(value: Value) -> str:
    return _quoted(value, "'") if isinstance(value, str) else str(value)


def _quoted(text: str, mark: str) -> str:
    return mark + re.sub(rf"([\\{mark}])", r"\\\1", text) + mark


@given(where=trees)
def test_text_and_json_say_the_same(where: Where) -> None:
    """A tree that is written, as text or as JSON, is read as that tree."""
    assert from_json(json.loads(json.dumps(to_json(where)))) == where
    assert parse(_written(where)) == where


def test_the_example_is_read_by_precedence() -> None:
    """`not` binds before `and`, `and` before `or`; words need no quotes."""
    tree = parse('year>=1990 and genre in (Drama, "Science Fiction") and not title contains war or x=1')
    first = (
        Clause("year", ">=", 1990),
        OneOf("genre", ("Drama", "Science Fiction")),
        Not(Clause("title", "contains", "war")),
    )
    assert tree == Or((And(first), Clause("x", "=", 1)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x = -5", -5),
        ("x = -1.5", -1.5),
        ("x = 007", "007"),
        ("x = 1e3", "1e3"),
        ("x = 99999999999999999999", "99999999999999999999"),
        ("x = TRUE", "TRUE"),
        ("x = 2024-05-01T10:30+02:00", "2024-05-01T10:30+02:00"),
        ("x = notes/a.md", "notes/a.md"),
        ("x = O'Brien", "O'Brien"),
        ("x = Yahoo!", "Yahoo!"),
        (r"x = 'don\'t \\ C:\new'", r"don't \ C:\new"),
        ('x = "a\nb"', "a\nb"),
        ("x contains 1.50", "1.50"),
        ("größe.max_a-b = 1", 1),
        ("x = 日本", "日本"),
    ],
)
def test_values_are_read(text: str, value: Value) -> None:
    """Numbers that are written plainly are numbers, what is in quotes stands as it is."""
    tree = parse(text)
    assert isinstance(tree, Clause)
    assert (tree.value, type(tree.value)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("x not in (1, 2)", "not x in (1,2)"),
        ("x NOT Contains a", "not x contains a"),
        ("((x = 1))", "x=1"),
        ("`x` = 'a'", 'x="a"'),
        (" x\n=\t1 ", "x=1"),
    ],
)
def test_some_ways_of_writing_mean_the_same(text: str, same: str) -> None:
    """Negated operators, needless parentheses, quotes and spaces make no difference."""
    assert parse(text) == parse(same)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "character 1: expected the name of a field .*, found the end"),
        ("year >=", "character 8: expected a value .*, found the end"),
        ("year 1990", "character 6: expected one of = != < <= > >= contains in, found '1990'"),
        ("year => 1990", "character 7: expected a value .*, found '>'"),
        ("x = a b", "character 7: expected and, or, or the end .*needs quotes.*, found 'b'"),
        ("x = 1 and", "character 10: expected the name of a field"),
        ("x = not", "character 5: expected a value .*keyword.*, found 'not'"),
        ("x not = 3", "character 7: expected one of contains in, found '='"),
        ("in = 3", "character 1: expected the name of a field .*backticks.*, found 'in'"),
        ("1990 <= year", "character 1: expected the name of a field .*, found '1990'"),
        ("`` = 3", "character 1: expected the name of a field"),
        ("x in 3", r"character 6: expected \( and a list of values, found '3'"),
        ("x in ()", r"character 7: expected a value .*, found '\)'"),
        ("x in (a b)", r"character 9: expected a comma or \) .*, found 'b'"),
        ("(x = 1", r"character 7: expected and, or, or \), found the end"),
        ("x = 1)", r"character 6: expected and, or, or the end .*, found '\)'"),
        ("x = 'abc", "character 5: expected another ' to close the quote, found none"),
        ("x = 'abc\\'", "character 5: expected another ' to close the quote, found none"),
        ("x ! 3", "character 3: expected = behind !, found none"),
        ("x = 1 \n'a\nb'", r"character 8: expected and, or.*, found 'a\\nb'"),
    ],
)
def test_what_cannot_be_read_says_where(text: str, message: str) -> None:
    """The one line names the place and what was expected there."""
    with pytest.raises(InvalidInputError, match=message) as caught:
        parse(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, r"filter: expected \{.*, found null"),
        ([], "found a list of 0"),
        ({}, "found an object with 0 keys"),
        ({"and": []}, "at and: expected a list of filters, found a list of 0"),
        ({"and": [{"not": {"x": 1}}]}, r"at and\[0\].not: .*found an object with 'x'"),
        ({"and": [], "or": []}, "found an object with 2 keys"),
        ({"field": "", "op": "=", "value": 1}, 'at field: expected the name of a field, found ""'),
        ({"field": "x", "op": "~", "value": 1}, 'at op: expected one of = != .* in, found "~"'),
        ({"field": "x", "op": ["="], "value": 1}, "at op: .*found a list of 1"),
        ({"field": "x", "op": "=", "value": None}, "at value: expected a text .*, found null"),
        ({"field": "x", "op": "=", "value": float("nan")}, "at value: .*found NaN"),
        ({"field": "x", "op": "=", "value": 2**64}, "at value: .*more than 64 bits"),
        ({"field": "x", "op": "=", "value": "a" * 10_001}, r"at value: .*found \"a+\"… \(10,001 characters\)"),
        ({"field": "x", "op": "in", "value": "a"}, 'at value: expected a list of 1 to 1,000 values, found "a"'),
        ({"field": "x", "op": "in", "value": [1] * 1_001}, "at value: .*found a list of 1,001"),
        ({"field": "x", "op": "in", "value": [1, [2]]}, r"at value\[1\]: .*found a list of 1"),
        ({"field": "x", "op": "="}, "found an object with 2 keys"),
    ],
)
def test_json_that_is_no_filter_says_where(value: object, message: str) -> None:
    """The one line names the place and what was expected there."""
    with pytest.raises(InvalidInputError, match=message) as caught:
        from_json(value)
    assert "\n" not in str(caught.value)


_pieces = st.sampled_from([*"ax1 ,()=<>!\"'`\\\n\0", " and ", " not ", " in ", "x=1", "x in (1"])


@given(text=st.lists(_pieces, max_size=12).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else is raised, and what is read is the same as JSON."""
    with contextlib.suppress(InvalidInputError):
        where = parse(text)
        assert from_json(to_json(where)) == where


_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["and", "or", "not", "field", "op", "value"]), inner, max_size=3),
    ),
)


@given(value=_json)
def test_any_json_is_read_or_refused(value: Any) -> None:
    """Nothing but our error is raised."""
    with contextlib.suppress(InvalidInputError):
        where = from_json(value)
        assert from_json(to_json(where)) == where


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not " * 21 + "x=1", "at character 85: expected at most 20 levels"),
        ("(" * 21 + "x=1", "at character 22: expected at most 20 levels"),
        ("(" * 4_000, "at most 20 levels"),
        ("(x=1 or x=1 and " * 11 + "x=1" + ")" * 11, "at most 20 levels"),
        (" or ".join(["x=1"] * 101), "at character 701: expected at most 100 clauses"),
        (f"x in ({','.join('1' * 1_001)})", "character 7: expected a list of at most 1,000 values, not 1,001"),
        ("x=" + "1" * 9_999, "at most 10,000 characters, found 10,001"),
    ],
)
def test_filters_are_bounded(text: str, message: str) -> None:
    """What is too deep, too wide or too long is refused before it costs anything."""
    with pytest.raises(InvalidInputError, match=message):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "not " * 20 + "x=1",
        "(" * 20 + "x=1" + ")" * 20,
        " or ".join(["x=1"] * 100),
        f"x in ({','.join('1' * 1_000)})",
        "x=" + "1" * 9_998,
        "x='" + "\\'" * 4_998 + "'",
    ],
)
def test_the_bounds_themselves_are_allowed(text: str) -> None:
    """What is just within the limits is read, and goes through JSON."""
    where = parse(text)
    assert from_json(to_json(where)) == where


def test_json_is_bounded_as_text_is() -> None:
    """Depth and clauses have the same limits in both forms."""
    clause: dict[str, Any] = {"field": "x", "op": "=", "value": 1}
    deep = clause
    for _ in range(21):
        deep = {"not": deep}
    with pytest.raises(InvalidInputError, match=r"at (not\.)+not: expected at most 20 levels"):
        from_json(deep)
    with pytest.raises(InvalidInputError, match="at and: expected at most 100 clauses"):
        from_json({"and": [clause] * 101})
    with pytest.raises(InvalidInputError, match="filter: expected at most 100 clauses"):
        from_json({"and": [{"or": [clause] * 60}] * 2})


def test_the_examples_of_the_page_are_filters() -> None:
    """What docs/filters.md shows can be read, and its JSON is its first line."""
    page = (Path(__file__).parents[3] / "docs/filters.md").read_text()
    blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```", page, re.DOTALL | re.MULTILINE))
    trees = [parse(line) for line in blocks["text"].splitlines()]
    assert from_json(json.loads(blocks["json"])) == trees[0]
