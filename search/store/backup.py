"""Writes the truth of a data folder into one file."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from search.files import whole
from search.store.store import Store


@dataclass(frozen=True, slots=True)
class Backup:
    """A file that restores everything when it is put as `ledger.sqlite` into an empty data folder."""

    file: str
    collections: int
    passages: int
    bytes: int


def back_up(store: Store, file: Path) -> Backup:
    """Write a copy of the ledger, as it stands now; the index is derived from it and needs none.

    :raises InvalidInputError: When the file cannot be written.
    :raises DiskFullError: When there is no room for it.
    """
    with whole(file) as part, TemporaryDirectory(dir=file.parent, prefix=f".{file.name}-") as folder:
        # SQLite wants to make the file itself, and would let everybody read it: in a folder that is nobody else's.
        copy = Path(folder) / "copy"
        store.ledger.copy_to(copy)
        copy.chmod(0o600)
        copy.replace(part)
    rows = store.ledger.collections()
    return Backup(str(file), len(rows), sum(store.ledger.size(row.number) for row in rows), file.stat().st_size)
