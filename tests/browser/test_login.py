"""The form that asks for the token, as people see it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server

pytestmark = pytest.mark.browser
TOKEN = "t0ken-with-some-length"
SCRIPTS = ("asking", "small-map", "map-page")
"""To leave while they are on their way is a fault to the browser."""


@pytest.fixture(scope="module")
def guarded(browser: Browser, sample: Path, cache: Path) -> Iterator[str]:
    """The address of the sample, served with a token."""
    with Server(sample, cache, token=TOKEN) as running:
        yield running.url


@pytest.fixture
def page(browser: Browser, guarded: str) -> Iterator[Page]:
    """A phone's screen, dark; nothing may go wrong unseen."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark", base_url=guarded)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    context.close()
    assert faults == []


def arrived(page: Page) -> None:
    """Wait for the scripts that the page asks for by itself."""
    page.evaluate("(names) => Promise.all(names.map((name) => import(`/page/${name}.js`))).then(() => null)", SCRIPTS)


def test_a_person_logs_in_and_out(page: Page) -> None:
    """With the keyboard alone, to what the address names; the token is in none, and out of the reach of scripts."""
    page.goto("/#compare")
    expect(page.get_by_label("Token")).to_be_focused()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not the token")
    page.get_by_label("Token").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Compare", selected=True)).to_be_visible()
    assert TOKEN not in page.url
    assert page.evaluate("document.cookie") == ""
    arrived(page)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Token")).to_be_visible()


def test_a_session_that_has_ended_leads_to_the_form(page: Page) -> None:
    """From a tab that is Gradio's own, too; and from there back."""
    page.goto("/#ask?collection=sample-notes")
    page.get_by_label("Token").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Ask", selected=True)).to_be_visible()
    field = page.locator("#nh-question textarea, #nh-question input").first
    field.fill("What is inflation?")
    page.wait_for_timeout(900)
    arrived(page)
    page.context.clear_cookies()
    field.press("Enter")
    expect(page.get_by_label("Token")).to_be_visible()
    page.get_by_label("Token").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Ask", selected=True)).to_be_visible()
    arrived(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_fits_and_can_be_read(browser: Browser, guarded: str, scheme: str) -> None:
    """On the narrowest phone nothing is wider than the screen; the colours are the theme's."""
    context = browser.new_context(viewport={"width": 320, "height": 568}, base_url=guarded)
    page = context.new_page()
    page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    page.goto("/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(250, 249, 247)", "dark": "rgb(19, 18, 17)"}[scheme]
    box = page.get_by_role("button", name="Log in").bounding_box()
    assert box is not None
    assert box["height"] >= 44
    context.close()
