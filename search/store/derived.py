"""What is made of a collection's passages and kept in files beside it."""

import contextlib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path


class Derived:
    """The files that are made of one collection: its index of words, its gate, its maps, its probes and its card.

    All of them can be made again. Who makes one may still be at it when what it is made of is purged, so they are
    written under a lock, and no more once they were removed.
    """

    def __init__(self, data: Path, number: int) -> None:
        """:param number: Of the collection; another one has it only after this one is gone."""
        self.words = words_folder(data) / str(number)
        self.gate = self.words.with_name(f"{number}.gate.json")
        """Beside the index of words and not in it, since that is replaced as a whole."""
        self.maps = data / "maps" / str(number)
        self.probes = data / "probes" / str(number)
        self.card = data / "cards" / str(number) / "card.json"
        self._writing = threading.Lock()
        self._is_gone = False

    @property
    def is_gone(self) -> bool:
        """Whether they were removed."""
        return self._is_gone

    @contextlib.contextmanager
    def writing(self) -> Iterator[bool]:
        """Keep the files from being removed while one is written; False where they were, and none must be written."""
        with self._writing:
            yield not self._is_gone

    def remove(self) -> None:
        """Remove them all, once what is being written is; whoever made more for this object cannot write it."""
        with self._writing:
            self._is_gone = True
            for folder in (self.words, part_of(self.words), self.maps, self.probes, self.card.parent):
                shutil.rmtree(folder, ignore_errors=True)
            for file in (self.gate, part_of(self.gate)):
                file.unlink(missing_ok=True)

    def remove_words(self) -> None:
        """Remove the index of words alone, which on disk may be of before some passages went."""
        with self._writing:
            for folder in (self.words, part_of(self.words)):
                shutil.rmtree(folder, ignore_errors=True)


def words_folder(data: Path) -> Path:
    """Return where the indexes of words of all collections are kept."""
    return data / "lexical"


def part_of(path: Path) -> Path:
    """Return where a file or folder is written before it takes its place; a process that died may have left one."""
    return path.with_name(f"{path.name}.part")
