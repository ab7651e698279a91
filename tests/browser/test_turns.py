"""What comes late, and what is meant for another collection: neither takes the page from what is wanted now."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]  # one browser at a time

TEA = "Tea is best\nMilk is cold\nCoffee is strong\nWater is clear\nJuice is sweet\nBeer is bitter"


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """The page with the words of the sample chosen; after each test: no error of the page's own."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
        opened = context.new_page()
        wrong: list[str] = []
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.goto(f"{server.url}#library?collection=sample-words")
        expect(opened.locator(".nh-detail h2")).to_have_text("sample-words")
        # A choice that was made before Gradio was bound is told once more.
        opened.wait_for_timeout(900)
        yield opened
        assert wrong == []


def _open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def _chosen(page: Page, name: str) -> None:
    expect(page.locator("#nh-collection select")).to_have_value(name)


def _take_in(page: Page, collection: str, text: str) -> None:
    """Take a file of lines in, as the tab Library does, into a collection."""
    if page.locator("[data-act=more]").count():
        page.locator("[data-act=more]").click()
    lines: FilePayload = {"name": "drinks.txt", "mimeType": "text/plain", "buffer": text.encode()}
    page.locator("#nh-files").set_input_files(lines)
    page.locator(".nh-intake [name=collection]").fill(collection)
    page.locator(".nh-kinds").get_by_text("Sentences", exact=True).first.click()
    page.get_by_role("button", name="See what it will take").click()
    page.get_by_role("button", name="Take in", exact=True).click()
    expect(page.locator(".nh-receipt h2")).to_have_text("Taken in")


def test_a_file_that_was_mended_leads_to_its_collection(page: Page) -> None:
    """As many passages as before are another collection's choice all the same, and the receipt's ways lead to it."""
    _take_in(page, "mended", TEA)
    _chosen(page, "mended")
    page.locator("[data-choose=sample-words]").click()
    _chosen(page, "sample-words")
    _take_in(page, "mended", TEA.replace("best", "better"))
    _chosen(page, "mended")
    expect(page.locator(".nh-detail h2")).to_have_text("mended")
    page.locator("[data-choose=sample-words]").click()
    _chosen(page, "sample-words")
    page.get_by_role("link", name="Look up in it").click()
    _chosen(page, "mended")
    page.go_back()
    _chosen(page, "sample-words")
    page.get_by_role("link", name="See its map").click()
    _chosen(page, "mended")
    expect(page.locator(".nh-map-reading")).to_contain_text("6 passages")


def test_what_was_mended_is_drawn_anew(page: Page) -> None:
    """Where its collection is shown, though it has as many passages as before."""
    _take_in(page, "anew", TEA)
    _chosen(page, "anew")
    _open_tab(page, "Look up")
    page.locator("#nh-query input").fill("tea")
    first = page.locator("#nh-hits .nh-card .nh-body").first
    expect(first).to_have_text("Tea is best")
    _open_tab(page, "Library")
    _take_in(page, "anew", TEA.replace("best", "better"))
    _open_tab(page, "Look up")
    expect(first).to_have_text("Tea is better")
