"""The documentation as a site: it builds without a warning, leads nowhere that is not there, and fetches nothing."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import html

DOCS = Path(__file__).parents[1] / "docs"
FETCHED = (("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built anew; a warning, such as of a link that leads nowhere, ends the build."""
    folder = tmp_path_factory.mktemp("site")
    command: list[str | Path] = [sys.executable, "-m", "sphinx", "-W", "-q", "-E", "-b", "html", "-d", folder / "trees"]
    done = subprocess.run(
        [*map(str, command), str(DOCS), str(folder / "html")],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=DOCS.parent,
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


def test_nothing_is_fetched_from_another_machine(site: Path) -> None:
    """Scripts, styles, fonts and pictures lie beside the pages."""
    pages = [html.parse(page) for page in site.rglob("*.html")]
    assert len(pages) > 20
    used = {one.get(name) or "" for page in pages for tag, name in FETCHED for one in page.iter(tag)}
    styles = {address for sheet in site.rglob("*.css") for address in re.findall(r"url\(([^)]*)\)", sheet.read_text())}
    assert not [address for address in used | styles if re.match(r"""["']?(https?:)?//""", address)]


def test_words_of_a_page_are_found(site: Path) -> None:
    """The search box asks an index that lies beside the pages."""
    index = (site / "searchindex.js").read_text()
    known = json.loads(index.removeprefix("Search.setIndex(").rstrip().removesuffix(")"))
    assert "chroma" in known["terms"]
    assert {"ranking", "reference/cli", "reference/rest"} <= set(known["docnames"])


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("cli", "nearhood collections export"),
        ("rest", "POST /api/search"),
        ("settings", "NEARHOOD_EXACT_BYTES"),
        ("python", "how far neighbours on the map can be taken"),
    ],
)
def test_the_reference_says_what_the_code_says(site: Path, page: str, said: str) -> None:
    """It is made of the parser, the routes, the settings and the docstrings."""
    text = html.parse(site / "reference" / f"{page}.html").getroot().text_content()
    assert said in " ".join(text.split())
