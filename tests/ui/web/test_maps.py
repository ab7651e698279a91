"""The map of the page without a browser: its numbers, its colours, and what is done on it."""

import csv
import gc
import io
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.sample import NOTES, WORDS
from ingest.sync import ingest
from search.errors import InvalidInputError, NotFoundError
from search.latent.fitted import Wish
from search.latent.probes import Examples
from search.service import Service
from search.settings import Settings
from ui.web import map_list
from ui.web.chart import NONE, Chart, reading
from ui.web.colorings import _bands, sources
from ui.web.map_charts import StaleMapError
from ui.web.map_focus import Shown, Viewer
from ui.web.map_labels import densest, labels
from ui.web.page_maps import PageMaps
from ui.web.selections import MOST_POINTS, Selection, Selections, as_csv, inside


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[PageMaps]:
    """The bundled words and notes, each with a kept map."""
    with Service(Settings(data=tmp_path_factory.mktemp("data"), cache=cache), "test") as service:
        ingest(service.store, service.embedder, "words", [WORDS], "words")
        ingest(service.store, service.embedder, "notes", [NOTES], "notes")
        for name in ("words", "notes"):
            service.keep_map(name)
        yield PageMaps(service)


@pytest.fixture
def chart(maps: PageMaps) -> Chart:
    """The map of the words."""
    return maps.charts.of("words")


@pytest.fixture
def viewer(maps: PageMaps) -> Viewer:
    """What answers the tab's events."""
    return Viewer(maps)


def _shown(found: Shown | None) -> tuple[dict[str, Any], str]:
    assert found is not None
    assert found.focus is not None
    return found.focus, found.html


def _around(chart: Chart) -> list[list[float]]:
    """A polygon about the whole map."""
    low, high = chart.coords.min(axis=0) - 1, chart.coords.max(axis=0) + 1
    return [[float(x), float(y)] for x, y in [low, (high[0], low[1]), high, (low[0], high[1])]]


def test_points_are_the_kept_map_s_own(maps: PageMaps, chart: Chart) -> None:
    """Every place, cluster and trust of the file is that of the passage that its point leads to."""
    n, content = len(chart), chart.points()
    x, y = (np.frombuffer(content, "<f4", n, 4 * n * i) for i in (0, 1))
    trust = np.frombuffer(content, "u1", n, 10 * n)
    assert len(content) == 11 * n
    drawn = {p.id: p for p in maps.service.draw_map("words").points}
    for point in range(n):
        expected = drawn[chart.ids(np.array([point]))[0]]
        assert (x[point], y[point]) == pytest.approx((expected.x, expected.y), abs=1e-5)
        assert trust[point] == round(10 * (expected.trust or 0))


def test_points_with_two_of_ten_near_are_not_faded(maps: PageMaps) -> None:
    """At most one of its ten true neighbours stands near a point that is not to be trusted."""
    chart = maps.charts.of("words")
    shares = np.resize(np.arange(11) / 10, len(chart)).astype(np.float32)
    standing = chart.standing.but(replace(chart.standing.fitted, shares=shares))
    some = Chart.of("made up", chart.collection, standing)
    assert set(some.trust[some.faint].tolist()) == {0, 1}
    assert [some.is_faint(point) for point in range(len(some))] == some.faint.tolist() == (some.trust <= 1).tolist()
    assert some.meta()["faint"] == {"most": 1, "count": int(some.faint.sum())}


def test_any_beginning_of_the_points_is_a_fair_sample(chart: Chart) -> None:
    """They are shuffled, so that those drawn while the map moves show all of it."""
    assert sorted(chart.order.tolist()) == list(range(len(chart)))
    assert chart.order.tolist() != list(range(len(chart)))


