"""Every command through a server that has the data folder open: the same objects, files, and ends."""

import inspect
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import ui
from ingest.sample import WORDS
from ingest.sync import ingest
from search.service import Service
from search.settings import Settings
from tests.openai_server import OpenAIServer
from tests.process import Run, as_json, command, environment
from ui.local import Local
from ui.remote import Remote

QUESTION = "What is inflation?"
COMMANDS = (
    "asking",
    "commands",
    "evaluation",
    "mapping",
    "mcp_command",
    "mcp_tools",
    "probing",
    "upkeep",
    "word_tools",
)
"""Modules of commands, and of what goes through as they do."""


@pytest.fixture
def environ(service: Service, url: str) -> dict[str, str]:
    """That of another process, on the folder that the server has open."""
    service.store.announce(url)
    return environment(service.settings)


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(asdict(value)))


def _verbs(kind: type) -> dict[str, list[str]]:
    found = inspect.getmembers(kind, lambda member: inspect.isfunction(member) or isinstance(member, property))
    return {
        name: [] if isinstance(verb, property) else list(inspect.signature(verb).parameters)
        for name, verb in found
        if not name.startswith("_")
    }


def test_a_server_has_the_verbs_of_a_folder() -> None:
    """All that commands call, with the same arguments, so that they need not know which of the two they work with."""
    own, remote = _verbs(Local), _verbs(Remote)
    sources = [(Path(ui.__file__).parent / f"{name}.py").read_text() for name in COMMANDS]
    called = {verb for source in sources for verb in re.findall(r"service\.(\w+)\(", source)}
    assert len(called) > 30
    assert called <= set(own) & set(remote)
    shared = own.keys() & remote.keys()
    assert {name: remote[name] for name in shared} == {name: own[name] for name in shared}


def test_who_goes_through_loads_no_model() -> None:
    """Nor what only a server needs, or who evaluates."""
    code = "import sys, ui.remote; print(*{'fastapi', 'langchain_core', 'onnxruntime', 'sklearn'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "\n"


def test_words_and_what_is_said_twice(run: Run, service: Service) -> None:
    """As the service finds them."""
    found = as_json(run("analogy", "king", "-", "man", "+", "woman", "-c", "words", "--json"))
    assert found["hits"] == _plain(service.analogy(["king", "-", "man", "+", "woman"], "words"))["hits"]
    near = as_json(run("words", "nearest", "bank", "-c", "words", "-k", "3", "--json"))
    assert [hit["text"] for hit in near["hits"]] == [h.text for h in service.nearest("bank", "words", 3).hits]
    assert as_json(run("words", "odd", "cat", "dog", "bank", "--json"))["odd"] == "bank"
    clusters = as_json(run("words", "clusters", "-c", "words", "--count", "4", "--json"))
    assert clusters == _plain(service.clusters("words", 4))
    assert as_json(run("duplicates", "-c", "words", "--limit", "0.8", "--json")) == _plain(
        service.duplicates("words", 0.8)
    )
    assert as_json(run("hubs", "-c", "words", "-k", "3", "--json")) == _plain(service.hubs("words", 3))


def test_maps_are_drawn_by_the_server_and_written_here(run: Run, service: Service, tmp_path: Path) -> None:
    """With what has to be known of the passages for each kind of file; colours of a probe go along."""
    drawn = as_json(run("map", "-c", "words", "--method", "pca", "--seed", "1", "--json"))
    assert (drawn["method"], drawn["seed"], len(drawn["points"])) == ("pca", 1, 49)
    assert as_json(run("probe", "fit", "--names", "animal,money", "-c", "words", "--json"))["accuracy"] is None
    for suffix in ("html", "tsv", "json"):
        done = run("map", "-c", "words", "--color", "probe", "-o", tmp_path / f"words.{suffix}", "--json")
        assert {point["color"] for point in as_json(done)["points"]} == {"animal", "money"}
        assert (tmp_path / f"words.{suffix}").stat().st_size > 1_000
    assert len((tmp_path / "words.tsv").read_text().splitlines()) == 49
    placed = as_json(run("place", "a river bank", "-c", "words", "--json"))
    assert placed == _plain(service.place(["a river bank"], "words")[0])


def test_maps_are_compared(run: Run, tmp_path: Path) -> None:
    """With the picture, which needs the places of all points."""
    picture = tmp_path / "side-by-side.png"
    found = as_json(run("map", "-c", "words", "--compare", "-o", picture, "--json"))
    assert {"pca", "tsne"} <= {one["method"] for one in found["methods"]}
    assert picture.stat().st_size > 1_000


