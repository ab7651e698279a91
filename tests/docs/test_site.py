"""The documentation as a whole: its links, its order, and what is written from the code."""

import re
from pathlib import Path

import pytest
import yaml

from docs import write_reference
from search import settings as settings_module
from tests.docs.blocks import PAGES, ROOT
from ui.arguments import parser

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


def test_the_order_of_the_site_names_pages_that_are_there() -> None:
    """Those that are written from the code among them."""
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]
    named = set(re.findall(r"[\w/-]+\.md", str(nav)))
    there = {p.relative_to(ROOT / "docs").as_posix() for p in {*PAGES[1:], *GENERATED}}
    assert named <= there


def test_each_option_of_each_command_says_what_it_does() -> None:
    """The reference is made of that; what stands without a dash is said by the command's own line."""
    silent = [
        (*names, option)
        for names, one in write_reference.commands(parser(), ("nearhood",))
        for option, text in write_reference.options(one)
        if option.startswith("-") and not text
    ]
    assert silent == []


def test_each_setting_says_what_it_is() -> None:
    """And is on the page."""
    assert set(write_reference.documented(settings_module, "Settings")) == write_reference.known()


def test_the_reference_has_each_verb_and_command() -> None:
    """The pages are made when the site is."""
    page = write_reference.cli() + write_reference.python() + write_reference.settings()
    assert all(f"`{name}`" in page for name in ("nearhood ingest", "nearhood probe fit", "search.connect", "draw_map"))