def test_a_chart_lasts_until_its_collection_changes(maps: PageMaps, tmp_path: Path) -> None:
    """What is asked of an older edition, or with another collection's, is refused; nothing that stood has moved."""
    (tmp_path / "few.txt").write_text("\n".join(f"word {i}" for i in range(30)))
    service = maps.service
    ingest(service.store, service.embedder, "few", [tmp_path], "words")
    service.keep_map("few")
    before = maps.charts.of("few")
    (tmp_path / "more.txt").write_text("another word\n")
    ingest(service.store, service.embedder, "few", [tmp_path], "words")
    with pytest.raises(StaleMapError):
        maps.charts.at("few", before.edition)
    with pytest.raises(StaleMapError):
        maps.charts.at("few", maps.charts.of("words").edition)
    after = maps.charts.of("few")
    assert len(after) == len(before) + 1
    assert "draw it anew" not in after.meta()["reading"]
    old, new = before.standing.fitted, after.standing.fitted
    for row, passage_id in enumerate(old.ids):
        assert old.coords[row].tolist() == new.coords[after.row(passage_id)].tolist()
    (tmp_path / "most.txt").write_text("\n".join(f"late {i}" for i in range(31)))
    ingest(service.store, service.embedder, "few", [tmp_path], "words")
    assert "than it was fitted to: draw it anew" in maps.charts.of("few").meta()["reading"]


def test_of_a_collection_the_newest_chart_is_kept(maps: PageMaps, tmp_path: Path) -> None:
    """Each has the vectors of all of it; a chart before it is never asked for again."""
    (tmp_path / "few.txt").write_text("\n".join(f"word {i}" for i in range(30)))
    service = maps.service
    ingest(service.store, service.embedder, "old", [tmp_path], "words")
    service.keep_map("old")
    known = weakref.ref(maps.charts.of("old").standing)
    (tmp_path / "more.txt").write_text("another word\n")
    ingest(service.store, service.embedder, "old", [tmp_path], "words")
    maps.charts.of("old")
    gc.collect()
    assert known() is None


def test_a_chart_that_is_being_made_keeps_nobody_else_waiting(maps: PageMaps) -> None:
    """A large one takes seconds, again and again while passages come in."""
    maps.charts.of("words")
    with maps.charts.making(maps.charts.of("notes").collection.row.number), ThreadPoolExecutor(1) as other:
        assert len(other.submit(maps.charts.of, "words").result(timeout=20)) > 0


def test_a_map_says_how_far_to_believe_it(chart: Chart) -> None:
    """Version, method and seed, and each measure beside its meaning."""
    meta = chart.meta()
    for word in ("49 passages", "trustworthiness 0.", "continuity 0.", "% of the true ten nearest"):
        assert word in meta["reading"]
    assert meta["made"].startswith("t-SNE, seed 0, version 1")


def test_measures_of_a_sample_are_called_so(chart: Chart) -> None:
    """Ten nearest among 5,000 of a million are no neighbours; where all are compared, nothing is said of a sample."""
    facts = chart.standing.fitted.facts
    some = replace(facts, trust=replace(facts.trust, measured_on=5_000))
    assert "compare 5,000 of them with each other" in reading(some, 1_000_000, 1_000_000)
    assert "reach over some 2,000 of all" in reading(some, 1_000_000, 1_000_000)
    assert "compare" not in chart.meta()["reading"]


def test_years_are_written_as_years() -> None:
    """Other numbers have their thousands apart."""
    assert _bands("field:year", np.array([1987.0, 1990, 1995, 2000, 2004])).names[0] == "1987 to 1989.4"
    assert _bands("field:size", np.array([1987.5, 1990, 1995, 2000, 2004])).names[-1].endswith("2,004")
    assert _bands("field:size", np.array([7.0, 5000])).names[-1].endswith("5,000")


def test_every_colouring_that_is_offered_counts_all_points(maps: PageMaps) -> None:
    """Cluster, source, each field and trust: the counts and those in none add up."""
    chart = maps.charts.of("notes")
    offered = [each["by"] for each in maps.colorings.offered(chart)]
    assert {"cluster", "source", "trust"} <= set(offered)
    for by in offered:
        coloring = maps.colorings.of(chart, by)
        legend = coloring.legend()
        assert sum(group["count"] for group in legend["groups"]) + legend["none"] == len(chart), by
        assert np.all((coloring.groups < len(coloring.names)) | (coloring.groups == NONE)), by
    for by in ("field:none", "nothing"):
        with pytest.raises(InvalidInputError):
            maps.colorings.of(chart, by)


def test_a_probe_that_is_fitted_again_colours_anew(maps: PageMaps) -> None:
    """A chart's edition knows nothing of probes; no colour of the probe before is shown."""
    chart, service = maps.charts.of("words"), maps.service
    service.fit_probe(Examples(names=("animal", "place")), "kind", "words")
    assert set(maps.colorings.of(chart, "probe:kind").names) == {"animal", "place"}
    service.fit_probe(Examples(names=("feeling", "city")), "kind", "words")
    assert set(maps.colorings.of(chart, "probe:kind").names) == {"feeling", "city"}
    service.drop_probe("kind", "words")
    with pytest.raises(NotFoundError):
        maps.colorings.of(chart, "probe:kind")


