"""How a passage stands in Chroma, within what a server takes, and how it is read from there."""

import hashlib
from collections.abc import Mapping
from typing import Any

from search.store.site import Limits
from search.types import MetadataValue, Passage

PREFIX = "nearhood."
ID, WRITTEN = f"{PREFIX}id", f"{PREFIX}written"
"""The whole of an id that was too long, and the collection's version when the passage was written."""
APART = 1e-3
"""How far copies are moved from where their text is. Of 20,000 glosses with five of them 800 times each, the index
finds .99 of the ten nearest in place of .52; a tenth of it is lost in the rounding of cosines."""
OFF = 1.1 * APART
"""How far a vector may be from where it should."""
_OWN = ("source", "position", "start", "end")
_KEY_BYTES = 36
RESERVED = "chroma:"
"""How keys begin that Chroma keeps for itself, and refuses."""


def index_id(passage_id: str, limits: Limits) -> str:
    """Return the id that a passage has in Chroma."""
    if limits.id_bytes is None or len(passage_id.encode()) <= limits.id_bytes:
        return passage_id
    return hashlib.sha256(passage_id.encode()).hexdigest()


def passage_id(found_id: str, metadata: Mapping[str, Any] | None) -> str:
    """Return the id of what was found."""
    return str((metadata or {}).get(ID, found_id))


def document(text: str, limits: Limits) -> str:
    """Return as much of a text as a document may have."""
    return _cut(text, limits.document_bytes)


def metadata(passage: Passage, limits: Limits, written: int | None) -> dict[str, MetadataValue]:
    """Return what stands beside a passage.

    :param written: The collection's version; None where nobody reads from there but other Chroma clients.
    """
    own: dict[str, MetadataValue] = {
        "source": _cut(passage.source, limits.value_bytes),
        "position": passage.position,
        "start": passage.start,
        "end": passage.end,
    }
    if written is not None:
        own[WRITTEN] = written
    if index_id(passage.id, limits) != passage.id:
        own[ID] = passage.id
    known = {
        k: _cut(v, limits.value_bytes) if isinstance(v, str) else v
        for k, v in passage.metadata.items()
        if k and not k.startswith(RESERVED)
    }
    if limits.keys is not None:
        short = [k for k in known if len(k.encode()) <= _KEY_BYTES and k not in own]
        known = {k: known[k] for k in short[: limits.keys - len(own)]}
    return {**known, **own}


def passage(found_id: str, text: str, beside: Mapping[str, Any]) -> Passage:
    """Return the passage that was found; its text is as much of it as the index has."""
    known = {k: v for k, v in beside.items() if k not in _OWN and not k.startswith(PREFIX)}
    source, position, start, end = (beside[k] for k in _OWN)
    return Passage(passage_id(found_id, beside), str(source), int(position), text, int(start), int(end), known)


def _cut(text: str, most: int | None) -> str:
    """Return the beginning of a text that takes no more than so many bytes."""
    if most is None or len(encoded := text.encode()) <= most:
        return text
    return encoded[:most].decode(errors="ignore")
