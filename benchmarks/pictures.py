"""The pictures of the documentation, taken of the page as it is: `docs/images/`.

    python -m benchmarks.pictures [--data DIR --large NAME]

They are of the bundled sample, which is taken in first. With a data folder and one of its collections, the picture of a
large map is taken instead, of that one, as it is kept there.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright

from search.service import Service
from search.settings import Settings
from tests.browser.conftest import CHROMIUM, FLAGS, Server
from ui.demo import draw_sample, take_in_sample

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 300_000
QUESTION = "Why do people run to the bank?"
DESK, PHONE, LARGE = (1280, 800), (390, 780), (1200, 760)
# The pictures are the same wherever they are taken.
ANYWHERE = """(root) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.textContent = texts.currentNode.textContent.replace(root, "~/nearhood");
}"""
PAINTED = "() => [...document.querySelectorAll('#nh-map *')].find((each) => each.mapPage)?.mapPage.map?.hasPainted"


@dataclass(frozen=True, slots=True)
class Picture:
    """One of them."""

    name: str
    address: str
    use: Callable[[Page], None]
    theme: Literal["light", "dark"] = "light"
    size: tuple[int, int] = DESK


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a data folder with a large collection")
    parser.add_argument("--large", help="its name")
    given = parser.parse_args()
    cache = Settings.from_environment().cache
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if given.large:
            with Server(given.data, cache) as server:
                take(browser, server, Picture("map-clusters", f"map?collection={given.large}", see_map, size=LARGE))
        else:
            with sample(Path(folder), cache) as server:
                for picture in PICTURES:
                    take(browser, server, picture)
        browser.close()


@contextmanager
def sample(data: Path, cache: Path) -> Iterator[Server]:
    """Yield a server on the sample, with its maps."""
    with Service(Settings(data=data, cache=cache), "pictures") as service:
        take_in_sample(service, lambda _: None)
        draw_sample(service)
    with Server(data, cache) as server:
        yield server


def take(browser: Browser, server: Server, picture: Picture) -> None:
    """Take one picture.

    :raises ValueError: When it is too large to be kept.
    """
    width, height = picture.size
    with browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=picture.theme, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        page.goto(f"{server.url}/#{picture.address}")
        picture.use(page)
        page.mouse.move(0, 0)
        # Fonts, names on the map, and what is explained once typing stops.
        page.wait_for_timeout(1_500)
        page.evaluate(ANYWHERE, str(ROOT))
        taken = page.screenshot()
    if len(taken) > MOST_BYTES:
        raise ValueError(f"{picture.name} has {len(taken):,} bytes, more than {MOST_BYTES:,}")
    (IMAGES / f"{picture.name}.png").write_bytes(taken)
    print(f"{picture.name}.png {len(taken):,} bytes", flush=True)


def look_up(page: Page) -> None:
    """Hits with why they are near, and where they stand."""
    page.locator("#nh-hits .nh-why").first.wait_for(state="attached")
    page.locator("nh-small-map canvas").wait_for()


def follow(page: Page) -> None:
    """What is near to a hit."""
    page.locator("#nh-hits .nh-open").nth(1).click()
    expect(page.locator("#nh-near .nh-card")).to_have_count(10)


def ask(page: Page) -> None:
    """A question with its answer and its sources."""
    field = page.locator("#nh-question textarea, #nh-question input").first
    field.fill("What does a central bank do when inflation is high?")
    field.press("Enter")
    expect(page.locator("#nh-evidence mark").first).to_be_visible()
    page.locator("#nh-talk .nh-turn:not([aria-busy])").wait_for()


def see_map(page: Page) -> None:
    """A map with its clusters."""
    page.wait_for_function(PAINTED, timeout=60_000)
    expect(page.locator("#nh-map-near")).to_contain_text("Clusters")


def place(page: Page) -> None:
    """A text on the map, with how far off that may be."""
    see_map(page)
    page.get_by_label("Place a text on the map").fill("puppy")
    page.keyboard.press("Enter")
    expect(page.locator("#nh-map-near .nh-card")).to_have_count(10)


def compare(page: Page) -> None:
    """The lecture's sentences, and what to beware of."""
    page.get_by_role("button", name="Sentences").click()
    page.locator(".nh-pairs").wait_for()


def probe(page: Page) -> None:
    """A distribution over outcomes."""
    page.locator(".nh-new[open]").wait_for()
    page.get_by_text("Names alone").click()
    page.get_by_label("Names, with commas").fill("animal, place, feeling, money")
    page.get_by_label("Name of the probe").fill("kind")
    page.get_by_role("button", name="Fit").click()
    page.locator("[data-probe=kind]").wait_for()
    page.get_by_label("Text", exact=True).fill("a dog that is glad to be home")
    page.locator(".nh-outcomes li").first.wait_for()


def library(page: Page) -> None:
    """What is in a collection, and what a file would take."""
    page.locator(".nh-sources tbody tr").first.wait_for()
    note: FilePayload = {
        "name": "tea.md",
        "mimeType": "text/markdown",
        "buffer": b"# Tea\n\nTea is best when it is hot.\n" * 40,
    }
    page.locator("#nh-files").set_input_files(note)
    page.locator(".nh-intake [name=collection]").fill("drinks")
    page.get_by_role("button", name="See what it will take").click()
    page.locator(".nh-receipt dl").wait_for()


_FOUND = f"look-up?collection=sample-notes&q={QUESTION.replace(' ', '+')}"
PICTURES = (
    Picture("look-up", _FOUND, look_up),
    Picture("look-up-dark", _FOUND, look_up, "dark"),
    Picture("neighbours", _FOUND, follow),
    Picture("ask", "ask?collection=sample-notes", ask),
    Picture("map", "map?collection=sample-words", place),
    Picture("map-dark", "map?collection=sample-words", see_map, "dark"),
    Picture("compare", "compare?collection=sample-words", compare),
    Picture("probe", "probe?collection=sample-words", probe, "dark"),
    Picture("library", "library?collection=sample-notes", library),
    Picture("phone", _FOUND, look_up, "light", PHONE),
)


if __name__ == "__main__":
    main()
