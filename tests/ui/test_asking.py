"""Questions at the command line: printed as they are answered, kept where they are a conversation."""

import json
import subprocess
from pathlib import Path

import pytest

from search.settings import Settings
from tests.openai_server import OpenAIServer, status, stream
from tests.prepared import Prepared, Taken
from tests.process import Run, as_json, command, environment

TIDES = "The tide rises twice a day. The pull of the moon on the sea is what moves it. The sun helps it a little.\n"
BREAD = "Rye bread needs sour dough. It is baked for an hour at a falling heat.\n"
QUESTION = "What moves the tide?"
SECRET = "sk-secret-0123456789"


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two notes."""
    folder = tmp_path_factory.mktemp("two") / "notes"
    folder.mkdir()
    (folder / "tides.md").write_text(TIDES)
    (folder / "bread.md").write_text(BREAD)
    return folder


@pytest.fixture
def run(run: Run, notes: Path, settings: Settings, prepared: Prepared) -> Run:
    """Run a command to its end, over the notes."""
    prepared(settings, Taken("notes", notes))
    return run


def _served(server: OpenAIServer) -> dict[str, str]:
    return {"OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": server.url}


def test_an_answer_as_json_and_as_text(run: Run) -> None:
    """As designed, without a key and without a network."""
    found = as_json(run("ask", QUESTION, "--json"))
    designed = {"question", "searched", "answer", "refused", "citations", "model"}
    assert designed <= set(found)
    assert (found["question"], found["searched"], found["model"]) == (QUESTION, [QUESTION], "extractive")
    cited = found["citations"][0]
    assert {"n", "id", "source", "start", "end", "quote", "similarity"} <= set(cited)
    assert TIDES[cited["start"] : cited["end"]] == cited["quote"]
    printed = run("ask", QUESTION)
    assert printed.returncode == 0
    assert "No chat model is configured" in printed.stdout
    assert "tides.md" in printed.stdout


def test_a_model_answers_over_http(run: Run, openai_server: OpenAIServer) -> None:
    """It is streamed, and its sources are printed; with a key it is the default."""
    openai_server.says = lambda _: ("The moon ", "moves it. [1]", " Whales sing. [7]")
    printed = run("ask", QUESTION, "--chat", "openai:m", "--anyway", **_served(openai_server))
    assert "The moon moves it. [1]" in printed.stdout
    assert "tides.md" in printed.stdout
    assert "unsupported" in printed.stdout
    assert (
        as_json(run("ask", QUESTION, "--anyway", "--json", **_served(openai_server)))["model"] == "openai:gpt-4o-mini"
    )


def test_a_history_goes_along(run: Run, openai_server: OpenAIServer, tmp_path: Path) -> None:
    """The lecture's conversation, from a file."""
    file = tmp_path / "history.json"
    system = "You provide 2 short bullet points, technical answers."
    said = [("system", system), ("user", "What is an embedding?"), ("assistant", "- A vector.")]
    file.write_text(json.dumps([{"role": role, "content": content} for role, content in said]))
    openai_server.says = lambda _: ("- So. [1]",)
    done = run("ask", QUESTION, "--history", file, "--chat", "openai:m", "--anyway", "--json", **_served(openai_server))
    assert as_json(done)["answer"] == "- So. [1]"
    sent = openai_server.requests[-1].body["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "user"]
    assert sent[0]["content"].startswith(system)


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", '[{"role": "user"}]', '[{"role": "tool", "content": "x"}]', "[[]]"]
)
def test_a_history_that_is_none_is_named(run: Run, tmp_path: Path, content: str) -> None:
    """In one line."""
    file = tmp_path / "history.json"
    file.write_text(content)
    done = run("ask", QUESTION, "--history", file)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "history.json" in done.stderr


def test_what_goes_wrong_is_one_line(run: Run, openai_server: OpenAIServer) -> None:
    """With its exit code, and without the key."""
    openai_server.script(status(401))
    done = run("ask", QUESTION, "--chat", "openai:m", "--anyway", **_served(openai_server))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert SECRET not in done.stderr
    assert run("ask", "  ").returncode == 2
    assert run("ask", QUESTION, "--where", "(((").returncode == 2
    assert "'nobody:m': choose one of extractive, openai:MODEL" in run("ask", QUESTION, "--chat", "nobody:m").stderr
    assert run("ask", QUESTION, "-c", "nowhere").returncode == 1


