"""What the commands on maps and probes print: one JSON object, or lines for people."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest.sample import WORDS
from ingest.sync import ingest
from search.errors import InvalidInputError, SourceError
from search.latent.probe import zero_shot
from search.latent.probes import save
from search.service import Service
from search.settings import Settings
from ui import mapping, probing
from ui.arguments import parser
from ui.cli import main


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Service]:
    """A service over the lecture's words."""
    with Service(Settings(data=tmp_path_factory.mktemp("maps"), cache=cache), "test") as service:
        ingest(service.store, service.embedder, "words", [WORDS], "words")
        yield service


@pytest.fixture
def out(service: Service, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command line to its end, and return what it prints."""

    def run(*arguments: str) -> str:
        from importlib import import_module

        given = parser().parse_args(arguments)
        module, _, name = given.run.rpartition(".")
        assert getattr(import_module(f"ui.{module}"), name)(service, given) == 0
        return capsys.readouterr().out

    return run


def test_a_map_as_json(out: Callable[..., str]) -> None:
    """Its measures, its points with cluster and trust, and its clusters with their stability."""
    found = json.loads(out("map", "--json"))
    assert {"method", "seed", "embedder", "trustworthiness", "continuity", "knn_recall"} <= set(found)
    assert (found["method"], found["seed"], len(found["points"])) == ("tsne", 0, 49)
    assert {"id", "x", "y", "cluster", "trust"} <= set(found["points"][0])
    assert {"id", "label", "size", "stability"} <= set(found["clusters"][0])
    assert found["trustworthiness"] > 0.8


def test_a_map_for_people(out: Callable[..., str]) -> None:
    """How far to believe it, and its clusters."""
    text = out("map")
    assert "49 passages; tsne, seed 0" in text
    assert "trustworthiness 0.8" in text
    assert "stability" in text


def test_a_map_is_written_as_its_suffix_says(out: Callable[..., str], tmp_path: Path) -> None:
    """And the file is named."""
    file = tmp_path / "map.html"
    assert str(file) in out("map", "-o", str(file))
    assert file.read_text().startswith("<!doctype html>")


def test_another_way_is_another_version_and_stays(out: Callable[..., str]) -> None:
    """The kept map's way is the default from then on."""
    first = json.loads(out("map", "--method", "pca", "--json"))
    again = json.loads(out("map", "--json"))
    assert (again["method"], again["version"]) == ("pca", first["version"])
    refitted = json.loads(out("map", "--method", "tsne", "--json"))
    assert refitted["version"] == first["version"] + 1


def test_a_text_is_placed(out: Callable[..., str]) -> None:
    """Beside the word that it is most like, with an error."""
    out("map", "--method", "tsne")
    found = json.loads(out("place", "puppy", "--json"))
    assert {"x", "y", "error", "off_map", "neighbours"} <= set(found)
    assert found["neighbours"][0]["text"] in {"dog", "pet"}
    assert "its truly nearest" in out("place", "puppy")


def test_ways_to_draw_are_compared(out: Callable[..., str]) -> None:
    """A line for each, and UMAP's absence is said where it is not installed."""
    found = json.loads(out("map", "--compare", "--json"))
    names = [one["method"] for one in found["methods"]]
    assert names[:2] == ["pca", "tsne"]
    assert names[2:] == ["umap"] or "umap" in found["missing"][0]
    assert "trustworthiness" in out("map", "--compare")


def test_a_probe_of_names_tells_and_colours(out: Callable[..., str]) -> None:
    """Probabilities of a text, and a colour for each point."""
    out("probe", "fit", "--names", "animal,place", "--name", "kind")
    found = json.loads(out("probe", "predict", "lion", "--name", "kind", "--json"))
    assert next(iter(found["probabilities"])) == "animal"
    assert {"probabilities", "set"} <= set(found)
    points = json.loads(out("map", "--color", "probe:kind", "--json"))["points"]
    assert {p["color"] for p in points} == {"animal", "place"}
    assert "kind" in out("probe", "list")
    out("probe", "drop", "kind")
    assert "no probe yet" in out("probe", "list")


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_a_probe_of_examples(out: Callable[..., str], tmp_path: Path, suffix: str) -> None:
    """From a file of texts with their outcomes; it says how good it is."""
    pets, places = ["dog", "cat", "horse", "cow", "goat", "sheep"], ["lake", "hill", "river", "coast", "valley", "sea"]
    rows = [(word, kind) for kind, words in (("pet", pets), ("place", places)) for word in words]
    file = tmp_path / f"examples{suffix}"
    if suffix == ".csv":
        file.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows))
    else:
        file.write_text(json.dumps([{"text": text, "label": label} for text, label in rows]))
    found = json.loads(out("probe", "fit", "--examples", str(file), "--name", "pets", "--json"))
    assert {"outcomes", "accuracy", "log_loss", "baseline_log_loss", "ece", "temperature"} <= set(found)
    assert found["accuracy"] > 0.8
    assert "held out" in out("probe", "fit", "--examples", str(file), "--name", "pets")
    assert "softmax(Wz / T)" in out("probe", "predict", "pony", "--name", "pets", "--temperature", "2")


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "text,label\n ,x\n", "text,label\nx\n", "text,label\nx,\n", "[1]", "\x00"]
)
def test_a_file_that_is_no_list_of_examples_is_refused(out: Callable[..., str], tmp_path: Path, text: str) -> None:
    """In one line, and an empty one has no outcomes."""
    file = tmp_path / "bad.csv"
    file.write_text(text)
    with pytest.raises((SourceError, InvalidInputError)):
        out("probe", "fit", "--examples", str(file))


