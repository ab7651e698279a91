"""The wheel has all that it needs, and works without this repository."""

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.process import as_json

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.xdist_group("wheel")
"""Once is enough: a wheel takes seconds."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pip wheel` makes of the repository, from a copy: nothing else is made or changed in its folder."""
    folder, copy = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("copy")
    for name in _tracked("pyproject.toml", "README.md", "LICENSE", "search", "ingest", "ui"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    where = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", str(folder), str(copy)]
    pip = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *where], check=False, capture_output=True, text=True, timeout=120
    )
    assert pip.returncode == 0, pip.stderr
    (made,) = folder.glob("nearhood-*.whl")
    return made


def test_each_file_that_a_package_brings_along_is_in_the_wheel(wheel: Path) -> None:
    """The page's scripts, the sample and the templates, not the code alone; and nothing of the tests."""
    names = set(zipfile.ZipFile(wheel).namelist())
    assert set(_tracked("search", "ingest", "ui")) - names == set()
    assert {name.split("/")[0] for name in names if "dist-info" not in name} == {"search", "ingest", "ui"}


def _tracked(*places: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", *places], cwd=ROOT, check=True, capture_output=True, text=True)
    return listed.stdout.split()


def test_each_package_that_is_imported_is_asked_for() -> None:
    """By the wheel or one of its extras, and not by luck, as another package's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(each for extra in project["optional-dependencies"].values() for each in extra)]
    declared = {_plain(re.split(r"[^\w.-]", each)[0]) for each in asked}
    brought = packages_distributions()
    files = [path for name in ("search", "ingest", "ui") for path in (ROOT / name).rglob("*.py")]
    imported = {module for path in files for module in _imported(path)} & set(brought)
    missing = {module for module in imported if not declared & {_plain(each) for each in brought[module]}}
    assert missing - {"search", "ingest", "ui"} == set()
    assert {"numpy", "chromadb", "scipy"} <= imported


def _imported(path: Path) -> set[str]:
    """Return the packages that a file imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    parts = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {name.partition(".")[0] for name in (*plain, *parts)}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_wheel_runs_by_itself(wheel: Path, tmp_path: Path, cache: Path) -> None:
    """In a fresh environment beside the locked packages, from a folder that is not the repository."""
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True, timeout=60)
    (site,) = home.glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    _locked_packages(site)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("NEARHOOD_", "OPENAI_", "PYTHON"))}
    env |= {"NEARHOOD_DATA": str(tmp_path / "data"), "NEARHOOD_CACHE": str(cache)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(home / "bin" / "python"), "-m", "ui.cli", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False)

    assert run("--version").stdout.startswith("nearhood 0.")
    assert [c["passages"] for c in as_json(run("demo", "--no-serve", "--json"))["collections"][:2]] == [49, 4]


def _locked_packages(site: Path) -> None:
    """Link what is installed here, but for this project itself."""
    for place in map(Path, dict.fromkeys([sysconfig.get_path("purelib"), *sys.path])):
        if place.name == "site-packages" and place.is_dir():
            for entry in place.iterdir():
                if "nearhood" not in entry.name and not (site / entry.name).exists():
                    (site / entry.name).symlink_to(entry)
