"""One tree of errors; every surface maps it once to an exit code, a status and a line.

NearhoodError                     1   400
├── InvalidInputError             2   422   a value no command could work with
├── NotFoundError                 1   404
│   ├── CollectionNotFoundError
│   ├── PassageNotFoundError
│   └── SourceNotFoundError
├── UnknownNameError              1   400   an embedder, model or method that no table has
├── NotConfiguredError            1   400   a setting without which it cannot work
├── EmbedderMismatchError         1   409
├── SourceError                   1   422   a file that cannot be read
├── EmbeddingError                1   502   an embedder answered wrongly
│   ├── ModelFilesError
│   ├── EmbeddingReplyError
│   └── EmbeddingServiceError
├── ChatError                     1   502   a chat model could not answer
├── BudgetError                   1   409   more would be spent than is allowed
├── ZeroVectorError               1   422
├── StoreBusyError                4   503
├── StoreClosedError              1   503   it is being stopped
├── StoreDamagedError             1   500
├── IndexServerError              1   503   Chroma, elsewhere, does not answer or refuses
├── ClusterError                  1   503   the machines that read and embed cannot be reached, or fail
├── ReplicaError                  1   403   a change where only reading is possible
└── DiskFullError                 5   507
"""

from pathlib import Path
from typing import Any


class NearhoodError(Exception):
    """Something a user can act on; its message is one line that says what to do."""

    exit_code = 1
    status = 400

    @property
    def kind(self) -> str:
        """The class name without 'Error', in lower case with hyphens: 'store-busy'."""
        name = type(self).__name__.removesuffix("Error")
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")

    def __reduce__(self) -> tuple[Any, ...]:
        # As it is, since what a subclass is made of is not what `args` has: errors go from machine to machine.
        return _as_it_was, (type(self), self.args), self.__dict__


def _as_it_was(kind: type[NearhoodError], args: tuple[Any, ...]) -> NearhoodError:
    return kind.__new__(kind, *args)


class InvalidInputError(NearhoodError):
    """A value that no command could work with."""

    exit_code = 2
    status = 422


class NotFoundError(NearhoodError):
    """A name that the store does not have."""

    status = 404


class CollectionNotFoundError(NotFoundError):
    """No collection of that name."""

    def __init__(self, name: str, known: list[str]) -> None:
        have = f"there are: {', '.join(known)}" if known else "the store has none yet"
        which = "pass one of them with -c, or " if known else ""
        super().__init__(f"no collection {name!r} ({have}): {which}run nearhood ingest PATH -c {name}")
        self.name = name


class PassageNotFoundError(NotFoundError):
    """No passage of that id."""

    def __init__(self, passage_id: str, collection: str) -> None:
        super().__init__(
            f"no passage {passage_id!r} in {collection!r}: ids are in the output of nearhood search --json"
        )
        self.passage_id = passage_id


class SourceNotFoundError(NotFoundError):
    """No collection has a source of that name."""

    def __init__(self, source: str) -> None:
        super().__init__(f"no source {source!r}: sources are named as nearhood search --json prints them")
        self.source = source


class UnknownNameError(NearhoodError):
    """A name that its table does not have."""

    def __init__(self, what: str, name: str, known: list[str]) -> None:
        super().__init__(f"unknown {what} {name!r}: choose one of {', '.join(known)}")
        self.name = name


class NotConfiguredError(NearhoodError):
    """Something needs a setting, such as a key, that is not there."""


class EmbedderMismatchError(NearhoodError):
    """A collection made with another embedder: its vectors cannot be compared with ours."""

    status = 409

    def __init__(self, collection: str, stored: str, configured: str) -> None:
        super().__init__(
            f"the collection {collection!r} was built with {stored}, but {configured} is configured: "
            f"pass --embedder {stored}, or run nearhood collections reindex {collection}"
        )
        self.stored, self.configured = stored, configured


class SourceError(NearhoodError):
    """A file or folder that cannot be read as what it should be."""

    status = 422

    def __init__(self, source: str | Path, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source, self.reason = str(source), reason


class EmbeddingError(NearhoodError):
    """An embedder could not embed."""

    status = 502


class ModelFilesError(EmbeddingError):
    """The local model's files are missing, or are not the official ones."""


class EmbeddingReplyError(EmbeddingError):
    """A reply of the wrong count, order, dimension, or with values that are not finite."""


class EmbeddingServiceError(EmbeddingError):
    """The embedding service refused, failed or did not answer in time."""

    def __init__(self, message: str, *, is_refusal: bool = False) -> None:
        """:param is_refusal: Whether the service found fault with these very texts."""
        super().__init__(message)
        self.is_refusal = is_refusal


class ChatError(NearhoodError):
    """A chat model refused, failed, said nothing, or did not answer in time."""

    status = 502


class BudgetError(NearhoodError):
    """More would be spent than is allowed."""

    status = 409

    def __init__(self, limit: str) -> None:
        super().__init__(f"stopped before {limit} is passed: what is done stays; run again with more to go on")


class ZeroVectorError(NearhoodError):
    """A vector without a direction."""

    status = 422

    def __init__(self) -> None:
        super().__init__("cosine similarity needs finite vectors of a length above zero")


class StoreBusyError(NearhoodError):
    """Another process has the data folder open."""

    exit_code = 4
    status = 503

    def __init__(self, folder: Path, holder: str, url: str | None = None, *, is_own: bool = False) -> None:
        """:param url: Where the holder answers requests; None when it is no server.
        :param is_own: Whether this process is the holder, as in a notebook that opens a folder twice.
        """
        elsewhere = f"is in use by {holder}: wait until it ends, stop it, or pass another --data"
        here = "is open in this process already: use what opened it, or close that first"
        super().__init__(f"{folder} {here if is_own else elsewhere}")
        self.folder, self.url = folder, url


class StoreClosedError(NearhoodError):
    """The data folder was closed while something was at work on it."""

    status = 503

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is being closed: what was committed is kept; ask again when it is open")


class StoreDamagedError(NearhoodError):
    """The ledger cannot be read."""

    status = 500


class IndexServerError(NearhoodError):
    """The Chroma server does not answer, or refuses. What was read and embedded is in the ledger."""

    status = 503


class ClusterError(NearhoodError):
    """A Ray cluster does not answer, or has lost the same work too often. What was committed stays."""

    status = 503


class ReplicaError(NearhoodError):
    """Something was to be changed in a replica, which has only what Chroma has."""

    status = 403

    def __init__(self) -> None:
        super().__init__("this is a replica, which only reads: do it where the ledger is, without NEARHOOD_REPLICA")


class DiskFullError(NearhoodError):
    """No space left; what was committed before stays."""

    exit_code = 5
    status = 507

    def __init__(self, folder: Path) -> None:
        super().__init__(f"no space left for {folder}: free some and run the same command again")
        self.folder = folder
