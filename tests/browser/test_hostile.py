"""What notes, names, metadata and answers say is shown on every tab, and never run."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from ingest.document import Options
from ingest.sync import Wish, sync
from search.latent.probes import Examples
from search.service import Service
from search.settings import Settings
from tests.browser.conftest import Server
from tests.browser.hostile import TEXTS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Server]:
    """Hostile texts as notes, words, names of files, headings, metadata and outcomes of a probe."""
    folder, data = tmp_path_factory.mktemp("hostile"), tmp_path_factory.mktemp("data")
    for number, text in enumerate(TEXTS):
        name = text.replace("/", "∕").replace("\n", " ")[:80]
        note = f"# {text}\n\nThe bank number {number} says: {text} It is by the river."
        (folder / f"{number} {name}.md").write_text(note, encoding="utf-8")
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [[f"The river bank of {n} is quiet. {text}", text, text] for n, text in enumerate(TEXTS)]
        csv.writer(file).writerows([["text", "kind", "<img src=x onerror=alert(1)>"], *rows])
    with Service(Settings(data=data, cache=cache), "test") as service:
        wish = Wish([folder], Options(text=("text",)))
        assert sync(service.store, service.embedder, "hostile", wish).failed == ()
        service.fit_probe(Examples(names=[text for text in TEXTS if text.strip()]), "hostile", "hostile")
    with Server(data, cache) as running:
        yield running


def _watched(page: Page, server: Server) -> list[str]:
    """Return a list that will hold dialogs, requests to elsewhere and errors."""
    seen: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    ours = (server.url, "data:", "blob:")
    page.on("dialog", dismiss)
    page.on("request", lambda asked: None if asked.url.startswith(ours) else seen.append(asked.url))
    page.on("pageerror", lambda error: seen.append(str(error)))
    return seen


@pytest.fixture
def wrong(browser: Browser, server: Server) -> Iterator[tuple[Page, list[str]]]:
    """A tab on the hostile collection, and what went wrong on it: dialogs, requests to elsewhere, errors."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        seen = _watched(page, server)
        page.on("console", lambda said: seen.append(said.text) if said.type == "error" else None)
        page.goto(f"{server.url}/#look-up?collection=hostile&q=river+bank&k=50")
        expect(page.locator("#nh-hits .nh-card")).to_have_count(50)
        yield page, seen


def test_there_are_sixty_of_them() -> None:
    """All different."""
    assert len(set(TEXTS)) == 60


def test_look_up_shows_them(wrong: tuple[Page, list[str]]) -> None:
    """In cards, with what makes them near, in the middle of their neighbours, and as a query and a filter."""
    page, seen = wrong
    expect(page.locator("#nh-hits .nh-why").first).to_be_attached()
    for number in (0, 10, 30):
        page.locator("#nh-hits .nh-open").nth(number).click()
        expect(page.locator("#nh-near .nh-card").first).to_be_visible()
    for text in TEXTS[:12]:
        page.locator("#nh-query input").fill(text)
        expect(page.locator("#nh-hits .nh-query")).to_contain_text(" ".join(text.split())[:40])
    page.locator("#nh-options summary").click()
    expect(page.locator("#nh-options small")).to_contain_text("onerror")
    assert seen == []


def test_library_and_probe_show_them(wrong: tuple[Page, list[str]]) -> None:
    """As names of sources and of outcomes."""
    page, seen = wrong
    page.get_by_role("tab", name="Library").click()
    expect(page.locator(".nh-sources tbody tr")).to_have_count(61)
    page.locator(".nh-acts").get_by_text("Near-duplicates").click()
    expect(page.locator(".nh-twins li").first).to_be_visible()
    page.get_by_role("tab", name="Probe").click()
    page.get_by_label("Text", exact=True).fill("bank")
    expect(page.locator(".nh-outcomes li").first).to_be_visible()
    assert seen == []


def test_compare_tokens_map_and_ask_show_them(wrong: tuple[Page, list[str]]) -> None:
    """As texts of a table, as chips, as points, and as an answer with what it rests on."""
    page, seen = wrong
    page.get_by_role("tab", name="Compare").click()
    texts = [text for text in TEXTS if "\n" not in text]
    page.locator("#nh-compare textarea").fill("\n".join(texts))
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator(".nh-matrix tbody tr")).to_have_count(len(texts))
    page.get_by_role("tab", name="Tokens").click()
    page.locator("#nh-split textarea").fill("\n".join(TEXTS))
    expect(page.locator(".nh-token")).not_to_have_count(0)
    page.get_by_role("tab", name="Map").click()
    page.locator(".nh-map-host canvas").first.wait_for()
    page.get_by_role("tab", name="Ask").click()
    page.locator("#nh-question textarea, #nh-question input").fill("What does the bank by the river say?")
    page.keyboard.press("Enter")
    expect(page.locator("#nh-evidence li").first).to_be_visible()
    assert seen == []


def test_a_hostile_name_of_a_collection_is_refused_as_text(server: Server, browser: Browser, tmp_path: Path) -> None:
    """The message repeats it, and runs nothing."""
    note = tmp_path / "note.md"
    note.write_text("A note.", encoding="utf-8")
    with browser.new_context() as context:
        page = context.new_page()
        seen = _watched(page, server)
        page.goto(f"{server.url}/#library?collection=<img src=x onerror=alert(1)>")
        page.locator(".nh-detail h2").wait_for()
        page.locator("#nh-files").set_input_files(note)
        page.locator(".nh-intake [name=collection]").fill(TEXTS[0])
        page.get_by_role("button", name="See what it will take").click()
        expect(page.locator(".nh-receipt")).to_contain_text("cannot be a collection's name")
        assert seen == []