def test_probes(run: Run, tmp_path: Path) -> None:
    """Fitted to examples of this machine, listed, asked and dropped."""
    rows = [f"{noun} {i},{label}" for noun, label in (("cat", "animal"), ("loan", "money")) for i in range(6)]
    (tmp_path / "examples.csv").write_text("\n".join(["text,label", *rows]))
    fit = run("probe", "fit", "--examples", tmp_path / "examples.csv", "--name", "kinds", "-c", "words", "--json")
    assert as_json(fit)["accuracy"] == 1.0
    assert "kinds" in {p["name"] for p in as_json(run("probe", "list", "-c", "words", "--json"))["probes"]}
    told = as_json(run("probe", "predict", "a dog", "--name", "kinds", "-c", "words", "--json"))
    assert next(iter(told["probabilities"])) == "animal"
    assert as_json(run("probe", "drop", "kinds", "-c", "words", "--json")) == {"dropped": "kinds"}
    assert run("probe", "drop", "kinds", "-c", "words").returncode == 1


@pytest.fixture
def copy(service: Service, tmp_path: Path) -> Iterator[str]:
    """A collection that may change."""
    (tmp_path / "list.txt").write_text(WORDS.read_text())
    ingest(service.store, service.embedder, "copy", [tmp_path / "list.txt"], "words")
    yield "copy"
    if "copy" in service.store.names():
        service.drop("copy")


def test_the_data_folder_is_looked_after(run: Run, service: Service, copy: str, tmp_path: Path) -> None:
    """Files of this machine are written here and read by the server; a backup is a whole data folder."""
    assert as_json(run("doctor", "--json"))["ok"]
    for suffix in ("jsonl", "parquet"):
        exported = as_json(run("collections", "export", tmp_path / f"x.{suffix}", "-c", copy, "--json"))
        assert (exported["passages"], exported["file"]) == (49, str(tmp_path / f"x.{suffix}"))
        again = as_json(run("collections", "import", tmp_path / f"x.{suffix}", "-c", "again", "--json"))
        assert again["passages"] == 49
        assert run("collections", "drop", "again").returncode == 0
    assert as_json(run("collections", "reindex", copy, "--json"))["passages"] == 49
    (tmp_path / "restored").mkdir()
    backup = as_json(run("backup", tmp_path / "restored" / "ledger.sqlite", "--json"))
    assert backup["bytes"] == (tmp_path / "restored" / "ledger.sqlite").stat().st_size
    with Service(Settings(data=tmp_path / "restored", cache=service.settings.cache), "test") as restored:
        assert sum(info.passages for info in restored.collections()) == backup["passages"]
    gone = as_json(run("purge", str(tmp_path / "list.txt"), "--json"))
    assert (gone["collections"], gone["passages"]) == ([copy], 49)


def test_files_are_estimated(run: Run, tmp_path: Path) -> None:
    """By the server, with nothing written."""
    (tmp_path / "whales.md").write_text("Whales sing in the deep sea.\n")
    found = as_json(run("ingest", tmp_path, "-c", "unmade", "--dry-run", "--json"))
    assert (found["added"], found["new"]) == (1, 1)
    assert run("collections", "show", "unmade").returncode == 1


def test_a_search_is_judged(run: Run, tmp_path: Path) -> None:
    """By a collection itself, and by pairs; cards are kept and compared on this machine."""
    card = tmp_path / "card.json"
    judged = as_json(run("eval", "-c", "notes", "--save", card, "--json"))
    assert judged["modes"]["dense"]["MRR@10"]["value"] > 0.3
    assert "no difference" in run("eval", "-c", "notes", "--against", card).stdout
    rows = ["cat\tdog\t3", "cat\tbank\t1", "river\tbank\t2", "car\tauto\t5", "sea\tocean\t4"]
    (tmp_path / "pairs.tsv").write_text("\n".join(rows))
    assert as_json(run("eval", tmp_path / "pairs.tsv", "--json"))["pairs"] == 5


def test_a_conversation_is_held(run: Run, tmp_path: Path) -> None:
    """Answered, asked again in the place of the last turn, resumed, named, exported and deleted."""
    lines = (QUESTION, "/retry", "/search the price level", "/title Prices")
    first = run("chat", "-c", "notes", "--json", said="\n".join(lines))
    assert first.returncode == 0, first.stderr
    answers = [json.loads(line) for line in first.stdout.splitlines()]
    assert [answer["question"] for answer in answers] == [QUESTION] * 3
    assert answers[2]["searched"] == ["the price level"]
    (info,) = as_json(run("chat", "--list", "--json"))["conversations"]
    assert (info["title"], info["turns"], info["collection"]) == ("Prices", 1, "notes")
    again = run("chat", "--resume", said="What does it do to savings?\n")
    assert again.returncode == 0, again.stderr
    number = str(info["number"])
    assert run("chat", "--export", number, tmp_path / "x.md").returncode == 0
    assert (tmp_path / "x.md").read_text().count("\n## ") == 2
    assert as_json(run("chat", "--rename", number, "Savings", "--json"))["title"] == "Savings"
    assert as_json(run("chat", "--delete", number, "--json")) == {"deleted": int(number)}
    assert run("chat", "--resume", number).returncode == 1
    assert run("chat", "-c", "nowhere", said="What?\n").returncode == 1