def test_few_files_have_a_colour_each_and_many_folders_one() -> None:
    """The finest grouping that has colours enough is taken."""
    assert list(sources(["/n/a.md", "/n/b.md"])) == ["a.md", "b.md"]
    assert list(sources(["/n/a/x.md", "/n/b/x.md"])) == ["a/x.md", "b/x.md"]
    assert set(sources([f"/n/{i % 2}/{i}.md" for i in range(20)])) == {"0", "1"}
    assert list(sources([])) == []


def test_a_label_stands_where_its_points_do() -> None:
    """In the larger of two islands, and not in the sea between them."""
    rng = np.random.default_rng(0)
    places = np.concatenate([rng.normal((0, 0), 1, (60, 2)), rng.normal((50, 0), 1, (40, 2))]).astype(np.float32)
    assert np.linalg.norm(densest(places)) < 3


def test_words_are_their_own_labels_and_notes_have_clusters_first(maps: PageMaps, chart: Chart) -> None:
    """A short text stands beside its point; texts are named by cluster, and then by part."""
    assert {label["text"] for label in labels(chart)} == set(WORDS.read_text().split())
    assert all(label["point"] is not None for label in labels(chart))
    found = labels(maps.charts.of("notes"))
    assert [label["level"] for label in found] == sorted(label["level"] for label in found)
    assert all(label["point"] is None for label in found)


def test_a_point_leads_to_its_true_neighbours(maps: PageMaps, viewer: Viewer, chart: Chart) -> None:
    """In the space of the embeddings; those that the map puts elsewhere are said to be."""
    value = {"collection": "words"}
    (passage_id,) = chart.ids(np.array([3]))
    focus, html = _shown(viewer.point(value, {"edition": chart.edition, "point": 3}, ()))
    true = [hit.id for hit in maps.service.similar(passage_id, "words", 10).hits]
    assert [chart.ids(np.array([point]))[0] for point, _ in focus["near"]] == true
    assert html.count("elsewhere on the map") == sum(is_away for _, is_away in focus["near"])
    assert "stand within 36 % of the map's width from it" in unescape(html)
    assert viewer.point(value, {"edition": "an older one", "point": 3}, ()) is None
    assert viewer.point(value, {"edition": chart.edition, "point": 10**6}, ()) is None


def test_a_passage_that_is_gone_is_no_traceback(viewer: Viewer) -> None:
    """What was removed since is said so, and the map loses its marks."""
    found = viewer.point({"collection": "words"}, {"id": "gone-1"}, ())
    assert found is not None
    assert found.focus is None
    assert "No passage &#x27;gone-1&#x27;" in found.html


def test_a_text_is_placed_with_its_error(viewer: Viewer, chart: Chart) -> None:
    """In the map's units; and what has nothing to do with the collection is off the map."""
    value = {"collection": "words"}
    focus, html = _shown(viewer.place(value, {"edition": chart.edition, "text": "puppy"}))
    assert not focus["place"]["off"]
    assert 0 < focus["place"]["error"] < np.ptp(chart.coords)
    assert len(focus["near"]) == 10
    assert "off the map" not in html
    focus, html = _shown(viewer.place(value, {"edition": chart.edition, "text": "quantum chromodynamics"}))
    assert focus["place"]["off"]
    assert "off the map" in html


def test_what_is_not_on_a_map_of_a_sample_is_not_said_to_stand_near(tmp_path: Path, cache: Path) -> None:
    """Of the true neighbours of a point and of a text, only those count that the map has."""
    with Service(Settings(data=tmp_path / "data", cache=cache), "test") as service:
        ingest(service.store, service.embedder, "words", [WORDS], "words")
        service.keep_map("words", Wish(method="pca", sample=24))
        viewer, chart = Viewer(PageMaps(service)), PageMaps(service).charts.of("words")
        focus, html = _shown(viewer.place({"collection": "words"}, {"text": "puppy"}))
        off = sum(chart.point(hit.id) is None for hit in service.search("puppy", "words", 10).hits)
        assert 0 < off < 10
        assert len(focus["near"]) == 10 - off
        assert f"{off} of 10 are not on it, which is of a sample" in html
        focus, html = _shown(viewer.point({"collection": "words"}, {"point": 3}, ()))
        assert f"{10 - len(focus['near'])} of 10 are not on it" in html
        assert "10 stand within" not in html


