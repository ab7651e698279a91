"""Two machines of a Ray cluster, as processes of this one; run as a program, which ends with its stdin.

It prints its address, and takes one of the machines away at the word `kill`.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789" * 4}
LOOPBACK = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", **TOKEN}
"""Nothing is told to Ray's makers, its own address is the loopback's, and nothing is written into the home folder."""
STORE_BYTES = 80 * 2**20


@dataclass(frozen=True, slots=True)
class Machines:
    """A cluster of two, with a core each."""

    address: str
    stdin: IO[str]

    def kill_one(self) -> None:
        """Take the machine away that the others are not led by."""
        self.stdin.write("kill\n")
        self.stdin.flush()


@contextmanager
def machines(folder: Path, environ: Mapping[str, str]) -> Iterator[Machines]:
    """Yield a cluster whose machines have an environment.

    :param folder: For its logs and sockets; a short path.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.ray_cluster"],
        cwd=ROOT,
        env={**os.environ, **LOOPBACK, **environ, "RAY_TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            lines = (line for line in process.stdout if line.startswith("ADDRESS "))
            yield Machines(next(lines).split()[1], process.stdin)
        finally:
            process.stdin.close()


def main() -> None:
    """Be a cluster until nobody is there to be one for."""
    from ray.cluster_utils import Cluster

    node = {
        "num_cpus": 1,
        "object_store_memory": STORE_BYTES,
        "include_dashboard": False,
        "node_ip_address": "127.0.0.1",
    }
    cluster = Cluster(initialize_head=True, head_node_args=node)
    other = cluster.add_node(**node)
    print("ADDRESS", cluster.address, flush=True)
    try:
        for line in sys.stdin:
            if line == "kill\n":
                cluster.remove_node(other, allow_graceful=False)
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main()
