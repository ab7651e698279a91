"""The reference pages, made of the code: the command line, REST, the settings and the Python library."""

import argparse
import ast
import asyncio
import inspect
import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import search
from search.service import Service
from search.settings import Settings
from ui.arguments import parser


def generate(folder: Path) -> None:
    """Write the pages into a folder; a page that stays the same is left as it is."""
    folder.mkdir(exist_ok=True)
    pages = {"cli.md": cli(), "rest.md": rest(), "settings.md": settings(), "python.md": python()}
    for name, text in pages.items():
        page = folder / name
        if not page.is_file() or page.read_text() != text:
            page.write_text(text)


def cli() -> str:
    """Return the page on the command line: what `--help` says of each command."""
    made = parser()
    return "\n".join(["# Command line", "", _fenced(made.format_help()), *_commands(made)])


def _commands(made: argparse.ArgumentParser, before: str = "nearhood") -> Iterator[str]:
    for action in made._actions:  # noqa: SLF001 - argparse has no other way to ask for its commands
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for name, one in action.choices.items():
                yield f"\n## {before} {name}\n\n{_fenced(one.format_help())}"
                yield from _commands(one, f"{before} {name}")


def _fenced(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```"


def rest() -> str:
    """Return the page on REST: each route, what it takes, and what it answers."""
    known = asyncio.run(_schema())
    lines = ["# REST", "", f"OpenAPI {known['openapi']}; a running server has all of it at `/openapi.json`.", ""]
    for path, methods in sorted(known["paths"].items()):
        for method, route in methods.items():
            lines += [f"## {method.upper()} {path}", "", route.get("description") or route.get("summary", ""), ""]
            lines += _taken(route, known)
            lines += [f"Answers {', '.join(route['responses'])}.", ""]
    return "\n".join(lines)


async def _schema() -> dict[str, Any]:
    """Return what a server says of itself; Gradio wants a running loop."""
    from ui.serve import build_app  # noqa: PLC0415 - its imports take seconds

    with TemporaryDirectory() as folder:
        service = Service(Settings(data=Path(folder), cache=Path(folder)), "docs")
        known: dict[str, Any] = build_app(service).openapi()
    return known


def _taken(route: dict[str, Any], known: dict[str, Any]) -> Iterator[str]:
    rows = [(p["name"], p["in"], p["schema"], p.get("description", "")) for p in route.get("parameters", [])]
    for kind, content in route.get("requestBody", {}).get("content", {}).items():
        body = _resolved(content["schema"], known)
        rows += [(name, kind, one, one.get("description", "")) for name, one in body.get("properties", {}).items()]
    if rows:
        yield "| name | in | type | |\n| --- | --- | --- | --- |"
        for name, where, shape, about in rows:
            said = " ".join(about.split()).replace("|", "\\|")
            yield f"| `{name}` | {where} | {_kind(shape)} | {said} |"
        yield ""


def _resolved(shape: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in shape:
        return shape
    found: dict[str, Any] = known["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
    return found


def _kind(shape: dict[str, Any]) -> str:
    if "$ref" in shape:
        return f"`{shape['$ref'].rpartition('/')[2]}`"
    if "anyOf" in shape:
        return " or ".join(dict.fromkeys(_kind(one) for one in shape["anyOf"]))
    kind = shape.get("type", "any")
    return f"list of {_kind(shape['items'])}" if kind == "array" and "items" in shape else str(kind)


BY_MACHINE = {"threads": "one for each core"}
"""What `Settings.from_environment` takes from the machine, whatever the default of the field."""


def settings() -> str:
    """Return the page on the settings: each field of `Settings`, with the variables that its docstring names."""
    fields = Settings.__dataclass_fields__
    lines = ["# Settings of the library", "", "Read from the environment once, when a command starts.", ""]
    lines += ["| field | default | |", "| --- | --- | --- |"]
    for name, about in _documented(Settings):
        default = fields[name].default
        # A folder has no default of its own, and a secret shows none.
        shown = f"`{json.dumps(default)}`" if isinstance(default, str | int | float) and default != "" else ""
        shown = BY_MACHINE.get(name, shown)
        lines.append(f"| `{name}` | {shown} | {about} |")
    return "\n".join([*lines, ""])


def _documented(kind: type) -> Iterator[tuple[str, str]]:
    """Yield the fields of a dataclass with the docstrings beneath them."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    name = ""
    for node in body.body if isinstance(body, ast.ClassDef) else []:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif name and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield name, " ".join(str(node.value.value).split())
            name = ""


def _about() -> str:
    """Return what the package says of itself, its example as code."""
    return (inspect.getdoc(search) or "").replace("\n\n    from", "\n\n.. code-block:: python\n\n    from", 1)


def python() -> str:
    """Return the page on the library: each name of `search`, as its docstrings say."""
    lines = ["# Python", "", "```{eval-rst}", _about(), "```", ""]
    for name in search.__all__:
        one = getattr(search, name)
        lines += [f"## {name}", "", "```{eval-rst}"]
        if inspect.isclass(one):
            lines += [
                f".. autoclass:: {one.__module__}.{one.__qualname__}",
                "   :members:",
                "   :inherited-members: Exception",
            ]
        else:
            lines += [f".. autofunction:: {one.__module__}.{one.__qualname__}"]
        lines += ["```", ""]
    return "\n".join(lines)