def test_hits_of_another_tab_are_numbered(maps: PageMaps, viewer: Viewer) -> None:
    """In the order they came in; what is not on the map is said, and a hostile title stays text."""
    chart = maps.charts.of("words")
    ids = [*chart.ids(np.array([7, 2])), "gone-1"]
    event = {"edition": chart.edition, "text": "", "title": "<img src=x onerror=alert(1)>", "passages": ids}
    focus, html = _shown(viewer.place({"collection": "words"}, event))
    assert [point for point, _ in focus["near"]] == [7, 2]
    assert focus["numbered"] == [1, 2]
    assert "1 of them are not on this map" in html
    asked = {**event, "passages": ["gone-1", *ids[:2]], "numbers": [1, 2, 5]}
    focus, html = _shown(viewer.place({"collection": "words"}, asked))
    assert (focus["numbered"], focus["asked"]["numbers"]) == ([2, 5], [1, 2, 5])
    assert "<b>5</b>" in html
    with pytest.raises(InvalidInputError):
        viewer.place({"collection": "words"}, {**asked, "numbers": ["x", 2, 5]})
    assert "<img" not in html


def test_a_lasso_selects_what_lies_within(chart: Chart) -> None:
    """As matplotlib's own does, also where it is no convex shape; and all of it from around the map."""
    path = pytest.importorskip("matplotlib.path")
    rng = np.random.default_rng(2)
    angles, radii = np.sort(rng.uniform(0, 2 * np.pi, 30)), rng.uniform(0.1, 0.5, 30) * np.ptp(chart.coords)
    corners = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii[:, None] + chart.coords.mean(axis=0)
    found = inside(chart, corners.tolist())
    assert 0 < found.sum() < len(chart)
    assert found.tolist() == path.Path(corners).contains_points(chart.coords).tolist()
    assert inside(chart, _around(chart)).all()


@pytest.mark.parametrize("polygon", [None, [], [[0, 0], [1, 1]], [[0, 0]] * 3000, "no", [[0, "x"]] * 5, [[0]] * 5])
def test_a_bad_polygon_is_refused(viewer: Viewer, chart: Chart, polygon: Any) -> None:
    """With an error that says so."""
    with pytest.raises(InvalidInputError):
        viewer.choose({"collection": "words"}, {"edition": chart.edition, "polygon": polygon})


def test_a_selection_holds_what_the_legend_shows(maps: PageMaps, viewer: Viewer, chart: Chart) -> None:
    """Groups that are not pressed, and faded points that are hidden, are not in it."""
    event = {"edition": chart.edition, "polygon": _around(chart), "by": "cluster", "groups": [0], "hidesFaint": True}
    focus, html = _shown(viewer.choose({"collection": "words"}, event))
    chosen = maps.selections.of(focus["token"])
    assert chosen.points.tolist() == np.flatnonzero((chart.cluster == 0) & ~chart.faint).tolist()
    assert f"{len(chosen.points)} passages" in html


def test_what_is_pointed_out_says_what_was_asked(viewer: Viewer, chart: Chart) -> None:
    """So that the same can be asked again: it stands in the address, a cluster by its name."""
    value = {"collection": "words"}
    (first,) = chart.ids(np.array([3]))
    focus, _ = _shown(viewer.point(value, {"point": 3}, ()))
    assert focus["asked"] == {"id": first}
    focus, _ = _shown(viewer.choose(value, {"cluster": 0}))
    again, _ = _shown(viewer.choose(value, focus["asked"]))
    assert (again["cluster"], again["asked"]) == (0, {"called": chart.clusters[0].label})
    focus, _ = _shown(viewer.choose(value, {"polygon": _around(chart), "by": "cluster"}))
    assert len(_shown(viewer.choose(value, focus["asked"]))[0]["listed"]) == len(chart)
    for event in ({"text": "puppy"}, {"text": "puppy", "passages": [first], "title": "dogs"}):
        assert _shown(viewer.place(value, event))[0]["asked"] == event


