"""Tables of the documentation: described by where in a result their numbers stand, written as Markdown.

A path goes from key to key, as in `runs/searches/p99_ms`.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Result: TypeAlias = Any
MISSED, WORSE = " ✗", " †"
MARKS = {MISSED: "✗ not reached.", WORSE: "† better than ours."}


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked of a number, both ends included."""

    least: float = -math.inf
    most: float = math.inf

    def is_met(self, value: float) -> bool:
        """Return whether a number is within."""
        return self.least <= value <= self.most

    def text(self, unit: str) -> str:
        """Return what is asked in words."""
        least, most = (_written(f"{end * 100 if unit == '%' else end:,.6g}", unit) for end in (self.least, self.most))
        if math.isinf(self.most):
            return f"at least {least}"
        return f"at most {most}" if math.isinf(self.least) else f"{least} to {most}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of what is asked beside what was measured."""

    label: str
    path: str
    unit: str = ""
    goal: Goal | None = None
    over: str = ""
    """The path of what the number is divided by; both are shown."""


@dataclass(frozen=True, slots=True)
class Column:
    """A number of each record."""

    head: str
    path: str
    unit: str = ""
    better: Literal["more", "less"] | None = None
    """Where said, others that are better than ours are marked."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record with its name."""

    label: str
    record: Mapping[str, Any]
    group: str = ""
    """Ours is compared with the others of its group."""
    is_ours: bool = False
    goals: Mapping[str, Goal] = field(default_factory=dict)
    """By the path of the column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(ABC):
    """A table, the result that it is of, and the command that measures that."""

    name: str
    result: str
    command: str
    runs: str = ""
    """How often each was measured, where the result does not say it in `rounds` or has scores, the same each time."""

    @abstractmethod
    def lines(self, result: Result) -> list[list[str]]:
        """Return the cells: a head, and a line for each row."""

    def markdown(self, result: Result) -> str:
        """Return the table, and below it what its marks mean and where it was measured."""
        head, *rows = (f"| {' | '.join(line)} |" for line in self.lines(result))
        rule = f"| --- |{' ---: |' * (head.count('|') - 2)}"
        body = "\n".join([head, rule, *rows])
        marks = [meaning for mark, meaning in MARKS.items() if mark in body]
        return "\n".join([body, "", *marks, caption(result, self.command, self.runs)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals(Table):
    """A line for each number, what is asked beside what was measured."""

    rows: Sequence[Asked]

    def lines(self, result: Result) -> list[list[str]]:
        """Return what is asked, and what was measured."""
        return [["", "asked", "measured"], *(self._line(row, result) for row in self.rows)]

    def _line(self, row: Asked, result: Result) -> list[str]:
        value, over = at(result, row.path), at(result, row.over) if row.over else 1
        if value is None or over is None:
            return [row.label, row.goal.text(row.unit) if row.goal else "", "not measured"]
        share = value / over if row.over else value
        missed = row.goal is not None and not row.goal.is_met(share)
        parts = f" ({number(value)} and {number(over)})" if row.over else ""
        asked = row.goal.text(row.unit) if row.goal else ""
        return [row.label, asked, f"{number(share, row.unit)}{parts}{MISSED if missed else ''}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid(Table):
    """A line for each record."""

    columns: Sequence[Column]
    rows: Callable[[Result], Sequence[Row]]
    first: str = ""
    """The head of the labels."""

    def lines(self, result: Result) -> list[list[str]]:
        """Return the numbers of each record."""
        rows = self.rows(result)
        cells = [[row.label, *(_cell(row, column, rows) for column in self.columns)] for row in rows]
        return [[self.first, *(column.head for column in self.columns)], *cells]


def _cell(row: Row, column: Column, rows: Sequence[Row]) -> str:
    value, goal = at(row.record, column.path), row.goals.get(column.path)
    if value is None:
        return ""
    asked = f" ({goal.text(column.unit)})" if goal else ""
    missed = MISSED if goal and not goal.is_met(value) else ""
    return number(value, column.unit) + asked + missed + (WORSE if _beats_ours(row, column, rows) else "")


def _beats_ours(row: Row, column: Column, rows: Sequence[Row]) -> bool:
    same = [at(one.record, column.path) for one in rows if one.is_ours and one.group == row.group]
    ours = [value for value in same if value is not None]
    if row.is_ours or column.better is None or not ours:
        return False
    sign = 1 if column.better == "more" else -1
    # As they are shown: nobody is better by digits that are not there.
    here, there = at(row.record, column.path), max(ours, key=lambda value: sign * value)
    return bool(sign * here > sign * there and number(here, column.unit) != number(there, column.unit))


def at(result: Result, path: str) -> Any:
    """Return what stands at a path; None where nothing does."""
    for key in path.split("/"):
        if not isinstance(result, Mapping) or key not in result:
            return None
        result = result[key]
    return result


def number(value: float | str, unit: str = "") -> str:
    """Return a number with three digits or all that stand before its point, and its unit; text as it is."""
    if isinstance(value, str):
        return value
    value = value * 100 if unit == "%" else value
    digits = 0 if isinstance(value, int) else 3 if abs(value) < 1 else 2 if abs(value) < 10 else abs(value) < 100
    return _written(f"{value:,.{int(digits)}f}", unit)


def _written(digits: str, unit: str) -> str:
    return f"{digits.removeprefix('0') if digits.startswith('0.') else digits} {unit}".strip()


def caption(result: Result, command: str, runs: str) -> str:
    """Return where, with what and how often something was measured."""
    machine, rounds, day, code = (at(result, name) for name in ("machine", "rounds", "day", "code"))
    often = runs or (f"medians of {rounds} runs" if rounds and rounds > 1 else "one run")
    if machine is None:
        return f"`{command}`; {often}; its machine is not kept."
    when = f"{day}{f', {code}' if code else ''}; " if day else ""
    packages = "".join(f", {name} {version}" for name, version in machine["packages"].items() if version)
    clock = "the processor's time (`--processor`); " if at(result, "clock") == "process_time" else ""
    has = f" with {machine['multiplies'].replace(' with ', ' and ')}" if machine.get("multiplies") else ""
    where = f"{machine['cpu'].removesuffix(' Processor').replace('(R)', '')}{has}, {machine['cores']} cores"
    return f"`{command}`; {often}; {clock}{when}{where}, Python {machine['python']}{packages}."
