"""Zip archives, which DOCX, EPUB and XLSX are: checked before anything else reads them."""

import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from ingest.encoding import UnreadableError

LARGEST = 200 * 1024 * 1024
"""Bytes of all that is no picture, unpacked."""
PICTURES = 500 * 1024 * 1024
"""Bytes of the pictures, of which nothing is read."""
MOST = 10_000
"""Files inside."""
LARGEST_TREE = 64 * 1024 * 1024
"""Bytes of a file of XML that is read as a tree."""
MOST_SIGNS = 4_000_000
"""Tags and attributes of what is read as a tree, in which each takes a hundred bytes or two."""
RATIO = 200
"""Times that a file may grow, past its first megabyte: text grows tenfold, a bomb a thousandfold."""
_XML = (".xml", ".rels")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".mp3", ".mp4", ".ttf", ".otf", ".woff", ".woff2")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
_BLOCK = 1024 * 1024
_ENCRYPTED = 0x1


def opened(
    file: BinaryIO, what: str, *, dtd: bool = False, tree: bool = False, streamed: tuple[str, ...] = ()
) -> zipfile.ZipFile:
    """Return an archive whose files have been found to be of a bearable size.

    :param what: The format, as an error calls it.
    :param dtd: Whether its XML may define entities, which the caller then must not expand.
    :param tree: Whether its XML will be read as trees, all of them at once.
    :param streamed: How the names begin, in lower case, of what will be read bit by bit all the same.
    :raises UnreadableError: For what is no such archive, is encrypted, is damaged, or would fill the memory.
    """
    try:
        archive = zipfile.ZipFile(file)
        _check(archive, what)
        if not dtd:
            _check_xml(archive, what, tree=tree, streamed=streamed)
    except UnreadableError:
        raise
    except _BROKEN as error:
        raise UnreadableError(f"is no whole {what} file ({error})") from error
    return archive


def unpacked(archive: zipfile.ZipFile, name: str, what: str) -> bytes:
    """Return a file of an archive.

    :raises UnreadableError: When it is missing or damaged.
    """
    try:
        return archive.read(name)
    except KeyError as error:
        raise UnreadableError(f"is no whole {what} file: {name or 'its table of contents'} is missing") from error
    except _BROKEN as error:
        raise UnreadableError(f"is no whole {what} file ({error})") from error


def refuse_large_tree(data: bytes, what: str) -> None:
    """Check a file of XML before it is read as a tree.

    :raises UnreadableError: When that would fill the memory.
    """
    if len(data) > LARGEST_TREE or _signs(data) > MOST_SIGNS:
        raise UnreadableError(f"holds more than a {what} file should")


def _check(archive: zipfile.ZipFile, what: str) -> None:
    entries = archive.infolist()
    if len(entries) > MOST:
        raise UnreadableError(f"holds {len(entries):,} files, too many for {what}")
    pictures, others = 0, 0
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise UnreadableError("is encrypted: save it without its password first")
        # What is unpacked later ends where the archive says, so that a lie about it is no danger.
        pictures += entry.file_size if (picture := entry.filename.lower().endswith(_PICTURES)) else 0
        others += 0 if picture else entry.file_size
        if others > LARGEST or pictures > PICTURES or entry.file_size > max(_BLOCK, RATIO * entry.compress_size):
            raise UnreadableError(f"unpacks to far more than it should hold ({entry.filename})")


def _check_xml(archive: zipfile.ZipFile, what: str, *, tree: bool, streamed: tuple[str, ...]) -> None:
    size = signs = 0
    for entry in archive.infolist():
        if entry.filename.lower().endswith(_XML):
            is_tree = tree and not entry.filename.lower().lstrip("/").startswith(streamed)
            size += entry.file_size if is_tree else 0
            for block in _blocks(archive, entry, what):
                signs += _signs(block) if is_tree else 0
                if is_tree and (size > LARGEST_TREE or signs > MOST_SIGNS):
                    raise UnreadableError(f"holds more than a {what} file should ({entry.filename})")


def _blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, what: str) -> Iterator[bytes]:
    """Yield a file of XML in blocks; one that defines entities is refused."""
    tail = b""
    with archive.open(entry) as file:
        while block := file.read(_BLOCK):
            # In UTF-16 there are zeros between.
            text = (tail + block).replace(b"\0", b"")
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise UnreadableError(f"defines XML entities, which no {what} file needs ({entry.filename})")
            tail = block[-32:]
            yield block


def _signs(data: bytes) -> int:
    return data.count(b"<") + data.count(b"=")