def test_an_outcome_that_is_missing_is_named(out: Callable[..., str], tmp_path: Path) -> None:
    """By its row: it is no outcome called None."""
    file = tmp_path / "examples.json"
    file.write_text(json.dumps([{"text": "dog", "label": "pet"}, {"text": "cat", "label": None}]))
    with pytest.raises(SourceError, match="no label in row 2"):
        out("probe", "fit", "--examples", str(file))
    file.write_text("[" * 100_000)
    with pytest.raises(SourceError, match="should be a table"):
        out("probe", "fit", "--examples", str(file))


def test_a_sample_and_a_number_of_clusters_can_be_taken_back(out: Callable[..., str]) -> None:
    """All passages are drawn again, and communities ask for no number."""
    few = json.loads(out("map", "--sample", "30", "--clustering", "kmeans", "--clusters", "3", "--json"))
    assert (len(few["points"]), few["sample"], len(few["clusters"])) == (30, 30, 3)
    every = json.loads(out("map", "--sample", "all", "--clustering", "communities", "--json"))
    assert (len(every["points"]), every["sample"]) == (49, None)


@pytest.mark.parametrize(
    "arguments",
    [
        ("probe", "fit"),
        ("probe", "fit", "--label", "x", "--names", "a,b"),
        ("map", "--sample", "0"),
        ("map", "--seed", "-1"),
        ("map", "--clusters", "3"),
        ("map", "--seed", "4294967295"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(out: Callable[..., str], arguments: tuple[str, ...]) -> None:
    """Each in one line."""
    with pytest.raises(InvalidInputError):
        out(*arguments)


def test_place_without_a_map_is_an_error_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to run."""
    monkeypatch.setenv("NEARHOOD_CACHE", str(cache))
    words = tmp_path / "words.txt"
    words.write_text("dog\ncat\n")
    data = str(tmp_path / "data")
    main(["ingest", str(words), "--as", "words", "--data", data])
    assert main(["place", "dog", "--data", data]) == 1
    assert "run nearhood map" in capsys.readouterr().err


def test_progress_is_not_drawn_into_a_log(out: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing on stderr when that is no terminal."""
    out("map", "--refit")
    assert capsys.readouterr().err == ""


def test_what_is_out_of_date_says_what_to_do(tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A map on which more was placed than it was fitted to, and a probe of an embedder that is no more."""
    (tmp_path / "few.txt").write_text("\n".join(WORDS.read_text().splitlines()[:22]))
    with Service(Settings(data=tmp_path / "data", cache=cache), "test") as service:
        ingest(service.store, service.embedder, "few", [tmp_path / "few.txt"], "words")
        mapping.draw(service, parser().parse_args(["map", "--method", "pca"]))
        assert "--refit" not in capsys.readouterr().out
        ingest(service.store, service.embedder, "few", [WORDS], "words")
        mapping.draw(service, parser().parse_args(["map"]))
        assert "more than it was fitted to: run nearhood map --refit" in capsys.readouterr().out
        collection = service.store.collection("few")
        rows = np.eye(2, collection.dimension, dtype=np.float32)
        save(collection.derived.probes, zero_shot("old", "openai:before", ("a", "b"), rows))
        probing.probes(service, parser().parse_args(["probe", "list"]))
        assert "fitted with openai:before: fit it again, or drop it" in capsys.readouterr().out
