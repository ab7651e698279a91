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
from functools import partial
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

from search.service import Service
from search.settings import Settings
from tests.browser import tabs
from tests.browser.conftest import CHROMIUM, FLAGS, Server
from ui.demo import draw_sample, take_in_sample

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 300_000
QUESTION = "Why do people run to the bank?"
GLAD = "a dog that is glad to be home"
NOTE = b"# Tea\n\nTea is best when it is hot.\n" * 40
DESK, PHONE, LARGE = (1280, 800), (390, 780), (1200, 760)
# The pictures are the same wherever they are taken.
ANYWHERE = """(root) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.textContent = texts.currentNode.textContent.replace(root, "~/nearhood");
}"""


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
    tabs.look_up(page)
    page.locator("nh-small-map canvas").wait_for()


def see_map(page: Page) -> None:
    """A map with its clusters."""
    tabs.see_map(page)
    expect(page.locator("#nh-map-near")).to_contain_text("Clusters")


_FOUND = f"look-up?collection=sample-notes&q={QUESTION.replace(' ', '+')}"
PICTURES = (
    Picture("look-up", _FOUND, look_up),
    Picture("look-up-dark", _FOUND, look_up, "dark"),
    Picture("neighbours", _FOUND, tabs.follow),
    Picture("ask", "ask?collection=sample-notes", tabs.ask),
    # A text with how far off its place may be.
    Picture("map", "map?collection=sample-words", partial(tabs.place, text="puppy")),
    Picture("map-dark", "map?collection=sample-words", see_map, "dark"),
    Picture("compare", "compare?collection=sample-words", tabs.compare),
    Picture("probe", "probe?collection=sample-words", partial(tabs.fit_probe, text=GLAD), "dark"),
    Picture("library", "library?collection=sample-notes", partial(tabs.drop, text=NOTE, collection="drinks")),
    Picture("phone", _FOUND, look_up, "light", PHONE),
)


if __name__ == "__main__":
    main()
