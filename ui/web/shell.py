"""The HTML page around Gradio's: our style before the first paint, so that nothing flickers."""

import re
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.web.parts import ASSETS

_STYLES = (
    "colors",
    "page",
    "fields",
    "cards",
    "matrix",
    "chips",
    "latent-map",
    "talk",
    "library",
    "probe",
    "tour",
    "small-map",
)
_IMPORT = re.compile(r'^import .*from "\./([\w-]+)\.js";$', re.MULTILINE)


def modules(first: str) -> list[str]:
    """Return the name of a module of ours, and those of all that it needs to begin."""
    found = [first]
    for name in found:
        text = (ASSETS / f"{name}.js").read_text(encoding="utf-8")
        found += [each for each in _IMPORT.findall(text) if each not in found]
    return found


# A browser finds what a module needs once it has the module.
HEAD = "".join(
    (
        '<meta name="description" content="Find, compare and map texts by meaning, on this machine.">',
        '<link rel="icon" href="/page/mark.svg" type="image/svg+xml">',
        *(f'<link rel="stylesheet" href="/page/{name}.css">' for name in _STYLES),
        '<script src="/page/address.js"></script>',
        '<script src="/page/page.js"></script>',
        '<script src="/page/tour.js"></script>',
        *(f'<link rel="modulepreload" href="/page/{name}.js">' for name in modules("map-page")),
    )
)


class Shell:
    """Middleware that adds to the head of the page at `/`: Gradio itself adds there only once it runs."""

    def __init__(self, app: ASGIApp, paths: Sequence[str] = ("/",)) -> None:
        self._app = app
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and change the answer when it is the page."""
        if scope["type"] != "http" or scope["path"] not in self._paths or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def changed(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                page = body.replace(b"</head>", HEAD.encode() + b"</head>", 1)
                headers = MutableHeaders(scope=start)
                headers["Content-Length"] = str(len(page))
                headers["Cache-Control"] = "no-cache"
                await send(start)
                await send({"type": "http.response.body", "body": page})

        await self._app(scope, receive, changed)