def test_an_answer_that_breaks_off_is_kept_and_said(run: Run, openai_server: OpenAIServer) -> None:
    """The exit code tells of it, too."""
    openai_server.script(lambda h, b: stream(h, b, ["The moon moves it. [1]", " And"], whole=False))
    done = run("ask", QUESTION, "--chat", "openai:m", "--anyway", **_served(openai_server))
    assert "The moon moves it. [1]" in done.stdout
    assert "not whole" in done.stderr
    assert done.returncode == 1


def test_a_terminal_is_not_steered(run: Run, openai_server: OpenAIServer) -> None:
    """Neither by a model nor by a note."""
    openai_server.says = lambda _: ("\x1b]0;HACKED\x07\x1b[2JThe moon. [1]",)
    done = run("ask", QUESTION, "--chat", "openai:m", "--anyway", **_served(openai_server))
    assert "\x1b" not in done.stdout


# Conversations


def test_a_conversation_is_kept_and_goes_on(run: Run, tmp_path: Path) -> None:
    """Listed, resumed, named, exported, deleted."""
    first = run("chat", said=f"{QUESTION}\n")
    assert first.returncode == 0, first.stderr
    assert "moon" in first.stdout
    (info,) = as_json(run("chat", "--list", "--json"))["conversations"]
    assert (info["title"], info["turns"], info["collection"]) == (QUESTION, 1, "notes")
    again = run("chat", "--resume", said="Does the sun help it?\n/title Tides\n")
    assert again.returncode == 0, again.stderr
    (info,) = as_json(run("chat", "--list", "--json"))["conversations"]
    assert (info["title"], info["turns"]) == ("Tides", 2)
    number = str(info["number"])
    assert run("chat", "--export", number, tmp_path / "x.md").returncode == 0
    assert (tmp_path / "x.md").read_text().startswith("# Tides\n")
    assert "# Tides" in run("chat", "--export", number, "-").stdout
    assert as_json(run("chat", "--rename", number, "The sea", "--json"))["title"] == "The sea"
    assert as_json(run("chat", "--delete", number, "--json")) == {"deleted": int(number)}
    assert as_json(run("chat", "--list", "--json"))["conversations"] == []
    assert run("chat", "--resume").returncode == 1
    assert run("chat", "--resume", "7").returncode == 1
    assert run("chat", "--rename", "x", "y").returncode == 2


@pytest.mark.parametrize("word", ["exit", "quit", "/exit", "/quit"])
def test_a_chat_is_ended_by_a_word(run: Run, word: str) -> None:
    """With or without the slash: it is no question."""
    done = run("chat", "--json", said=f"{word}\n{QUESTION}\n")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_question_is_asked_again_or_edited(run: Run) -> None:
    """In the place of the last; what is searched can be said."""
    lines = (QUESTION, "/retry", "/search the sun", "/edit How long is rye bread baked?", "/anyway", "/quit", "unasked")
    said = "\n".join(lines)
    done = run("chat", "--json", said=said)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["question"] for answer in answers] == [QUESTION] * 3 + ["How long is rye bread baked?"] * 2
    assert answers[2]["searched"] == ["the sun"]
    (info,) = as_json(run("chat", "--list", "--json"))["conversations"]
    assert info["turns"] == 1


@pytest.mark.usefixtures("run")
def test_bytes_that_are_no_text_are_one_line(settings: Settings) -> None:
    """In any locale; the questions before them are answered."""
    for locale in ({"PYTHONUTF8": "1"}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}):
        done = subprocess.run(
            command("chat", "-c", "notes"),
            env={**environment(settings), **locale},
            input=f"{QUESTION}\n".encode() + b"and \xff?\n",
            capture_output=True,
            check=False,
        )
        said = done.stderr.decode()
        assert done.returncode == 2, said
        assert "Traceback" not in said
        assert "half a character" in said.splitlines()[-1] or "no UTF-8" in said.splitlines()[-1]


def test_a_chat_without_a_collection_says_so_at_once(settings: Settings, run: Run, tmp_path: Path) -> None:
    """Before anything is asked."""
    done = run("chat", "-c", "nowhere", said="What?\n")
    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert run("chat", said="/retry\n").returncode == 2
    assert run("chat", said="/what\n").returncode == 2
