"""The documentation as a whole: its links and its order."""

import re
from pathlib import Path

import pytest

from docs.generate import settings
from tests.docs.blocks import PAGES, ROOT

GENERATED = {ROOT / "docs" / "reference" / f"{name}.md" for name in ("cli", "rest", "settings", "python")}
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", head.lower())).strip("-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """To a file of the repository and, behind a `#`, to a heading of it."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    dead = []
    for link in _LINK.findall(text):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if ":" in link or target in GENERATED:
            continue
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            dead.append(link)
    assert dead == []


def test_the_settings_have_the_defaults_that_a_command_has() -> None:
    """Also where the machine says them, and not the field."""
    (threads,) = [line for line in settings().splitlines() if line.startswith("| `threads` |")]
    assert "| one for each core |" in threads


def test_no_two_pages_have_one_title() -> None:
    """A list of pages with two of one name leads nobody anywhere."""
    titles = [page.read_text().partition("\n")[0] for page in PAGES[1:]]
    assert settings().partition("\n")[0] not in titles
    assert len({*titles}) == len(titles)


def test_the_index_names_each_page() -> None:
    """Those that are written from the code among them."""
    named = set(re.findall(r"^[\w/-]+$", (ROOT / "docs" / "index.md").read_text(), re.MULTILINE))
    there = {p.relative_to(ROOT / "docs").with_suffix("").as_posix() for p in {*PAGES[1:], *GENERATED}}
    assert there - named - {"index"} == set()
    assert named <= there
