"""Many machines, by way of Ray: the extra `ray`.

Plain tasks, in place of Ray Data's datasets: which texts have to be embedded is known to the ledger alone, which this
process has open, so that the way from files to vectors leads through here in the middle. A task that is lost with its
machine, and a result that was, is made again elsewhere by Ray.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingest.document import Options
from ingest.embed import Embedded
from ingest.engines.base import Read
from ingest.engines.tasks import Orders, Stretch, embed_texts, read_share
from ingest.pipeline import abreast
from ingest.plan import Source
from ingest.report import Counts
from search.embedders.base import Embedder
from search.errors import ClusterError, InvalidInputError, NearhoodError, NotConfiguredError, SourceError
from search.settings import Settings

WINDOWS_PER_CORE = 2
"""One that is embedded, and one that waits."""
CORES_PER_READER = 4
LEAST_WIDTH, LEAST_READERS = 4, 2
SHARE_SOURCES, SHARE_BYTES = 32, 4 * 2**20
"""Files that one task reads, since a task for each small one costs more than the reading."""
BLOCKS_AHEAD = 2
"""Windows' worth of passages that a reader has ready; then it waits."""
RETRIES = 10
"""Machines that may be lost, or run out of memory, under the same task."""
STORE_BYTES = 512 * 2**20
"""Memory for texts and vectors on their way, of a cluster of our own."""
_PATIENCE = 5.0
"""Seconds in which a cluster has to answer; Ray itself tries for minutes."""


@dataclass(frozen=True, slots=True)
class Task:
    """Texts that some machine embeds."""

    ray: Any
    reference: Any

    @property
    def is_done(self) -> bool:
        """Whether the result is there, on any machine."""
        done, _ = self.ray.wait([self.reference], timeout=0)
        return bool(done)

    def result(self) -> Embedded:
        """Wait for the vectors.

        :raises EmbeddingError: When the embedder fails whatever the text.
        :raises ClusterError: When the task was lost too often.
        """
        # Not by Ray's own waiting, which makes a SystemError of a signal.
        found: Embedded = _had(self.ray, self.reference.future().result)
        return found


