"""What the documentation shows is run, and what it prints is what is shown.

Before a block, a page may say `<!-- test: ... -->`:

- `not run: REASON`: needs what a test has not, such as a desktop or a network; all of them are counted here;
- `alone`: without the server that the other blocks go through, since the block says what one embeds with;
- `about`: numbers with a point may be off by 0.15, since they depend on the processor.
"""

import contextlib
import io
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.docs.blocks import PAGES, ROOT, Block, blocks, commands, same
from tests.docs.conftest import Desk

pytestmark = pytest.mark.xdist_group("docs")
MARKS = {"alone", "about"}
NOT_RUN = 13
"""Most blocks that no test runs."""


def _id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_the_blocks_of_a_page_run(page: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """From top to bottom, on the folder that all pages share; Python in one namespace a page."""
    monkeypatch.chdir(desk.folder)
    names: dict[str, Any] = {"__name__": "__main__"}
    faults = [
        f"{_id(page)}:{block.line}: {fault}"
        for block in blocks(page)
        if not block.note.startswith("not run: ") and (fault := _fault(block, desk, names))
    ]
    assert faults == [], "\n\n".join(faults)


def test_few_blocks_are_not_run() -> None:
    """Each has a reason, and is one of the few that no test can run."""
    unrun = [block for page in PAGES for block in blocks(page) if block.note.startswith("not run: ")]
    assert len(unrun) <= NOT_RUN
    assert all(len(block.note) > len("not run: ") + 10 for block in unrun)


def test_each_note_is_understood() -> None:
    """A mark with a slip of the pen would be no mark at all."""
    notes = {block.note for page in PAGES for block in blocks(page) if not block.note.startswith("not run: ")}
    assert {mark for note in notes if note for mark in note.split(", ")} <= MARKS


def test_a_difference_is_seen() -> None:
    """The comparison passes what `...` stands for, and nothing else."""
    assert same("0.50  bank\n...\n3 hits, ... ms", "0.50   bank\n0.40 x\n0.30 y\n3 hits, 17 ms")
    assert same("trust 0.81", "trust 0.84", 0.05)
    assert not same("trust 0.81", "trust 0.84")
    assert not same("0.50  bank", "0.50  banks")
    assert not same("bank\nriver", "bank")


def _fault(block: Block, desk: Desk, names: dict[str, Any]) -> str:
    """Return what is wrong with a block; nothing where all is well."""
    if "alone" in block.note:
        desk = desk.alone()
    if block.session:
        return "\n".join(filter(None, (_ran(command, shown, block, desk) for command, shown in commands(block))))
    if block.language in {"sh", ""}:
        return _ran(block.text, block.shown, block, desk)
    if block.language == "python":
        return _python(block, desk, names)
    if block.language == "json":
        json.loads(block.text)
    elif block.language == "toml":
        tomllib.loads(block.text)
    elif block.language not in {"text", "yaml", "{toctree}"}:
        return f"a block of {block.language!r}, which nobody runs"
    return ""


def _ran(script: str, shown: str | None, block: Block, desk: Desk) -> str:
    done = desk.shell(script)
    if done.returncode:
        return f"$ {script}\nended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-1500:]}"
    return _compared(script, shown, done.stdout, block)


def _python(block: Block, desk: Desk, names: dict[str, Any]) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(desk.here(block.text), f"line {block.line}", "exec"), names)
    return _compared(block.text, block.shown, printed.getvalue(), block)


def _compared(code: str, shown: str | None, printed: str, block: Block) -> str:
    tolerance = 0.15 if "about" in block.note else 0.0
    if not shown or same(shown, re.sub(r"/\S+/here/", "", printed), tolerance):
        return ""
    return f"{code}\nprints\n{printed}\nand not\n{shown}"
