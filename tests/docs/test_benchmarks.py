"""The page of benchmarks says what was measured."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import tables
from benchmarks.maps import together
from benchmarks.markdown import Asked, Column, Goal, Goals, Grid, Row, number
from benchmarks.report import RESULTS, code, median

PAGE = tables.PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", tables.PAGES, ids=lambda page: page.name)
def test_a_page_is_what_the_results_say(page: Path) -> None:
    """No number of a table is written by hand: `python -m benchmarks.tables` writes them."""
    said = page.read_text(encoding="utf-8")
    assert tables.written(said, tables.PAGES[page]) == said
    assert said.count("<!-- table: ") == said.count("<!-- /table -->") == len(tables.names(said)) > 10


def test_each_table_is_on_the_page_once() -> None:
    """None is described for nothing, and none is closed by a marker with a slip of the pen."""
    assert sorted(tables.names(PAGE)) == sorted({table.name for table in tables.TABLES})
    assert PAGE.count("<!-- table: ") == PAGE.count("<!-- /table -->") == len(tables.names(PAGE))


def test_each_table_has_its_result() -> None:
    """A table without what was measured would be made up."""
    shown = {table.result for table in tables.TABLES}
    assert {name for name in shown if not (RESULTS / f"{name}.json").is_file()} == set()


def test_a_table_without_its_result_is_not_written(tmp_path: Path) -> None:
    """Whoever asks for it hears which file is missing."""
    with pytest.raises(FileNotFoundError, match=r"search\.json"):
        tables.written("<!-- table: search -->\n<!-- /table -->", tmp_path)


def test_no_set_is_left_out_on_which_the_same_ten_were_counted() -> None:
    """Also not the one on which a precision has the fewest, and the asked ratio of each precision has a row."""
    table = next(one for one in tables.TABLES if one.name == "embedding.quality")
    result = json.loads((RESULTS / f"{table.result}.json").read_text())
    assert isinstance(table, Grid)
    counted = {name for row in result["quality"].values() for name in row if name.startswith("same ten")}
    assert counted == {column.path for column in table.columns if column.path.startswith("same ten")}
    asked = [row.goals["chunks"].least for row in tables.engines(result) if row.goals]
    assert asked == [2.5, 4]


def test_a_number_has_three_digits() -> None:
    """Or all that stand before its point; counts are exact."""
    seen = [
        number(1234.5, "s"),
        number(12.345),
        number(1.2345, "x"),
        number(0.5, "%"),
        number(0.87723),
        number(117_659),
    ]
    assert seen == ["1,234 s", "12.3", "1.23 x", "50.0 %", ".877", "117,659"]


def test_what_is_asked_stands_beside_what_was_measured() -> None:
    """What was not reached is marked, and what was not measured is said."""
    rows = (
        Asked("time", "a/s", "s", Goal(most=3)),
        Asked("ratio", "a/s", "x", Goal(least=1.5), over="a/of"),
        Asked("none", "a/b"),
    )
    table = Goals(name="t", result="t", command="make t", rows=rows)
    assert table.lines({"a": {"s": 4.0, "of": 2.0}})[1:] == [
        ["time", "at most 3 s", "4.00 s ✗"],
        ["ratio", "at least 1.5 x", "2.00 x (4.00 and 2.00)"],
        ["none", "", "not measured"],
    ]


def test_who_is_better_than_ours_is_marked() -> None:
    """In the columns that say which way is better, within the group, and by digits that are shown."""
    table = Grid(name="t", result="t", command="make t", rows=_rows, columns=(Column("ms", "ms", better="less"),))
    assert table.lines({})[1:] == [["ours", "5.00"], ["faster", "4.00 †"], ["as fast", "5.00"], ["a limit", "1.00"]]
    assert "† better than ours" in table.markdown({})


def test_a_table_says_where_it_was_measured() -> None:
    """The command, how often, the machine, and the versions of those compared."""
    machine = {"cpu": "Some CPU", "cores": 2, "python": "3.12.1", "packages": {"faiss-cpu": "1.13", "txtai": None}}
    table = Goals(name="t", result="t", command="make t", rows=())
    said = table.markdown({"machine": machine, "rounds": 3}).splitlines()[-1]
    assert said == "`make t`; medians of 3 runs; Some CPU, 2 cores, Python 3.12.1, faiss-cpu 1.13."


def test_a_table_says_when_and_of_which_code_it_is() -> None:
    """Where that was kept: numbers of other code are told from those of this one."""
    machine = {"cpu": "Some CPU", "cores": 2, "python": "3.12.1", "packages": {}}
    table = Goals(name="t", result="t", command="make t", rows=())
    kept: list[dict[str, Any]] = [
        {"day": "2026-11-29", "code": "abcdef0 with changes"},
        {"day": "2026-11-29", "code": None},
    ]
    said = [table.markdown({"machine": machine, **one}).splitlines()[-1].split("; ")[2:-1] for one in kept]
    assert said == [["2026-11-29, abcdef0 with changes"], ["2026-11-29"]]


def test_the_code_is_a_commit_and_what_changed_since(tmp_path: Path) -> None:
    """Results that are written change no code; without git there is no commit."""
    assert code(tmp_path) is None
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path)]
    for name in ("search", "benchmarks"):
        (tmp_path / name).mkdir()
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    (tmp_path / "benchmarks" / "ask.json").write_text("{}")
    clean = code(tmp_path)
    assert clean is not None
    assert len(clean) == 7
    (tmp_path / "search" / "new.py").write_text("")
    assert code(tmp_path) == f"{clean} with changes"


def test_how_often_is_as_the_result_says() -> None:
    """A table of scores says that it is one, whatever the rounds of its file's times."""
    timed = Goals(name="t", result="t", command="make t", rows=())
    said = [timed.markdown({"rounds": 1}), timed.markdown({}), replace(timed, runs="scores").markdown({"rounds": 3})]
    assert [text.splitlines()[-1].split("; ")[1] for text in said] == ["one run", "one run", "scores"]


def test_the_median_of_rounds_is_of_each_number() -> None:
    """In records within records, too; text is as it was, and what did not hold each time does not hold."""
    runs = [
        {"s": s, "of": {"n": n}, "whole": n < 9, "name": "x", "none": None} for s, n in ((3.0, 1), (9.0, 9), (5.0, 4))
    ]
    assert median(runs) == {"s": 5.0, "of": {"n": 4}, "whole": False, "name": "x", "none": None}


def test_a_map_that_failed_once_has_failed() -> None:
    """Others have the medians of their rounds, and those of earlier runs stay."""
    found: dict[tuple[int, str], list[dict[str, Any]]] = {
        (5, "umap"): [{"s": 1.0}, {"s": 3.0}, {"s": 2.0}],
        (5, "nearhood"): [{"s": 1.0}, {"failed": "late"}],
    }
    assert together([{"points": 9, "method": "sklearn"}, {"points": 5, "method": "umap"}], found) == [
        {"points": 5, "method": "nearhood", "failed": "late"},
        {"points": 5, "method": "umap", "s": 2.0, "rounds": 3},
        {"points": 9, "method": "sklearn"},
    ]


def _rows(_: Any) -> list[Row]:
    return [
        Row("ours", {"ms": 5.0}, is_ours=True),
        Row("faster", {"ms": 4.0}),
        Row("as fast", {"ms": 4.999}),
        Row("a limit", {"ms": 1.0}, "limits"),
    ]
