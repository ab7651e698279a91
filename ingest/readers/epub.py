"""EPUB: its chapters in the order of reading."""

import posixpath
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import unquote, urldefrag
from zipfile import ZipFile

from lxml import etree

from ingest.document import Options, Part
from ingest.encoding import UnreadableError
from ingest.readers.archive import opened, refuse_large_tree, unpacked
from ingest.readers.draft import Draft
from ingest.readers.html import decoded, render, tree
from ingest.readers.values import metadata
from search.types import MetadataValue

_PAGES = {"application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document"}
_NCX = "application/x-dtbncx+xml"
_SAID = ("title", "creator", "language", "date")


def read(file: BinaryIO, options: Options = Options()) -> Iterator[Part]:  # noqa: ARG001, B008 - frozen
    """Yield a part for each chapter, as Markdown, with the chapter's name from the table of contents.

    :raises UnreadableError: For what is no whole EPUB, is locked, or unpacks to too much.
    """
    if not file.read(1):
        return
    with opened(file, "EPUB", dtd=True) as archive:
        book = _Book(archive)
        chapter, start = "", 0
        for page in book.pages:
            chapter = book.chapters.get(page, chapter)
            text, warnings = decoded(book.bytes(page))
            draft = Draft()
            if (root := tree(text)) is not None:
                render(root, draft)
            if draft.length:
                where = metadata([("chapter", chapter)])
                yield draft.part(start, {**book.said, **where}, warnings)
                start += draft.length


class _Book:
    """The package: what the book says of itself, its pages, and the chapters that begin on them."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())
        container = self._xml("META-INF/container.xml")
        path = next((str(one.get("full-path")) for one in container.iter("{*}rootfile")), "")
        package = self._xml(path)
        self._folder = posixpath.dirname(path)
        items = {str(item.get("id")): item for item in package.iter("{*}item")}
        spine = [items[ref] for one in package.iter("{*}itemref") if (ref := str(one.get("idref"))) in items]
        self.pages = list(dict.fromkeys(filter(None, (self._page(item) for item in spine))))
        self._refuse_locked()
        self.said = _said(package)
        self.chapters = self._chapters(list(items.values()))

    def bytes(self, name: str) -> bytes:
        """Return a file of the archive."""
        return unpacked(self._archive, name, "EPUB")

    def _xml(self, name: str) -> Any:  # noqa: ANN401 - lxml's elements
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        data = self.bytes(name)
        refuse_large_tree(data, "EPUB")
        try:
            return etree.fromstring(data, parser)
        except (etree.LxmlError, ValueError) as error:
            raise UnreadableError(f"is no whole EPUB file: {name} is not XML ({error})") from error

    def _page(self, item: Any) -> str | None:  # noqa: ANN401
        """Return the name of a page to read; its table of contents is none."""
        contents = "nav" in str(item.get("properties", "")).split()
        name = self._resolved(self._folder, str(item.get("href", "")))
        return name if item.get("media-type") in _PAGES and not contents and name in self._names else None

    @staticmethod
    def _resolved(folder: str, href: str) -> str:
        return posixpath.normpath(posixpath.join(folder, unquote(urldefrag(href).url)))

    def _refuse_locked(self) -> None:
        """Fonts may be scrambled; pages that are belong to a shop."""
        if "META-INF/encryption.xml" not in self._names:
            return
        locked = {
            unquote(str(one.get("URI"))) for one in self._xml("META-INF/encryption.xml").iter("{*}CipherReference")
        }
        if locked & set(self.pages):
            raise UnreadableError("is locked to a shop's reader (DRM)")

    def _chapters(self, items: list[Any]) -> dict[str, str]:
        """Return the name of the chapter that begins with each page, the first where there are many."""
        for item in items:
            name = self._resolved(self._folder, str(item.get("href", "")))
            if "nav" in str(item.get("properties", "")).split() and name in self._names:
                return self._targets(name, "{*}a", "href")
        for item in items:
            name = self._resolved(self._folder, str(item.get("href", "")))
            if item.get("media-type") == _NCX and name in self._names:
                return self._targets(name, "{*}navPoint", "src")
        return {}

    def _targets(self, name: str, tag: str, attribute: str) -> dict[str, str]:
        try:
            contents = self._xml(name)
        except UnreadableError:  # a book can be read without its table of contents
            return {}
        chapters: dict[str, str] = {}
        for entry in contents.iter(tag):
            label, href = _entry(entry, attribute)
            if label and href:
                chapters.setdefault(self._resolved(posixpath.dirname(name), href), label)
        return chapters


def _entry(entry: Any, attribute: str) -> tuple[str, str]:  # noqa: ANN401
    if attribute == "href":
        return " ".join("".join(entry.itertext()).split()), str(entry.get("href", ""))
    label, content = entry.find("{*}navLabel"), entry.find("{*}content")
    text = "" if label is None else " ".join("".join(label.itertext()).split())
    return text, "" if content is None else str(content.get("src", ""))


def _said(package: Any) -> dict[str, MetadataValue]:  # noqa: ANN401
    first = {}
    for name in _SAID:
        found = next(iter(package.iter(f"{{http://purl.org/dc/elements/1.1/}}{name}")), None)
        first["author" if name == "creator" else name] = None if found is None else found.text
    return metadata(first.items())
