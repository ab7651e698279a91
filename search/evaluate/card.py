"""The report card of a ranking: kept as a file, and set beside an earlier one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from search.errors import InvalidInputError
from search.evaluate.refusal import RefusalCard
from search.evaluate.table import Between, Table

MODES, FOLLOW_UP = "modes", "follow_up"


@dataclass(frozen=True, slots=True)
class Rates:
    """How often a gate judges wrongly, by cross-validation on questions made of the collection's own passages."""

    false_answer: float
    """Share of those whose passage was hidden that it would have answered, 0 to 1."""
    false_refusal: float
    """Share of those whose passage was there that it would have refused, 0 to 1."""
    questions: int


@dataclass(frozen=True, slots=True)
class Card:
    """How well something is searched."""

    name: str
    """The folder's or the collection's."""
    embedder: str
    documents: int
    default: str
    """The mode that a search takes where none is named; follow-up questions are asked in it."""
    tables: Mapping[str, Table]
    """By modes, and by forms of the question where there are follow-up questions."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """What could not be asked or found, by reason."""
    embedded: int = 0
    """Texts that had no vector yet."""
    seconds: float = 0.0
    refusal: RefusalCard | None = None
    """How far a refusal can be trusted, where people said which questions are answered."""
    gate: Rates | None = None
    """How often the collection's own gate judges the questions wrongly that it was tried on."""

    def summary(self) -> dict[str, Any]:
        """Return means with their intervals, and the differences between modes, as JSON has it."""
        told: dict[str, Any] = {name: _means(table) for name, table in self.tables.items()}
        modes = self.tables[MODES]
        kinds = modes.kinds
        if len(kinds) > 1:
            told["by_kind"] = {kind: _means(modes.of_kind(kind)) for kind in kinds}
        if self.refusal is not None:
            told["refusal"] = self.refusal.summary()
        if self.gate is not None:
            told["gate"] = asdict(self.gate)
        told["differences"] = {name: list(map(asdict, table.between())) for name, table in self.tables.items()}
        told |= {"name": self.name, "embedder": self.embedder, "default_mode": self.default}
        told |= {"documents": self.documents, "queries": len(modes.asked), "kinds": kinds}
        return told | {"left_out": dict(self.left_out), "embedded": self.embedded, "seconds": self.seconds}

    def against(self, earlier: "Card") -> dict[str, list[Between]]:
        """Return what became better or worse since an earlier card, by table.

        :raises InvalidInputError: When the two have no question in common.
        """
        both = [name for name in self.tables if name in earlier.tables]
        found = {name: self.tables[name].against(earlier.tables[name]) for name in both}
        if not any(between.questions for some in found.values() for between in some):
            raise InvalidInputError(
                f"no question of {self.name!r} is on the card of {earlier.name!r}: nothing compares"
            )
        return {name: some for name, some in found.items() if some}

    def to_json(self) -> dict[str, Any]:
        """Return all of it, with each question's scores."""
        tables = {name: table.to_json() for name, table in self.tables.items()}
        return {"card": "ranking", **self.summary(), "tables": tables}

    @classmethod
    def from_json(cls, value: Any) -> "Card":  # noqa: ANN401 - whatever a file has
        """Return what `to_json` wrote.

        :raises ValueError, KeyError, TypeError: When it is anything else.
        """
        tables = {str(name): Table.from_json(table) for name, table in value["tables"].items()}
        default = str(value["default_mode"])
        return cls(str(value["name"]), str(value["embedder"]), int(value["documents"]), default, tables)


def _means(table: Table) -> dict[str, dict[str, dict[str, float]]]:
    return {way: {name: asdict(mean) for name, mean in row.items()} for way, row in table.summary().items()}
