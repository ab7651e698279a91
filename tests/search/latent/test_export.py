"""Files of maps: each readable by what it is for, whatever the texts say."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from search.errors import InvalidInputError
from search.latent.export.sheet import COLORS, OTHER, Sheet
from search.latent.export.write import write
from search.latent.fitted import Cluster
from search.latent.map import LatentMap, Point
from search.latent.neighbours import neighbours
from tests.search.latent.conftest import blobs

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!-- <img src=x onerror=alert(1)>",
    "a\tb\r\nc",
    "$\\frac{1}{0}$ $",
    "{{data}} {{title}}",
    "half a pair \ud800",
    "\u202eright to left",
    "",
)


def _map(texts: tuple[str, ...] = HOSTILE, **values: object) -> LatentMap:
    points = tuple(
        Point(f"id {i}", float(i), float(i * i % 5), text, f"/notes/{text[:20]}.txt", cluster=i % 2, trust=0.5)
        for i, text in enumerate(texts)
    )
    clusters = tuple(Cluster(i, HOSTILE[i], len(texts) // 2, 0.9, checked=True) for i in range(2))
    made = {"continuity": 0.8, "knn_recall": 0.5, "clusters": clusters, "version": 1} | values
    return LatentMap("tsne", 0, "test:made-up", 0.9, len(texts), points, **made)  # type: ignore[arg-type] # as named


def _write(drawn: LatentMap, file: Path) -> tuple[Path, ...]:
    rows = blobs(16)[: len(drawn.points)]
    return write(drawn, file, neighbours(rows).indices, rows)


def test_json_is_the_map(tmp_path: Path) -> None:
    """All of it, with every text as it is."""
    (file,) = _write(_map(), tmp_path / "map.json")
    found = json.loads(file.read_text(encoding="utf-8", errors="surrogatepass"))
    assert [p["text"] for p in found["points"]] == list(HOSTILE)
    assert found["clusters"][0]["stability"] == 0.9


def test_the_page_has_no_text_that_it_could_run_and_loads_nothing(tmp_path: Path) -> None:
    """Texts are data that ends no script; nothing comes from elsewhere, and the page may fetch nothing."""
    (file,) = _write(_map(), tmp_path / "map.html")
    page = file.read_text()
    assert page.count("<script") == page.count("</script>") == 2
    assert "alert(1)</script>" not in page
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", page)
    assert "default-src 'none'" in page
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index] # it is there
    assert data["text"][0] == HOSTILE[0]
    assert len(data["near"]) == len(HOSTILE)


def test_parquet_has_a_row_for_each_point_and_says_what_it_is(tmp_path: Path) -> None:
    """Places as numbers, and the map's measures in the file's metadata."""
    parquet = pytest.importorskip("pyarrow.parquet")
    (file,) = _write(_map(), tmp_path / "map.parquet")
    table = parquet.read_table(file)
    assert table["x"].to_pylist() == [float(i) for i in range(len(HOSTILE))]
    assert json.loads(table.schema.metadata[b"nearhood"])["trustworthiness"] == 0.9


def test_the_embedding_projector_s_pair_has_a_line_for_each_point(tmp_path: Path) -> None:
    """Vectors without a head, and what they are with one; no text breaks a line."""
    vectors, metadata = _write(_map(), tmp_path / "map.tsv")
    assert np.loadtxt(vectors, delimiter="\t").shape == (len(HOSTILE), 16)
    lines = metadata.read_text().splitlines()
    assert lines[0].split("\t")[:2] == ["id", "source"]
    assert {len(line.split("\t")) for line in lines} == {8}
    assert len(lines) == len(HOSTILE) + 1


@pytest.mark.parametrize(("suffix", "begins"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_a_picture_is_the_same_each_time(tmp_path: Path, suffix: str, begins: bytes) -> None:
    """Of any texts, formulas or half characters among them."""
    pytest.importorskip("matplotlib")
    (first,) = _write(_map(HOSTILE[:5]), tmp_path / f"a{suffix}")
    (second,) = _write(_map(HOSTILE[:5]), tmp_path / f"b{suffix}")
    assert first.read_bytes().startswith(begins)
    assert first.read_bytes() == second.read_bytes()


def test_labels_of_a_picture_yield_to_each_other(tmp_path: Path) -> None:
    """Of a hundred labels at one place, those that have room around it stay, and the others are left out."""
    pytest.importorskip("matplotlib")
    words = tuple(f"word{i}" for i in range(16))
    spread = _map(words)
    heaped = LatentMap("pca", 0, "m", 0.9, 16, tuple(Point(p.id, 0, 0, p.text, p.source) for p in spread.points))
    written = [_write(one, tmp_path / f"{i}.svg")[0].read_text() for i, one in enumerate((spread, heaped))]
    # One of them is the title.
    assert written[0].count('id="text_') == 1 + len(words)
    assert 1 < written[1].count('id="text_') < 1 + len(words)


@pytest.mark.parametrize("n", [0, 1])
def test_empty_maps_make_files_too(tmp_path: Path, n: int) -> None:
    """In every format."""
    pytest.importorskip("matplotlib")
    for suffix in (".json", ".html", ".png", ".svg", ".tsv", ".parquet"):
        assert all(file.is_file() for file in _write(_map(HOSTILE[:n], clusters=()), tmp_path / f"map{suffix}"))


def test_other_suffixes_and_flat_pictures_of_space_are_refused(tmp_path: Path) -> None:
    """The message lists what there is, and no file is left."""
    with pytest.raises(InvalidInputError, match=r"\.svg or \.tsv"):
        _write(_map(), tmp_path / "map.gif")
    with pytest.raises(InvalidInputError, match="two dimensions"):
        _write(_map(dims=3), tmp_path / "map.html")
    assert list(tmp_path.iterdir()) == []


def test_a_library_that_is_not_installed_is_said_in_a_line(run_without: Callable[..., str], tmp_path: Path) -> None:
    """What to install stands in the message."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom search.errors import NotConfiguredError\n"
        "from search.latent.export.figure import pictures\n"
        "try:\n    pictures(Path(sys.argv[1]), [], 'png')\nexcept NotConfiguredError as error:\n    print(error)"
    )
    assert "pip install 'nearhood[figures]'" in run_without("matplotlib", code, str(tmp_path / "a.png"))


def test_groups_beyond_the_colours_are_grey() -> None:
    """The largest groups have a colour each; points in no group have none."""
    points = tuple(Point(str(i), i, 0, "x" * 50, "s", color=f"group {i % 12}" if i else None) for i in range(60))
    sheet = Sheet.of(LatentMap("pca", 0, "m", None, 60, points), "")
    assert [one.color for one in sheet.groups] == [*COLORS, OTHER, OTHER]
    assert sheet.group[0] == -1
