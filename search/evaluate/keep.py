"""Keeps report cards as files, so that a later one can be set beside them."""

import json
from pathlib import Path
from typing import Any, TypeAlias

from search.errors import InvalidInputError, SourceError
from search.evaluate.card import Card
from search.evaluate.pairs import PairCard
from search.files import whole

AnyCard: TypeAlias = Card | PairCard
_CARDS: dict[str, type[Card] | type[PairCard]] = {"ranking": Card, "pairs": PairCard}


def writable(file: Path) -> Path:
    """Return a file that a card can be written to, as far as can be told before the work.

    :raises InvalidInputError: When it is a folder, or in none.
    """
    if file.is_dir() or not file.parent.is_dir():
        reason = "it is a folder" if file.is_dir() else f"there is no folder {file.parent}"
        raise InvalidInputError(f"{file} cannot be written: {reason}")
    return file


def save(card: AnyCard, file: Path) -> None:
    """Write a card, whole or not at all.

    :raises InvalidInputError: When the file cannot be written.
    """
    with whole(file) as part:
        part.write_text(json.dumps(card.to_json(), ensure_ascii=False) + "\n", encoding="utf-8")


def load(file: Path) -> AnyCard:
    """Return a card that was saved.

    :raises SourceError: When the file has none.
    """
    try:
        return card_of(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise SourceError(file, f"cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise SourceError(file, "is no card that nearhood eval --save wrote") from error


def card_of(value: dict[str, Any]) -> AnyCard:
    """Return the card that was made JSON by its `to_json`."""
    return _CARDS[value["card"]].from_json(value)
