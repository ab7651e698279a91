"""Writes the reference pages from the code: `python -m docs.write_reference [FOLDER]`.

The pages are made when the site is built, so that they cannot be out of date.
"""

import argparse
import ast
import asyncio
import inspect
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from search import settings as settings_module
from search.service import Service
from search.settings import Settings
from ui.arguments import parser

FOLDER = Path(__file__).parent / "reference"
COMMON = {"help", "data", "embedder", "url", "json"}


def main() -> None:
    """Write the four pages."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(exist_ok=True)
    for name, page in (("cli", cli()), ("rest", rest(schema())), ("settings", settings()), ("python", python())):
        (folder / f"{name}.md").write_text(page + "\n")


def cli() -> str:
    """Return the page of commands, from the parser."""
    lines = ["# Commands", "", "Every command takes `--data DIR`, `--embedder NAME`, `--url URL` and `--json`."]
    for names, one in commands(parser(), ("nearhood",)):
        lines += ["", f"## `{' '.join(names)}`", "", _text(one.description), "", "```text", usage(one), "```"]
        rows = [(option, _text(text)) for option, text in options(one)]
        lines += ["", "| | |", "| --- | --- |", *(f"| `{a}` | {b} |" for a, b in rows)] if rows else []
    return "\n".join(lines)


def commands(one: argparse.ArgumentParser, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each command that does something, with its parser."""
    inner = [a for a in one._actions if isinstance(a, argparse._SubParsersAction)]  # noqa: SLF001 - argparse has no other way
    if not inner or "run" in one._defaults:  # noqa: SLF001
        yield names, one
    for action in inner:
        for name, child in action.choices.items():
            yield from commands(child, (*names, name))


def options(one: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """Yield what a command takes beside what all of them take, with the help for it."""
    for action in one._actions:  # noqa: SLF001
        if action.dest not in COMMON and not isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            shown = ", ".join(action.option_strings) or (action.metavar or action.dest)
            value = f" {action.metavar}" if action.option_strings and isinstance(action.metavar, str) else ""
            yield f"{shown}{value}", action.help % vars(action) if action.help else ""


def usage(one: argparse.ArgumentParser) -> str:
    """Return how a command is called, in one form whatever the width of the terminal."""
    return " ".join(one.format_usage().removeprefix("usage: ").split())


def schema() -> dict[str, Any]:
    """Return the server's OpenAPI."""
    from ui.serve import build_app  # noqa: PLC0415 - the other pages need no server

    async def build(service: Service) -> dict[str, Any]:
        return build_app(service).openapi()

    with (
        tempfile.TemporaryDirectory() as folder,
        Service(Settings(data=Path(folder) / "data", cache=Path(folder)), "reference") as service,
    ):
        return asyncio.run(build(service))


def rest(described: dict[str, Any]) -> str:
    """Return the page of routes, from OpenAPI."""
    lines = ["# REST", "", "A server's own description, with all types, is at `/openapi.json`.", ""]
    lines += ["| route | | takes |", "| --- | --- | --- |"]
    for path, verbs in sorted(described["paths"].items()):
        for verb, said in verbs.items():
            taken = [p["name"] for p in said.get("parameters", [])]
            taken += _body(said, described)
            text = _text(said.get("description") or said.get("summary", ""))
            lines.append(f"| `{verb.upper()} {path}` | {text} | {', '.join(f'`{name}`' for name in taken)} |")
    return "\n".join(lines)


def _body(said: dict[str, Any], described: dict[str, Any]) -> list[str]:
    for content in said.get("requestBody", {}).get("content", {}).values():
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        return list(described["components"]["schemas"].get(name, {}).get("properties", {}))
    return []


def settings() -> str:
    """Return the page of settings, from the class and what stands below its fields."""
    rows = [f"| `{name}` | {_text(text)} |" for name, text in documented(settings_module, "Settings").items()]
    head = ["# Settings", "", "Read from the environment once; the variable stands at the end of each line.", ""]
    return "\n".join([*head, "| field | |", "| --- | --- |", *rows])


def documented(module: Any, name: str) -> dict[str, str]:  # noqa: ANN401 - a module
    """Return what stands below each field of a class."""
    tree = ast.parse(inspect.getsource(module))
    (found,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    below = zip(found.body, found.body[1:], strict=False)
    return {
        ast.unparse(field.target): ast.literal_eval(text.value)
        for field, text in below
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
    }


def python() -> str:
    """Return the page of the library's verbs, from their docstrings."""
    import search  # noqa: PLC0415 - beside what it documents

    lines = ["# Python", "", inspect.getdoc(search) or "", "", *_verb("search.connect", search.connect)]
    for name, verb in inspect.getmembers(Service, inspect.isfunction):
        if not name.startswith("_"):
            lines += _verb(name, verb)
    return "\n".join(lines)


def _verb(name: str, verb: Any) -> list[str]:  # noqa: ANN401 - any function
    sign = str(inspect.signature(verb)).replace("(self, ", "(").replace("(self)", "()")
    return ["", f"## `{name}`", "", "```text", f"{name}{sign}", "```", "", inspect.getdoc(verb) or ""]


def _text(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def known() -> set[str]:
    """Return the names of all settings."""
    return {field.name for field in fields(Settings)}


if __name__ == "__main__":
    main()