class RayEngine:
    """Reads and embeds on the machines of a cluster, or on processes here when none is named."""

    index_last = True

    def __init__(self, embedder: Embedder, settings: Settings) -> None:
        self._orders = Orders(embedder.id, settings.openai_base_url, settings.timeout)
        self._address, self._cores = settings.ray_address, settings.threads
        self._ray: Any = None

    def __enter__(self) -> Self:
        """Connect to the cluster, or start one.

        :raises NotConfiguredError: When the extra is not installed.
        :raises ClusterError: When there is no cluster at the address.
        """
        with contextlib.ExitStack() as stack:
            # Ray tells of lost machines on stdout, which is the report's.
            stack.enter_context(contextlib.redirect_stdout(sys.stderr))
            self._ray = _import_ray(alone=not self._address)
            if not self._ray.is_initialized():
                self._connect(stack)
            cores = int(self._ray.cluster_resources().get("CPU", 0))
            self.width = max(LEAST_WIDTH, WINDOWS_PER_CORE * cores)
            self._readers = max(LEAST_READERS, cores // CORES_PER_READER)
            remote = self._ray.remote
            # A reader waits while nobody takes what it has; with a core of its own it would keep the embedding from it.
            self._read = remote(read_share).options(
                num_cpus=0,
                max_retries=RETRIES,
                scheduling_strategy="SPREAD",
                _generator_backpressure_num_objects=BLOCKS_AHEAD,
            )
            self._embed = remote(embed_texts).options(num_cpus=1, max_retries=RETRIES)
            self._closing = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def read(
        self, sources: Sequence[Source], options: Options, counts: Counts
    ) -> Iterator[tuple[Source, Iterator[Read]]]:
        """Yield the sources in order, each with its passages, while some tasks read ahead.

        :raises ClusterError: When a task was lost too often.
        """

        def begin(share: Sequence[Source]) -> _Reading:
            return _Reading(self._ray, self._read.remote(self._orders, options, share))

        for share, blocks in abreast(_shares(sources), begin, self._readers):
            stretches = chain.from_iterable(blocks)
            for source in share:
                yield source, _records(source, stretches, counts)

    def embed(self, texts: Mapping[bytes, str]) -> Task:
        """Have some machine embed texts by key."""
        return Task(self._ray, self._embed.remote(self._orders, dict(texts)))

    def _connect(self, stack: contextlib.ExitStack) -> None:
        options: dict[str, Any] = {"address": "local", "num_cpus": self._cores, "object_store_memory": STORE_BYTES}
        if self._address:
            _check(self._address)
            options = {"address": self._address}
        else:
            folder = _folder()
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            options |= {"_temp_dir": folder, "include_dashboard": False}
        before = signal.getsignal(signal.SIGTERM)
        stack.callback(self._ray.shutdown)
        try:
            self._ray.init(**options, log_to_driver=False, logging_level="error")
        except (OSError, RuntimeError, ValueError, self._ray.exceptions.RayError) as error:
            where = f"at {self._address}" if self._address else "on this machine"
            raise ClusterError(f"no Ray cluster can be had {where}: {_line(error)}") from error
        if threading.current_thread() is threading.main_thread():
            # Ray has one that ends the process with another exit code.
            signal.signal(signal.SIGTERM, before)


class _Reading:
    """Files that some machine reads; taken at its turn."""

    is_done = False

    def __init__(self, ray: Any, references: Iterator[Any]) -> None:  # noqa: ANN401 - Ray is imported where it is used
        self._ray, self._references = ray, references

    def result(self) -> Iterator[list[Stretch]]:
        """Yield what it reads, as it comes."""
        return (_had(self._ray, partial(self._ray.get, reference)) for reference in self._references)


def _had(ray: Any, get: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Return a result; an error of ours is raised as if it had come up here."""
    try:
        return get()
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, NearhoodError):
            raise error.cause from None
        raise
    except ray.exceptions.RayError as error:
        raise ClusterError(f"the Ray cluster lost a task for good: {_line(error)}") from error


def _records(source: Source, stretches: Iterator[Stretch], counts: Counts) -> Iterator[Read]:
    for stretch in stretches:
        counts.warnings.extend(stretch.warnings)
        yield from zip(stretch.records, stretch.tokens, strict=True)
        if stretch.fault is not None:
            raise SourceError(source.name, stretch.fault)
        if stretch.is_last:
            return


def _shares(sources: Sequence[Source]) -> Iterator[list[Source]]:
    """Yield the sources in order, in portions of about equal work."""
    share: list[Source] = []
    size = 0
    for source in sources:
        share.append(source)
        size += source.size
        if len(share) >= SHARE_SOURCES or size >= SHARE_BYTES:
            yield share
            share, size = [], 0
    if share:
        yield share


def _import_ray(*, alone: bool) -> Any:  # noqa: ANN401
    # All are read when it is imported: nothing is told to its makers, there is no warning about GPUs, and a cluster of
    # our own opens no port to the network, and asks others on this machine for a token.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    if alone:
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        # Else Ray would write one into the home folder, for all to read.
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    try:
        import ray  # noqa: PLC0415 - an extra, and a large one
    except ImportError as error:
        raise NotConfiguredError("the engine ray needs Ray: run pip install 'nearhood[ray]'") from error
    return ray


def _check(address: str) -> None:
    """Look whether anything listens at an address.

    :raises InvalidInputError: For what is no address that a machine of the cluster has.
    :raises ClusterError: When nothing does.
    """
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or "/" in address:
        raise InvalidInputError(f"{address!r} is no HOST:PORT of a Ray cluster: run this on a machine of it, with auto")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(f"no Ray cluster answers at {address}: {_line(error)}") from error


def _folder() -> str:
    """Return a folder for sockets, whose paths must be short, and for logs, which go with the cluster."""
    short = Path("/tmp")  # noqa: S108 - one folder in it, of our own
    return tempfile.mkdtemp(prefix="nearhood-ray-", dir=short if short.is_dir() else None)


def _line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
