"""The command line as its users meet it: a process, its streams and its exit code."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.sample import NOTES, SENTENCES, WORDS
from search.service import Service
from search.settings import Settings
from tests.openai_server import OpenAIServer
from tests.prepared import Prepared, Taken
from tests.process import Run, as_json, command


@pytest.fixture
def noted(settings: Settings, prepared: Prepared) -> None:
    """The bundled notes as the collection `notes`."""
    prepared(settings, Taken("notes", NOTES))


def _refused(done: subprocess.CompletedProcess[str], code: int) -> str:
    """One line on stderr, the code, and no traceback."""
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_ingest_search_similar_show_and_drop(run: Run) -> None:
    """The whole way of a word list, as JSON."""
    report = as_json(run("ingest", WORDS, "--as", "words", "-c", "words", "--json"))
    assert (report["added"], report["passages"], report["embedded"], report["failed"]) == (1, 49, 49, [])
    found = as_json(run("search", "physician", "-k", "2", "--json"))
    assert {"query", "mode", "exact", "recall", "embedder", "hits", "took_ms"} <= set(found)
    assert found["hits"][0]["text"] == "doctor"
    assert {"rank", "id", "source", "text", "similarity", "percentile", "metadata", "start", "end", "cautions"} <= set(
        found["hits"][0]
    )
    assert len(as_json(run("similar", found["hits"][0]["id"], "--json", "-c", "words"))["hits"]) == 10
    shown = as_json(run("collections", "show", "words", "--json"))
    assert set(shown) == {"name", "embedder", "passages", "sources", "vectors", "tokens", "cost_usd", "bytes"}
    assert as_json(run("collections", "drop", "words", "--json"))["dropped"]["passages"] == 49
    assert as_json(run("collections", "--json")) == {"collections": []}


def test_demo_prints_the_lecture_beside_ours(run: Run) -> None:
    """Both models are named, so that no value is taken for the other's."""
    results = as_json(run("demo", "--no-serve", "--json"))
    assert [c["passages"] for c in results["collections"][:2]] == [49, 4]
    ours = {(p["a"], p["b"]): p["similarity"] for p in results["lecture"]["pairs"]}
    assert ours["bank", "banks"] == pytest.approx(0.947, abs=1e-3)
    assert {p["lecture"] for p in results["lecture"]["pairs"]} == {
        0.7882, 0.4143, 0.4347, 0.3747, 0.5414, 0.5226, 0.7911, 0.8598,
    }  # fmt: skip
    assert results["lecture"]["embedder"] != results["lecture"]["lecture_embedder"]


def test_results_for_people_are_text(run: Run) -> None:
    """Without --json, each command prints lines that can be read."""
    run("ingest", SENTENCES, "--as", "sentences")
    assert "The man bites the dog" in run("search", "a bite").stdout
    compared = run("compare", "The dog chased the man", "The man chased the dog").stdout
    assert "0.977" in compared
    assert "role-swap" in compared
    assert "9906" in run("tokens", "Hello world", "--model", "text-embedding-3-large").stdout
    assert "notes" in run("collections").stdout


