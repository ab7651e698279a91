"""Made-up requests, right and wrong, to every route that is described: none is a fault, each answer is as described."""

import os
import re
import subprocess
import sys
from pathlib import Path

from search.settings import Settings
from tests.api.conftest import ROOT, SAMPLE, Serving
from tests.prepared import Prepared

LONG = os.environ.get("NEARHOOD_FAULTS") == "long"
EXAMPLES = 60 if LONG else 6
"""For each of the operations, of which there are some fifty."""


def test_made_up_requests(tmp_path: Path, cache: Path, prepared: Prepared) -> None:
    """Hundreds of them, or thousands with NEARHOOD_FAULTS=long."""
    prepared(Settings(data=tmp_path / "data", cache=cache), *SAMPLE)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.md").write_text("Whales sing in the deep sea.\n")
    serving = Serving(tmp_path / "data", cache, NEARHOOD_CHAT="extractive")
    with serving as url:
        done = _fuzzed(url, tmp_path)
        assert "Traceback" not in serving.log()
    (tmp_path / "out.txt").write_text(done.stdout)
    assert done.returncode == 0, done.stdout[-10_000:]
    (cases,) = re.findall(r"(\d+) generated", done.stdout)
    assert int(cases) > 30 * EXAMPLES


def _fuzzed(url: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(ROOT / "tests/api/fuzzed.toml")]
    command += ["--no-color", "run", f"{url}/openapi.json", "--checks", "all", "--phases", "fuzzing", "--mode", "all"]
    command += ["--max-examples", str(EXAMPLES), "--request-timeout", "300"]
    # What one run of the short form finds, each finds.
    command += ["--generation-database", "none"] if LONG else ["--seed", "0", "--generation-deterministic"]
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": "tests.api.fuzz_hooks",
        "NEARHOOD_FUZZED": str(folder / "folder"),
    }
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=3_000, check=False)
