"""The verbs that look after a data folder: its conversations, its health, and how well it is searched."""

from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING

from search.errors import InvalidInputError, SourceError
from search.heard import Heard, unheard
from search.opened import DEFAULT_COLLECTION, Opened
from search.prices import load
from search.store.backup import Backup, back_up
from search.store.conversations import ConversationInfo, Said
from search.store.doctor import Check, examine
from search.store.purge import Purged, purge
from search.store.reindex import Reindexed, embed_again, reindex
from search.store.transfer import Transferred, export, import_

if TYPE_CHECKING:
    from search.evaluate.keep import AnyCard


class Keeping(Opened):
    """What a service does beside finding."""

    def begin_conversation(self, question: str, collection: str | None = None) -> int:
        """Return the number of a new conversation with a collection, titled by its first question."""
        return self.store.conversations.begin(self._collection(collection).row.number, question)

    def conversations(self, collection: str | None = None) -> list[ConversationInfo]:
        """Return all conversations, or those with one collection, the latest first."""
        return self.store.conversations.infos(collection)

    def conversation(self, number: int) -> ConversationInfo:
        """Return one.

        :raises ConversationNotFoundError: When there is none of that number.
        """
        return self.store.conversations.get(number)

    def turns(self, conversation: int) -> list[Said]:
        """Return what was said, in order.

        :raises ConversationNotFoundError: When there is none of that number.
        """
        self.store.conversations.get(conversation)
        return self.store.conversations.turns(conversation)

    def rename_conversation(self, number: int, title: str) -> ConversationInfo:
        """Give one another name, and return it."""
        self.store.conversations.rename(number, title)
        return self.store.conversations.get(number)

    def delete_conversation(self, number: int) -> None:
        """Delete one."""
        self.store.conversations.delete(number)

    def checks(self, *, embed: bool = False) -> tuple[Check, ...]:
        """Look whether the data folder is well, and return what was found.

        :param embed: Embed some passages once more, too, to see whether the model has changed under its name.
        """
        settings = self.settings
        return tuple(examine(self.store, settings.embedder, settings.model, (lambda: self.embedder) if embed else None))

    def reindex(self, collection: str | None = None, heard: Heard = unheard, *, fresh: bool = False) -> Reindexed:
        """Write a collection anew, with the configured embedder.

        :param fresh: Embed all texts of that embedder once more, though they have its vectors.
        """
        work = embed_again if fresh else reindex
        return work(self.store, self.embedder, self.resolve(collection), load(self.settings.prices), heard)

    def export(self, file: Path, collection: str | None = None) -> Transferred:
        """Write a collection with its vectors into a file, .jsonl or .parquet."""
        return export(self.store, self.resolve(collection), file)

    def import_(self, file: Path, collection: str | None = None) -> Transferred:
        """Take a file that was exported into a collection."""
        embedder = self.embedder
        return import_(self.store, collection or DEFAULT_COLLECTION, file, {embedder.id: embedder.dimension})

    def back_up(self, file: Path) -> Backup:
        """Write the whole store into one file."""
        return back_up(self.store, file)

    def purge(self, source: str, collection: str | None = None) -> Purged:
        """Remove a source from every file of the data folder."""
        return purge(self.store, source, collection)

    def evaluate(self, path: Path | None = None, collection: str | None = None, heard: Heard = unheard) -> "AnyCard":
        """Judge the search by a folder of judged queries, a file of pairs, or a collection itself.

        :raises InvalidInputError: For a path and a collection at once.
        :raises SourceError: For a path where nothing is.
        """
        # Who judges nothing need not wait for what it imports.
        from search.evaluate.judged import evaluate_folder  # noqa: PLC0415
        from search.evaluate.known_item import evaluate_collection  # noqa: PLC0415
        from search.evaluate.pairs import evaluate_pairs  # noqa: PLC0415
        from search.evaluate.shelf import Shelf  # noqa: PLC0415

        if path is not None and collection is not None:
            raise InvalidInputError("a file, a folder or a collection is judged, one at a time: leave out PATH or -c")
        shelf = Shelf(self.store, self.embedder, heard)
        if path is None:
            return evaluate_collection(shelf, self.resolve(collection))
        try:
            is_folder = S_ISDIR(path.stat().st_mode)
        except OSError as error:
            raise SourceError(path, "there is no such folder or file") from error
        return evaluate_folder(shelf, path) if is_folder else evaluate_pairs(shelf, path)