def test_a_cluster_that_is_called_otherwise_by_now_is_said(viewer: Viewer) -> None:
    """As in a bookmark from before a refit: the list names those that there are, and nothing is pointed out."""
    shown = viewer.choose({"collection": "words"}, {"called": "<no such cluster>"})
    assert shown is not None
    assert shown.focus is None
    assert "There is no such cluster any more." in shown.html
    assert "Clusters" in shown.html


def test_a_selection_becomes_a_table_a_collection_and_a_probe(maps: PageMaps, viewer: Viewer, chart: Chart) -> None:
    """And what goes wrong is said where it was asked for."""
    value = {"collection": "words"}
    focus, _ = _shown(viewer.choose(value, {"edition": chart.edition, "cluster": 0}))
    chosen = maps.selections.of(focus["token"])
    rows = list(csv.DictReader(io.StringIO("".join(as_csv(chosen, chart.collection)))))
    assert [row["id"] for row in rows] == list(chosen.ids)
    _, html = _shown(viewer.act(value, {"verb": "collection", "token": focus["token"], "name": "chosen"}))
    assert "chosen is there" in html
    assert maps.service.show("chosen").passages == len(chosen.points)
    _, html = _shown(viewer.act(value, {"verb": "collection", "token": focus["token"], "name": "words"}))
    assert "data-failed" in html
    viewer.act(value, {"verb": "probe", "token": focus["token"], "name": "first"})
    assert "first" in [probe.name for probe in maps.service.probes("words")]
    assert maps.colorings.of(chart, "probe:first").names
    with pytest.raises(NotFoundError):
        viewer.act(value, {"verb": "collection", "token": "guessed", "name": "other"})


def test_colours_and_selections_keep_no_map(maps: PageMaps, chart: Chart) -> None:
    """They outlast it by far, and it has the vectors of a whole collection."""
    standing = chart.standing.but(chart.standing.fitted)
    other = Chart.of("made up", chart.collection, standing)
    chosen = maps.selections.keep(other, np.arange(20), "some")
    for by in ("cluster", "source", "trust"):
        maps.colorings.of(other, by)
    known = weakref.ref(standing)
    del other, standing
    assert known() is None
    assert len(maps.selections.of(chosen.token).ids) == 20


def test_no_more_is_offered_than_is_listed(chart: Chart) -> None:
    """A list of a selection has an end, and says where the rest is."""
    chosen = Selection.of(chart, np.zeros(2_500, dtype=np.int64), "much")
    assert "Show 50 more of 2,500" in map_list.selection(chosen, chart.collection, 1_950)
    html = map_list.selection(chosen, chart.collection, 2_000)
    assert "data-more" not in html
    assert "the first 2,000 of 2,500: the CSV has all" in html


def test_large_selections_go_first_come_first(chart: Chart) -> None:
    """Their points are counted, since one of a million is as large as thousands of small ones."""
    kept = Selections()
    tokens = [kept.keep(chart, np.zeros(MOST_POINTS // 3, dtype=np.int64), "large").token for _ in range(4)]
    with pytest.raises(NotFoundError):
        kept.of(tokens[0])
    assert [kept.of(token).token for token in tokens[1:]] == tokens[1:]


def test_a_table_begins_no_formula(tmp_path: Path, cache: Path) -> None:
    """A spreadsheet would run what begins with an equals sign."""
    (tmp_path / "bad.txt").write_text("=1+1\n@sum\n" + "\n".join(f"word {i}" for i in range(25)))
    with Service(Settings(data=tmp_path / "data", cache=cache), "test") as service:
        ingest(service.store, service.embedder, "bad", [tmp_path / "bad.txt"], "words")
        service.keep_map("bad")
        maps = PageMaps(service)
        chart = maps.charts.of("bad")
        chosen = maps.selections.keep(chart, np.arange(len(chart)), "all")
        texts = [row["text"] for row in csv.DictReader(io.StringIO("".join(as_csv(chosen, chart.collection))))]
    assert {"'=1+1", "'@sum"} <= set(texts)
    assert not any(text.startswith(("=", "@")) for text in texts)


def test_the_list_says_in_words_what_the_map_shows(viewer: Viewer, chart: Chart) -> None:
    """Each cluster is a button with its size, and how far to believe it."""
    html = viewer.overview({"collection": "words"}).html
    assert html.count("data-cluster=") == len(chart.clusters)
    assert "would" in html
    assert map_list.HINT in html