def test_tokens_need_no_network(run: Run) -> None:
    """The tables come with the installation."""
    found = as_json(
        run("tokens", "hello world 67", "--model", "text-embedding-3-large", "--json", HTTPS_PROXY="http://127.0.0.1:9")
    )
    assert found["vocabulary"] == 100277
    assert [t["id"] for t in found["tokens"]] == [15339, 1917, 220, 3080]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ingest", "missing.txt"], 1, "no such file"),
        (["ingest", "."], 1, "no file that can be read"),
        (["ingest", str(WORDS), "-c", "a b"], 2, "cannot be a collection's name"),
        (["search", "x"], 1, "no collection 'notes'"),
        (["search", ""], 2, "no text"),
        (["search", "x", "-k", "0"], 2, "from 1 to 1,000"),
        (["search", "x", "-k", "10000"], 2, "from 1 to 1,000"),
        (["search", "x", "-k", "ten"], 2, "invalid int"),
        (["search", "x", "--embedder", "word2vec"], 1, "unknown embedder"),
        (["compare", "a", "b", "--embedder", "openai:nothing"], 1, "nothing"),
        (["compare", "a", "b", "--embedder", "openai"], 1, "OPENAI_API_KEY"),
        (["compare", "one"], 2, "2 to 200"),
        (["tokens", "x", "--model", "word2vec"], 1, "unknown model"),
        (["fly"], 2, "invalid choice"),
        ([], 2, "required"),
        (["collections", "drop"], 2, "which collection"),
        (["collections", "drop", "one", "-c", "other"], 2, "give the collection once"),
        (["collections", "list", "one"], 2, "unrecognized"),
        (["chat", "--list", "--delete", "3"], 2, "not allowed with"),
        (["chat", "--delete", "0"], 1, "no conversation 0"),
        (["chat", "--delete", "-1"], 2, "-1"),
        (["ingest", ".", "--dry-run", "--watch"], 2, "not allowed with"),
        (["map", "--compare", "--refit", "--method", "pca"], 2, "leave out --method, --refit"),
        (["map", "--compare", "--sample", "-5"], 2, "1 passage or more"),
        (["map", "--compare", "--seed", "4294967296"], 2, "a seed is 0 to"),
        (["map", "--chat", "openai:m"], 2, "--name-clusters"),
        (["search", "x", "--url", "http://localhost:78x0"], 2, "no address"),
        (["search", "x", "--url", "http://[::1"], 2, "no address"),
        (["predict"], 2, "invalid choice"),
        (["serve", "--host", "0.0.0.0"], 2, "loopback"),
        (["serve", "--port", "-1"], 1, "port -1"),
        (["serve", "--port", "70000"], 1, "port 70000"),
    ],
)
def test_bad_input_is_one_line_and_a_code(
    run: Run, arguments: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every refusal says what to do."""
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert said in _refused(run(*arguments, PYTHONPATH=str(Path(__file__).parents[2])), code)


@pytest.mark.parametrize("arguments", [("collections", "--json"), ("tokens", "one two"), ("chat", "--list")])
def test_output_that_has_no_room_is_one_line(environ: dict[str, str], arguments: tuple[str, ...]) -> None:
    """Whether it is noticed at once or at the end; a reader that leaves is no fault at all."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command(*arguments), env=environ, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert "no room" in _refused(done, 5)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command(*arguments), env=environ, stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
@pytest.mark.parametrize(
    ("arguments", "code"), [(("collections",), 0), (("search", "x", "-c", "nothing"), 1), (("mcp",), 0)]
)
def test_a_stream_that_is_closed_is_none_of_our_files(
    environ: dict[str, str], closed: str, arguments: tuple[str, ...], code: int
) -> None:
    """Who begins a command may close its streams, as some schedulers do: it reads and writes nothing there."""
    shell = ["sh", "-c", f'"$@" {closed}', "sh", *command(*arguments)]
    done = subprocess.run(shell, env=environ, input="", capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stdout + done.stderr
    assert bool(done.stderr) == (code != 0 and closed != "2>&-")


def test_what_is_to_be_done_at_the_end_is_done(environ: dict[str, str]) -> None:
    """Though the process ends at once, and with the code of the command."""
    code = (
        "import atexit, sys; from ui.cli import run; atexit.register(print, 'the end');"
        " sys.argv = ['nearhood', 'search', 'x', '-c', 'nothing']; run()"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "the end\n")


def test_a_folder_that_is_named_is_nearer_than_a_server_of_the_environment(run: Run, settings: Settings) -> None:
    """Else a collection of another store would be dropped."""
    nobody = {"NEARHOOD_URL": "http://127.0.0.1:9"}
    assert "does not answer" in _refused(run("collections", **nobody), 1)
    assert as_json(run("collections", "--data", settings.data, "--json", **nobody)) == {"collections": []}


def test_an_address_keeps_its_password_to_itself(run: Run) -> None:
    """Beside a token there is no place for it."""
    url = "http://me:hush-hush@127.0.0.1:9"
    assert "hush" not in _refused(run("doctor", NEARHOOD_URL=url), 1)
    said = _refused(run("doctor", NEARHOOD_URL=url, NEARHOOD_TOKEN="t" * 32), 2)
    assert "hush" not in said
    assert "one hides the other" in said


@pytest.mark.parametrize("words", [("serve",), ("search", "a", "--embedder", "local"), ("ingest", "x", "--watch")])
def test_a_refusal_names_an_address_without_its_password(run: Run, words: tuple[str, ...]) -> None:
    """Before the server is asked, too; in JSON as well."""
    done = run(*words, "--json", NEARHOOD_URL="http://me:s3cret-pw@127.0.0.1:9")
    assert done.returncode != 0
    assert "127.0.0.1:9" in done.stdout
    assert "s3cret-pw" not in done.stdout + done.stderr


def test_an_error_is_an_object_where_json_was_asked_for(run: Run) -> None:
    """Programs get the kind and the message on stdout."""
    done = run("search", "x", "--json")
    assert json.loads(done.stdout)["error"]["kind"] == "collection-not-found"


@pytest.mark.parametrize("content", [b"", b"\x00\xff\x00binary"])
def test_a_bad_file_among_good_ones_ends_with_3(run: Run, tmp_path: Path, content: bytes) -> None:
    """The good ones are in, the bad one is named."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.txt").write_bytes(content)
    (tmp_path / "in" / "good.txt").write_text("A good note.")
    done = run("ingest", tmp_path / "in")
    assert done.returncode == 3
    assert "bad.txt" in done.stderr
    assert as_json(run("search", "note", "--json"))["hits"][0]["text"] == "A good note."


def test_a_held_store_is_said_in_two_seconds(run: Run, settings: Settings) -> None:
    """Exit 4, and the holder's pid."""
    with Service(settings, "test") as service:
        service.collections()
        started = time.monotonic()
        said = _refused(run("search", "x"), 4)
        assert time.monotonic() - started < 10
    assert f"pid {os.getpid()}" in said


@pytest.mark.usefixtures("noted")
def test_a_collection_of_another_embedder_is_refused(run: Run) -> None:
    """Both ids are in the message, and the collection is as it was."""
    said = _refused(run("search", "x", "--embedder", "openai:text-embedding-3-small", OPENAI_API_KEY="sk-secret"), 1)
    assert "local:all-MiniLM-L6-v2" in said
    assert "openai:text-embedding-3-small@1536" in said
    assert "sk-secret" not in said


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_ingest_says_so_and_resumes(
    run: Run, environ: dict[str, str], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """The exit code tells of the signal, and the next run goes on."""
    source = tmp_path / "lines.txt"
    source.write_text("\n".join(f"line {i} of a file about rivers and banks" for i in range(6_000)))
    ingest = ["ingest", str(source), "--as", "sentences", "--json"]
    process = subprocess.Popen(command(*ingest), env=environ, stderr=subprocess.PIPE, text=True)
    ledger = Path(environ["NEARHOOD_DATA"], "ledger.sqlite-wal")
    while not (ledger.exists() and ledger.stat().st_size > 1_000_000):
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(number)
    _, stderr = process.communicate(timeout=10)
    assert process.returncode == code
    assert "Traceback" not in stderr
    report = as_json(run(*ingest))
    assert (report["passages"], report["embedded"] + report["cached"]) == (6_000, 6_000)
    assert report["cached"] >= 384


@pytest.mark.usefixtures("noted")
def test_the_data_folder_is_looked_after(run: Run, tmp_path: Path) -> None:
    """Doctor, export, import, reindex, backup and purge, one after the other."""
    assert as_json(run("doctor", "--json"))["ok"]
    assert as_json(run("collections", "export", tmp_path / "x.jsonl", "--json"))["passages"] > 50
    assert as_json(run("collections", "import", tmp_path / "x.jsonl", "-c", "copy", "--json"))["passages"] > 50
    assert run("collections", "reindex", "copy").returncode == 0
    assert as_json(run("backup", tmp_path / "all.sqlite", "--json"))["passages"] > 100
    source = str(NOTES / "economics" / "inflation.md")
    assert sorted(as_json(run("purge", source, "--json"))["collections"]) == ["copy", "notes"]
    found = as_json(run("search", "inflation", "-c", "notes", "--json"))["hits"]
    assert source not in {hit["source"] for hit in found}


def test_a_dry_run_writes_nothing(run: Run) -> None:
    """It says what the run would do, with a price."""
    found = as_json(run("ingest", WORDS, "--as", "words", "--dry-run", "--json"))
    assert (found["added"], found["passages"], found["new"]) == (1, 49, 49)
    assert set(found["prices_usd"]) >= {"text-embedding-3-small"}
    assert as_json(run("collections", "--json")) == {"collections": []}


def test_what_was_spent_is_kept_at_the_price_of_the_day(run: Run, tmp_path: Path, openai_server: OpenAIServer) -> None:
    """A table of prices that changes later does not change what an ingest has cost."""
    prices = tmp_path / "prices.json"
    prices.write_text('{"as_of": "2026-11-01", "usd_per_million_tokens": {"text-embedding-3-small": 1000}}')
    service = {
        "OPENAI_API_KEY": "sk-test",
        "OPENAI_BASE_URL": openai_server.url,
        "NEARHOOD_EMBEDDER": "openai:text-embedding-3-small@8",
    }
    report = as_json(run("ingest", WORDS, "--as", "words", "--json", **service, NEARHOOD_PRICES=str(prices)))
    assert report["cost_usd"] == pytest.approx(report["tokens"] / 1000)
    shown = as_json(run("collections", "show", "notes", "--json", **service))
    assert (shown["tokens"], shown["cost_usd"]) == (report["tokens"], pytest.approx(report["cost_usd"]))


def test_prices_that_make_no_sense_are_refused(run: Run, tmp_path: Path) -> None:
    """Before anything is spent."""
    (tmp_path / "prices.json").write_text("free!")
    said = _refused(run("ingest", WORDS, NEARHOOD_PRICES=str(tmp_path / "prices.json")), 2)
    assert "should look like" in said


@pytest.mark.usefixtures("noted")
def test_search_takes_a_mode_a_filter_and_terms(run: Run) -> None:
    """And says what it did with them."""
    lexical = as_json(run("search", "inflation", "--mode", "lexical", "--json"))
    assert lexical["mode"] == "lexical"
    assert all("inflation" in hit["text"].casefold() for hit in lexical["hits"])
    there = as_json(run("search", "money", "--where", "source contains inflation", "--fold", "--why", "--json"))
    assert {Path(hit["source"]).name for hit in there["hits"]} == {"inflation.md"}
    hit = there["hits"][0]
    assert {"start", "end", "similarity", "query", "passage"} <= set(hit["why"])
    away = as_json(run("search", "money", "--minus", "inflation:2", "--plus", "bank", "--hubs", "--json"))
    assert "lists" in away["hits"][0]


@pytest.mark.parametrize(
    "wrong",
    [("--where", "year >"), ("--where", "nothing = 1"), ("--diversity", "2"), ("--plus", ""), ("--minus", "x:0")],
)
@pytest.mark.usefixtures("noted")
def test_options_out_of_range_are_refused(run: Run, wrong: tuple[str, str]) -> None:
    """With one line that says what is wrong."""
    _refused(run("search", "money", *wrong), 2)


def test_pictures_among_notes_are_passed_over_in_plain_words(run: Run, tmp_path: Path) -> None:
    """People read what it means, and programs the name that it has."""
    folder = tmp_path / "drinks"
    folder.mkdir()
    (folder / "tea.md").write_text("Tea is best when it is hot.")
    (folder / "tea.png").write_bytes(b"PNG")
    assert "passed over: 1 of formats that are not read\n" in run("ingest", folder).stdout
    assert as_json(run("ingest", folder, "--json"))["skipped"] == {"no reader": 1}


@pytest.mark.usefixtures("noted")
@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_a_filter_that_leaves_nothing_is_not_an_empty_collection(run: Run, mode: str) -> None:
    """There is nothing to ingest, but a filter to change."""
    done = run("search", "money", "--where", "source = nowhere", "--mode", mode)
    assert (done.returncode, done.stdout) == (0, "no passage fits the filter\n")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("serch", "money"), "did you mean 'search'? (see nearhood --help)"),
        (("words", "nearst", "x"), "did you mean 'nearest'? (see nearhood words --help)"),
        (("search", "why", "is", "it"), ": put several words in quotation marks (see nearhood search --help)"),
        (("search", "money", "--limit", "3"), "unrecognized arguments: --limit 3 (see nearhood search --help)"),
    ],
)
def test_a_slip_is_answered_with_what_helps(run: Run, given: tuple[str, ...], said: str) -> None:
    """With what was meant, and the help of the command itself."""
    assert said in _refused(run(*given), 2)


@pytest.mark.usefixtures("noted")
def test_people_read_what_a_ranking_is_worth(run: Run) -> None:
    """How it came about, how much of it is nearer than chance, in the page's words, and the words that count."""
    shown = run("search", "why do prices rise?", "-k", "2", "--why", "--hubs").stdout
    assert "hybrid" in shown
    assert "all nearer than chance: more similar to the query than three of four random pairs" in shown
    assert "nearest sentence" in shown
    assert "lists of ten nearest" in shown


def test_port_0_is_any_free_port(environ: dict[str, str]) -> None:
    """A program that starts a server need not know which port is free."""
    with subprocess.Popen(command("serve", "--port", "0"), env=environ, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            said = [server.stderr.readline(), server.stderr.readline()]
        finally:
            server.terminate()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", "".join(said))
    # Free ports are given from 32768 on, or 49152.
    assert found is not None, said
    assert int(found[1]) > 10_000
