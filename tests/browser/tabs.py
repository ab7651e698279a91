"""What people do on each tab, as the tests and the pictures of the documentation do it."""

from playwright.sync_api import FilePayload, Page, expect

PAINTED = "() => [...document.querySelectorAll('#nh-map *')].find((each) => each.mapPage)?.mapPage.map?.hasPainted"
OUTCOMES = "animal, place, feeling, money"


def look_up(page: Page) -> None:
    """Wait for the hits of the query in the address, with why they are near."""
    page.locator("#nh-hits .nh-why").first.wait_for(state="attached")


def follow(page: Page) -> None:
    """Show what is near to the second hit."""
    page.locator("#nh-hits .nh-open").nth(1).click()
    expect(page.locator("#nh-near .nh-card")).to_have_count(10)


def ask(page: Page) -> None:
    """Ask the sample's notes a question, and wait for the answer and its sources."""
    field = page.locator("#nh-question textarea, #nh-question input").first
    field.fill("What does a central bank do when inflation is high?")
    field.press("Enter")
    expect(page.locator("#nh-evidence mark").first).to_be_visible()
    page.locator("#nh-talk .nh-turn:not([aria-busy])").wait_for()


def see_map(page: Page) -> None:
    """Wait for the map, which may be fitted first."""
    page.wait_for_function(PAINTED, timeout=60_000)


def place(page: Page, text: str) -> None:
    """Place a text on the map."""
    see_map(page)
    page.get_by_label("Place a text on the map").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator("#nh-map-near .nh-card")).to_have_count(10)


def compare(page: Page) -> None:
    """Compare the lecture's sentences, which brings its cautions."""
    page.get_by_role("button", name="Sentences").click()
    page.locator(".nh-pairs").wait_for()


def fit_probe(page: Page, text: str) -> None:
    """Fit a probe to names, and have it read a text."""
    page.locator(".nh-new[open]").wait_for()
    page.get_by_text("Names alone").click()
    page.get_by_label("Names, with commas").fill(OUTCOMES)
    page.get_by_label("Name of the probe").fill("kind")
    page.get_by_role("button", name="Fit").click()
    page.locator("[data-probe=kind]").wait_for()
    page.get_by_label("Text", exact=True).fill(text)
    page.locator(".nh-outcomes li").first.wait_for()


def drop(page: Page, text: bytes, collection: str = "") -> None:
    """Drop a file in the library, and see what it will take.

    :param collection: The name of a new one; empty for the one that is shown.
    """
    page.locator(".nh-sources tbody tr").first.wait_for()
    note: FilePayload = {"name": "tea.md", "mimeType": "text/markdown", "buffer": text}
    page.locator("#nh-files").set_input_files(note)
    if collection:
        page.locator(".nh-intake [name=collection]").fill(collection)
    page.get_by_role("button", name="See what it will take").click()
    page.locator(".nh-receipt dl").wait_for()
