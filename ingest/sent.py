"""Files of another machine: which of them a collection lacks, and how it is brought level with all of them.

Who sends them names all of their files first, with the SHA-256 of each. Only what is not here comes over the network.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.report import Progress, Report
from ingest.sync import Wish, sync
from ingest.uploads import Uploads, part, safe
from search.embedders.base import Embedder
from search.errors import InvalidInputError
from search.store.collection import files_folder
from search.store.store import Store, check_name

MOST_PIECES = 1_000
"""Of files, that are sent at once."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of another machine."""

    name: str
    """Its path below the collection's folder of files."""
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Sending:
    """All files of somebody's paths, and what of them has to come over the network."""

    collection: str
    wish: Wish
    """How they are taken in; its paths are those here."""
    batch: str
    missing: tuple[str, ...]
    """As many as can be sent at once."""
    is_whole: bool
    """Whether that is all; else there is more to send when these are taken in, and nothing is pruned before."""
    refused: Mapping[str, str]
    """Why files cannot be sent at all, by their names."""
    moves: Mapping[str, str]
    """Of files that are here under another name, which nobody lists any more: the new name and the old one."""
    gone: tuple[str, ...]
    """Names below the same roots that nobody lists any more."""


def begin(
    uploads: Uploads, store: Store, collection: str, wish: Wish, roots: Sequence[str], listed: Sequence[Listed]
) -> Sending:
    """Return what has to be sent.

    :param wish: How the files are to be taken in; its paths are not looked at.
    :param roots: Names of the files and folders that stand for the paths that were given.
    :raises InvalidInputError: For names that could lead elsewhere, or more than may be sent.
    """
    check_name(collection)
    check_names(roots, listed)
    stays = files_folder(store.folder.resolve(), collection)
    here = _here(store, collection, stays)
    names = {one.name for one in listed}
    gone = [name for name in here if name not in names and _is_under(name, roots)]
    lacking = [one for one in listed if not _is_here(one, here, stays)]
    free = {here[name]: name for name in gone if (stays / name).is_file()}
    moves = {one.name: free.pop(one.sha256) for one in lacking if one.name not in here and one.sha256 in free}
    refused = {one.name: why for one in lacking if one.name not in moves and (why := uploads.is_too_long(one.bytes))}
    missing = [one for one in lacking if one.name not in moves and one.name not in refused]
    fitting = uploads.fitting(one.bytes for one in missing)
    later = {one.name for one in missing[fitting:]}
    only = {stays / name for name in names - refused.keys() - later}
    wish = replace(wish, paths=[stays / root for root in roots], only=only, prune=wish.prune and not later)
    return Sending(
        collection,
        wish,
        uploads.begin(),
        missing=tuple(one.name for one in missing[:fitting]),
        is_whole=not later,
        refused=refused,
        moves=moves,
        gone=tuple(name for name in gone if name not in moves.values()),
    )


def settle(
    uploads: Uploads,
    store: Store,
    embedder: Embedder,
    sending: Sending,
    heard: Callable[[Progress], None] = lambda _: None,
) -> Report:
    """Put what was sent where it stays, and bring the collection level with all that was listed.

    :raises InvalidInputError: When something that was to come did not.
    """
    stays = files_folder(store.folder.resolve(), sending.collection)
    came = uploads.names(sending.batch)
    if absent := [name for name in sending.missing if name not in came]:
        raise InvalidInputError(f"{absent[0]} was listed and did not come: send it, and begin again")
    for new, old in sending.moves.items():
        _move(stays / old, stays / new)
    uploads.keep(sending.batch, sending.collection)
    if sending.wish.prune:
        for name in sending.gone:
            (stays / name).unlink(missing_ok=True)
    report = sync(store, embedder, sending.collection, sending.wish, heard)
    # That a root is not here says no more than that nothing of it was sent.
    roots = {str(path) for path in sending.wish.paths}
    only = {str(path) for path in sending.wish.only or ()}
    return replace(report, failed=tuple(one for one in report.failed if one.source not in roots - only))


def check_names(roots: Sequence[str], listed: Sequence[Listed]) -> None:
    """Refuse names that could lead elsewhere, that are there twice, or that no root stands for.

    :raises InvalidInputError: Naming the first one.
    """
    for root in roots:
        if not root or "/".join(map(part, root.split("/"))) != root:
            raise InvalidInputError(f"{root!r} cannot be the name of a file or folder here")
    seen: set[str] = set()
    for one in listed:
        if safe(one.name) != one.name or one.name in seen or not _is_under(one.name, roots):
            raise InvalidInputError(f"{one.name!r} cannot be the name of a file here, is there twice, or below no root")
        seen.add(one.name)


def _here(store: Store, collection: str, stays: Path) -> dict[str, str]:
    """Return the names of a collection's sent files, with the SHA-256 of those that are finished."""
    if collection not in store.names():
        return {}
    known = store.digests(store.collection(collection))
    return {
        str(Path(source).relative_to(stays)): (digest or "").partition(":")[0]
        for source, digest in known.items()
        if Path(source).is_relative_to(stays)
    }


def _is_here(one: Listed, here: Mapping[str, str], stays: Path) -> bool:
    file = stays / one.name
    if not file.is_file():
        return False
    if here.get(one.name) == one.sha256:
        return True
    if file.stat().st_size != one.bytes:
        return False
    # Kept by a run that did not come to its end.
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == one.sha256


def _is_under(name: str, roots: Sequence[str]) -> bool:
    return any(name == root or name.startswith(f"{root}/") for root in roots)


def _move(old: Path, new: Path) -> None:
    try:
        new.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        old.replace(new)
    except OSError as error:
        raise InvalidInputError(f"{new.name} cannot be kept: {error.strerror}") from error
