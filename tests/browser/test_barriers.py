"""Who sees, hears or moves otherwise can use each tab: axe finds nothing against WCAG A and AA, however it looks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from search.service import Service
from search.settings import Settings
from tests.browser.conftest import Server, barriers, is_fault

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAINTED = "() => [...document.querySelectorAll('#nh-map *')].find((each) => each.mapPage)?.mapPage.map?.hasPainted"
TOKEN = "t0ken-with-some-length"


@dataclass(frozen=True)
class Look:
    """One way to look at the page."""

    width: int
    height: int
    theme: Literal["light", "dark"]


LOOKS = [Look(*size, theme) for size in ((1440, 900), (390, 844)) for theme in ("light", "dark")]


@pytest.fixture(scope="module")
def server(browser: Browser, sample: Path, cache: Path) -> Iterator[Server]:
    """The sample with the map of its notes and a probe, behind a token."""
    with Service(Settings(data=sample, cache=cache), "test") as service:
        service.keep_map("sample-notes")
    with Server(sample, cache, token=TOKEN) as running:
        yield running


@pytest.fixture(scope="module")
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """One tab of a browser that is logged in; nothing may go wrong on it, and nothing is asked of another machine."""
    with browser.new_context(reduced_motion="reduce", base_url=server.url) as context:
        opened = context.new_page()
        wrong: list[str] = []
        opened.on(
            "console", lambda said: wrong.append(said.text) if is_fault(said) and "401" not in said.text else None
        )
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        ours = (server.url, "data:", "blob:")
        opened.on("request", lambda asked: None if asked.url.startswith(ours) else wrong.append(asked.url))
        opened.goto("/")
        nobody_is_kept_out(opened)
        opened.get_by_label("Token").fill(TOKEN)
        opened.keyboard.press("Enter")
        opened.locator(".nh-start").wait_for()
        yield opened
        assert wrong == []


def nobody_is_kept_out(page: Page) -> None:
    """Hold what is shown against the rules, at a desk and on a phone, in light and dark."""
    for look in LOOKS:
        page.set_viewport_size({"width": look.width, "height": look.height})
        page.emulate_media(color_scheme=look.theme)
        page.wait_for_function("(theme) => (document.documentElement.dataset.theme ?? theme) === theme", arg=look.theme)
        assert barriers(page) == [], look
        assert page.evaluate(SIDEWAYS) <= 0, look


def _look_up(page: Page) -> None:
    page.locator("#nh-hits .nh-why").first.wait_for(state="attached")
    page.locator("#nh-options summary").click()
    page.locator("#nh-hits .nh-why summary").first.click()
    page.locator("#nh-hits .nh-open").nth(1).click()
    expect(page.locator("#nh-near .nh-card")).to_have_count(10)


def _ask(page: Page) -> None:
    field = page.locator("#nh-question textarea, #nh-question input").first
    field.fill("What does a central bank do when inflation is high?")
    field.press("Enter")
    expect(page.locator("#nh-evidence mark").first).to_be_visible()
    page.locator("#nh-ask-options button").first.click()


def _map(page: Page) -> None:
    page.wait_for_function(PAINTED)
    page.get_by_label("Place a text on the map").fill("money")
    page.keyboard.press("Enter")
    expect(page.locator("#nh-map-near .nh-card")).to_have_count(10)


def _compare(page: Page) -> None:
    page.get_by_role("button", name="Sentences").click()
    page.locator(".nh-pairs").wait_for()


def _tokens(page: Page) -> None:
    page.locator(".nh-models").wait_for()


def _probe(page: Page) -> None:
    page.locator(".nh-new[open]").wait_for()
    page.get_by_text("Names alone").click()
    page.get_by_label("Names, with commas").fill("animal, place, feeling")
    page.get_by_label("Name of the probe").fill("kind")
    page.get_by_role("button", name="Fit").click()
    page.locator("[data-probe=kind]").wait_for()
    page.get_by_label("Text", exact=True).fill("dog")
    page.locator(".nh-outcomes li").first.wait_for()


def _library(page: Page) -> None:
    page.locator(".nh-sources tbody tr").first.wait_for()
    note: FilePayload = {"name": "tea.md", "mimeType": "text/markdown", "buffer": b"Tea is best when it is hot."}
    page.locator("#nh-files").set_input_files(note)
    page.get_by_role("button", name="See what it will take").click()
    page.locator(".nh-receipt dl").wait_for()


def _tour(page: Page) -> None:
    page.get_by_role("button", name="Tour").click()
    page.get_by_role("region", name="Tour").wait_for()


@pytest.mark.parametrize(
    ("address", "use"),
    [
        ("look-up?q=money&collection=sample-notes", _look_up),
        ("ask?collection=sample-notes", _ask),
        ("map?collection=sample-notes", _map),
        ("compare?collection=sample-notes", _compare),
        ("tokens?collection=sample-notes", _tokens),
        ("probe?collection=sample-notes", _probe),
        ("library?collection=sample-notes", _library),
        ("look-up?collection=sample-notes", _tour),
    ],
    ids=lambda given: given.__name__.strip("_") if callable(given) else "",
)
def test_nobody_is_kept_out(page: Page, address: str, use: Callable[[Page], None]) -> None:
    """Neither of the tab as it opens, nor of it with something done on it."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("about:blank")
    page.goto(f"/#{address}")
    page.get_by_role("tab", selected=True).wait_for()
    use(page)
    nobody_is_kept_out(page)
