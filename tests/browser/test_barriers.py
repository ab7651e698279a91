"""Who sees, hears or moves otherwise can use each tab: axe finds nothing against WCAG A and AA, however it looks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from search.service import Service
from search.settings import Settings
from tests.browser import tabs
from tests.browser.conftest import Server, barriers, is_fault

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CONTRASTS = (Path(__file__).parent / "contrasts.js").read_text(encoding="utf-8")
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
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
        # Of texts for which axe cannot tell, too.
        assert page.evaluate(CONTRASTS) == [], look
        assert page.evaluate(SIDEWAYS) <= 0, look


def _look_up(page: Page) -> None:
    tabs.look_up(page)
    page.locator("#nh-options summary").click()
    page.locator("#nh-hits .nh-why summary").first.click()
    tabs.follow(page)


def _ask(page: Page) -> None:
    tabs.ask(page)
    page.locator("#nh-ask-options button").first.click()


def _map(page: Page) -> None:
    tabs.place(page, "money")
    nobody_is_kept_out(page)
    page.locator(".nh-map-host").focus()
    page.keyboard.press("v")
    page.locator("#nh-map-near").get_by_text("New collection").click()
    page.locator(".nh-map-how summary").click()


def _tokens(page: Page) -> None:
    page.locator(".nh-models").wait_for()


def _probe(page: Page) -> None:
    tabs.fit_probe(page, "dog")


def _library(page: Page) -> None:
    tabs.drop(page, b"Tea is best when it is hot.")


def _tour(page: Page) -> None:
    page.get_by_role("button", name="Tour").click()
    page.get_by_role("region", name="Tour").wait_for()


@pytest.mark.parametrize(
    ("address", "use"),
    [
        ("look-up?q=money&collection=sample-notes", _look_up),
        ("ask?collection=sample-notes", _ask),
        ("map?collection=sample-notes", _map),
        ("compare?collection=sample-notes", tabs.compare),
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