def test_an_interrupt_stops_the_answer_and_not_the_chat(
    environ: dict[str, str], service: Service, chat_server: OpenAIServer
) -> None:
    """What came is kept, the server goes on, and so does the conversation."""

    def slowly(_: dict[str, Any]) -> Iterator[str]:
        yield "Prices rise. [1] "
        while not chat_server.closing.wait(0.05):
            yield "And rise. "

    chat_server.says = slowly
    talk = command("chat", "-c", "notes", "--chat", "openai:m")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(talk, env=environ, text=True, bufsize=1, **pipes) as process:  # type: ignore[call-overload]
        process.stdin.write(f"{QUESTION}\n")
        said = ""
        while "And rise." not in said:
            said += process.stdout.read(1)
            assert process.poll() is None
        chat_server.says = lambda _: ("Prices ", "rise. [1]")
        process.send_signal(signal.SIGINT)
        kept = _kept(service)
        stdout, stderr = process.communicate("/anyway\n", timeout=60)
    (info,) = service.conversations("notes")
    turns = service.turns(info.number)
    service.delete_conversation(info.number)
    assert (process.returncode, "stopped" in stderr) == (0, True), stderr
    assert kept.startswith("Prices rise. [1] And rise.")
    assert "Prices rise. [1]" in stdout
    assert [turn.answer["answer"] for turn in turns] == ["Prices rise. [1]"]


def _kept(service: Service) -> str:
    """Wait until the answer to a conversation's only question is kept, and return it."""
    (info,) = service.conversations("notes")
    while not (turns := service.turns(info.number)):
        time.sleep(0.05)
    return str(turns[-1].answer["answer"])


def test_an_interrupt_ends_the_server_s_work(environ: dict[str, str], service: Service) -> None:
    """A map that nobody waits for is not kept."""
    before = service.map_wish("notes")
    drawing = command("map", "-c", "notes", "--refit", "--seed", "77")
    process = subprocess.Popen(drawing, env=environ, stderr=subprocess.PIPE, text=True)
    while not _works():
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert (process.returncode, "Traceback" in stderr) == (130, False)
    while _works():
        time.sleep(0.05)
    assert service.map_wish("notes") == before


def _works() -> bool:
    """Return whether the server does something that is told as it goes on."""
    return any(thread.name == "told" for thread in threading.enumerate())


def test_what_a_server_cannot_do_says_what_to_do(run: Run, url: str, tmp_path: Path) -> None:
    """In one line."""
    other = {"NEARHOOD_DATA": str(tmp_path)}
    for code, said, *arguments in (
        (4, "pass another --data", "serve"),
        (4, "pass another --data", "demo"),
        (2, "--embedder", "search", "x", "-c", "notes", "--embedder", "openai:m@8"),
        (2, "--watch", "ingest", str(tmp_path), "--watch"),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stderr.count("\n"), done.stdout) == (code, 1, ""), done.stderr
        assert said in done.stderr
    assert "leave out --url" in run("demo", "--url", url, **other).stderr
    away = run("ingest", tmp_path, "--url", "http://127.0.0.1:9", **other)
    assert (away.returncode, away.stderr.count("\n"), "127.0.0.1:9" in away.stderr) == (1, 1, True)


def test_a_server_s_models_are_not_taken_for_one_s_own(
    run: Run, service: Service, chat_server: OpenAIServer, tmp_path: Path
) -> None:
    """What the environment of a command names is refused where the server cannot do it, and done where it can."""
    (tmp_path / "list.txt").write_text("a dog\n")
    for more in ([], ["--dry-run"]):
        done = run("ingest", tmp_path / "list.txt", "-c", "unmade", *more, NEARHOOD_EMBEDDER="openai:some-model")
        assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, ""), done.stderr
        assert f"embeds with {service.embedder.id}, and not with openai:some-model" in done.stderr
    assert run("collections", "show", "unmade").returncode == 1
    before = len(chat_server.requests)
    asked = as_json(run("ask", QUESTION, "-c", "notes", "--json", NEARHOOD_CHAT="openai:some-model"))
    assert asked["model"] == "openai:some-model"
    assert len(chat_server.requests) == before + 1
