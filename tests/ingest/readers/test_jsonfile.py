"""JSON and JSON Lines."""

import io
import json

import pytest

from ingest.document import Options, Part
from ingest.encoding import UnreadableError
from ingest.readers.jsonfile import read


def records(text: str, options: Options | None = None) -> list[Part]:
    return list(read(io.BytesIO(text.encode()), options or Options()))


def test_a_list_of_objects_is_a_part_each() -> None:
    """Title and free text first; lists are joined; nothing and objects in lists are left out."""
    film = {"title": "River", "year": 1984, "cast": ["A", "B"], "x": None, "y": [{"z": 1}], "by": {"name": "C"}}
    (part,) = records(json.dumps([{**film, "extract": "A film about a river that runs to the sea."}]))
    assert part.text == "River\nA film about a river that runs to the sea.\n\n"
    assert part.metadata == {"year": 1984, "cast": "A, B", "by.name": "C", "row": 1}


@pytest.mark.parametrize(
    "text",
    [
        '{"t":"a b"}\n\n{"t":"c d"}\n',
        '[{"t":"a b"},{"t":"c d"}]',
        '{"n":1,"rows":[{"t":"a b"},{"t":"c d"}]}',
        '["a b","c d"]',
    ],
)
def test_records_come_in_many_ways(text: str) -> None:
    """Lines, a list, a list in an object, and bare texts."""
    assert [part.text for part in records(text)] == ["a b\n\n", "c d\n\n"]


def test_a_long_file_is_read_record_by_record() -> None:
    """Also where a record lies over two blocks."""
    rows = [{"text": f"{i} " + "water " * 2_000} for i in range(400)]
    for text in (json.dumps(rows), "\n".join(map(json.dumps, rows))):
        assert [part.text.split()[0] for part in records(text)] == [str(i) for i in range(400)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 5_000 + "]" * 5_000, "nested too deep"),
        ('{"a":' * 5_000, "nested too deep"),
        ('{"t":"a"}\n{"t":\n', "line"),
        ('[{"t":"a"}', "ends within the list"),
        ('[{"t":"a"} {"t":"b"}]', "comma"),
        ('[{"t":"a"}] x', "behind the list"),
        ("hello", "expecting value"),
        ("9" * 5_000, "number is too long"),
        ('[{"n": 1}]', "no column of text"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(text: str, reason: str) -> None:
    """Where it can be, with the line."""
    with pytest.raises(UnreadableError, match=reason):
        records(text)


def test_half_a_character_is_replaced() -> None:
    """JSON can write what no text can hold."""
    assert records('[{"t":"a \\ud800 b"}]')[0].text == "a \ufffd b\n\n"


def test_odd_numbers_are_no_metadata() -> None:
    """Neither NaN nor infinity; a whole number that is too wide is a float."""
    (part,) = records('[{"t":"a b","n":NaN,"i":Infinity,"w":99999999999999999999}]')
    assert part.metadata == {"w": 1e20, "row": 1}


def test_the_layout_of_beir_is_read() -> None:
    """Its id is metadata."""
    (part,) = records('{"_id":"d1","title":"River","text":"Water runs down to the sea all day."}')
    assert part.text == "River\nWater runs down to the sea all day.\n\n"
    assert part.metadata["_id"] == "d1"


@pytest.mark.parametrize("text", ["[null, {}, {}]", "{}\nnull\n{}", "null\n{}\n{}"])
def test_nothing_among_records_ends_nothing(text: str) -> None:
    """A null is passed over wherever it stands."""
    found = records(text.replace("{}", '{"t": "a b"}', 1).replace("{}", '{"t": "c d"}'))
    assert [part.text.strip() for part in found] == ["a b", "c d"]
