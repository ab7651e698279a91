"""The YAML between two lines of hyphens at the head of a note."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from ingest.readers.values import joined, metadata
from search.types import MetadataValue

_BLOCK = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_LONGEST = 32_768
_LISTS = ("tags", "tag", "aliases", "alias")
"""Obsidian takes a list, or a text with commas; a tag may bear its mark."""


class FrontMatter(NamedTuple):
    """What a note says of itself."""

    end: int
    """Where the note begins; 0 without front matter."""
    metadata: dict[str, MetadataValue]
    tags: list[str]


class _Loader(yaml.SafeLoader):
    """Plain values only. No alias, by which a few lines could stand for millions."""

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias")
        return super().compose_node(parent, index)


def front_matter(text: str) -> FrontMatter:
    """Return the front matter of a note. What cannot be read as such is text."""
    found = _BLOCK.match(text, 0, _LONGEST)
    if not found or not isinstance(fields := _load(found.group(1)), dict | None):
        return FrontMatter(0, {}, [])
    fields = {key: value for key, value in (fields or {}).items() if not isinstance(value, Mapping)}
    lists = {str(key): _listed(fields.pop(key)) for key in _LISTS if key in fields}
    tags = [tag.lstrip("#") for key in ("tags", "tag") for tag in lists.pop(key, [])]
    kept = metadata([*((key, joined(value)) for key, value in lists.items()), *fields.items()])
    return FrontMatter(found.end(), kept, tags)


def _load(source: str) -> Any:  # noqa: ANN401 - whatever YAML has
    """Return what YAML holds, or the text of what is none."""
    try:
        return yaml.load(source, _Loader)  # noqa: S506 - a loader that is safer than the safe one
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError, LookupError, AttributeError):
        # Its constructors let through what int, float, date and hash make of nonsense.
        return source


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [part for part in re.split(r",\s*|\s+(?=#)", value.strip()) if part]
    return [str(one) for one in value if one is not None] if isinstance(value, list) else []
