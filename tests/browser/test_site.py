"""The documentation as a site, opened as files: its search finds, and nothing is asked of another machine."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import is_fault

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)
    return folder


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab on which nothing may go wrong, and which may open nothing but files."""
    with browser.new_context() as context:
        opened = context.new_page()
        wrong: list[str] = []
        opened.on("console", lambda said: wrong.append(said.text) if is_fault(said) else None)
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        ours = ("file:", "data:")
        opened.on("request", lambda asked: None if asked.url.startswith(ours) else wrong.append(asked.url))
        yield opened
        assert wrong == []


def test_the_search_box_finds(site: Path, page: Page) -> None:
    """A word of one page leads to it."""
    page.goto((site / "index.html").as_uri())
    page.locator("input[name=q]:visible").first.fill("trustworthiness")
    page.keyboard.press("Enter")
    found = page.locator("#search-results li a")
    expect(found.filter(has_text="Maps").first).to_be_visible()
    found.filter(has_text="Maps").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Maps")


def test_no_page_asks_another_machine(site: Path, page: Page) -> None:
    """Not for a font, a script or a picture."""
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    for each in pages:
        page.goto(each.as_uri())
        page.wait_for_load_state("networkidle")
