"""A folder with notes, a server that has it, and a model server: what the pages of the documentation speak of."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ingest.sample import NOTES, SENTENCES, WORDS
from search.settings import Settings
from tests.api.conftest import Serving
from tests.openai_server import OpenAIServer
from tests.process import command, environment

KINDS = {
    "animal": "dog cat horse cow sheep lion tiger",
    "place": "city village road school library hospital forest",
    "feeling": "joy anger fear sadness pride envy hope",
}
FILES = {
    "lines.txt": "The bank raised its rate.\nPeople rushed to get their money.\nOtters live on the bank.\n",
    "terms.csv": "term,year\nliquidity,1990\nsolvency,1995\ndeposit,2001\n",
    "table.csv": "title,year,genre\nA quiet river,1999,Drama\nThe long war,2004,War\nBanks of the Thames,2010,Drama\n",
    "books.csv": "title,author,year,summary\n"
    "The Debt,A. Moss,1994,A village bank fails and nobody will say why.\n"
    "Otter Water,B. Lake,2003,A year beside a river with a family of otters.\n"
    "Interest,C. Penny,2011,What a central bank does when prices rise too fast.\n"
    "The Bite,D. Kemp,2018,A man and a dog change places in a small town.\n",
    "kinds.csv": "text,label\n"
    + "".join(f"{word},{kind}\n" for kind, words in KINDS.items() for word in words.split()),
    "pairs.tsv": "a dog\ta puppy\t5\na dog\ta bank\t0\na river\ta stream\t4\na nurse\ta doctor\t3\n",
    "lecture.json": json.dumps(
        [
            {"role": "system", "content": "You provide 2 short bullet points, technical answers."},
            {"role": "user", "content": "What is an embedding?"},
            {"role": "assistant", "content": "- A vector that stands for a text.\n- Near texts have near vectors."},
        ]
    ),
    "vault/Banks.md": "---\ntags: [economics]\n---\n# Runs\n\nA run begins when depositors fear [[Failure]].\n",
    "vault/Failure.md": "# Failure\n\nA bank fails when it cannot pay its depositors. #banking\n",
    "my-queries/corpus.jsonl": '{"_id": "d1", "title": "Otters", "text": "The otter swims in rivers."}\n'
    '{"_id": "d2", "title": "Banks", "text": "A bank lends what others deposit."}\n',
    "my-queries/queries.jsonl": '{"_id": "q1", "text": "what swims in rivers"}\n',
    "my-queries/qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\n",
    "notes.md": "# Tides\n\nThe tide goes out twice a day.\n",
    "draft.md": "# Draft\n\nMoney that banks owe is money that others own.\n",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the commands of a page run."""

    folder: Path
    environ: dict[str, str]
    server: str
    model_server: str

    def here(self, text: str) -> str:
        """Return code with the addresses of these servers, and the command as it is found here."""
        text = text.replace(".venv/bin/", "")
        text = re.sub(r"http://(localhost|127\.0\.0\.1):11434/v1", self.model_server, text)
        return re.sub(r"(http://)?(localhost|127\.0\.0\.1):7860", self.server, text)

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script in bash, to its end or its first failure."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.here(script)],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def alone(self) -> "Desk":
        """Return the same without a server: commands have the data folder beside it themselves."""
        return replace(self, environ={**self.environ, "NEARHOOD_DATA": str(self.folder.parent / "alone")})


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Desk]:
    """The sample, as `nearhood demo` takes it in, and a few files; all pages share them."""
    root = tmp_path_factory.mktemp("docs")
    folder = root / "here"
    shutil.copytree(NOTES, folder / "notes")
    shutil.copy(WORDS, folder / "words.txt")
    shutil.copy(SENTENCES, folder / "sentences.txt")
    (folder / "docs" / "images").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)
    settings = Settings(data=root / "data", cache=cache)
    with OpenAIServer() as models:
        bin_folder = str(Path(sys.executable).parent)
        environ = environment(settings) | {
            "PATH": os.pathsep.join([bin_folder, os.environ["PATH"]]),
            "HOME": str(folder),
            "OPENAI_API_KEY": "sk-test-0123456789",
            "OPENAI_BASE_URL": models.url,
            "NEARHOOD_CHAT": "extractive",
        }
        for arguments in (
            ["demo", "--no-serve"],
            ["ingest", "notes", "-c", "notes"],
            ["ingest", "words.txt", "--as", "words", "-c", "words"],
            ["ingest", "sentences.txt", "--as", "sentences", "-c", "sentences"],
        ):
            subprocess.run(command(*arguments), env=environ, cwd=folder, check=True, capture_output=True, timeout=120)
        told = {name: environ[name] for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "NEARHOOD_CHAT")}
        with Serving(settings.data, cache, **told) as url:
            yield Desk(folder, environ, url.rstrip("/"), models.url)
