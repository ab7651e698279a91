"""The page: a header and tabs, on an application of FastAPI's."""

from typing import Any

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from search.errors import NotFoundError
from search.service import Service
from search.store.conversations import markdown
from ui.jobs import Jobs
from ui.security import error
from ui.uploads import Brought
from ui.web.finding import finding
from ui.web.header import choices, header
from ui.web.intake import intake
from ui.web.library import library as library_routes
from ui.web.map_routes import map_routes
from ui.web.page_maps import PageMaps
from ui.web.parts import ASSETS
from ui.web.probes import probes
from ui.web.shell import Shell
from ui.web.tabs.ask import ask
from ui.web.tabs.compare import compare
from ui.web.tabs.latent_map import latent_map
from ui.web.tabs.library import library
from ui.web.tabs.look_up import look_up
from ui.web.tabs.probe import probe
from ui.web.tabs.tokens import tokens
from ui.web.theme import theme

MOST_WAITING = 64


class Assets(StaticFiles):
    """Files that are asked for anew each time, which mostly costs a 304: no page meets those of another version."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - as Starlette has them
        """Return a file."""
        reply = super().file_response(*args, **kwargs)
        reply.headers["Cache-Control"] = "no-cache"
        return reply


def build_page(service: Service) -> gr.Blocks:
    """Return the page."""
    page = gr.Blocks(title="Nearhood", analytics_enabled=False, fill_width=True)
    with page:
        collection = header(service)
        with gr.Tabs(elem_id="nh-tabs", overflow_behavior="wrap"):
            with gr.Tab("Look up", id="look-up"):
                look_up()
            with gr.Tab("Ask", id="ask") as tab:
                ask(service, collection, tab)
            with gr.Tab("Map", id="map"):
                latent_map()
            with gr.Tab("Compare", id="compare"):
                compare()
            with gr.Tab("Tokens", id="tokens"):
                tokens()
            with gr.Tab("Probe", id="probe"):
                probe()
            with gr.Tab("Library", id="library"):
                library()
    page.queue(api_open=False, max_size=MOST_WAITING)
    return page


def mount_page(app: FastAPI, service: Service, jobs: Jobs, brought: Brought) -> None:
    """Put the page at `/`, and what it fetches under `/page`. To be called last: it answers to every path."""
    maps = PageMaps(service)
    app.include_router(finding(service))
    app.include_router(map_routes(maps))
    app.include_router(library_routes(service, jobs))
    app.include_router(intake(service, jobs, brought))
    app.include_router(probes(service, jobs))

    @app.get("/page/collections", include_in_schema=False)
    def page_collections() -> list[dict[str, Any]]:
        return choices(service)

    @app.get("/page/conversations/{number}.md", include_in_schema=False)
    def page_conversation(number: int) -> Response:
        try:
            info = service.store.conversations.get(number)
        except NotFoundError as missing:
            return error(404, missing.kind, str(missing))
        words = markdown(info, service.store.conversations.turns(number))
        file = f'attachment; filename="conversation-{number}.md"'
        return Response(words, media_type="text/markdown; charset=utf-8", headers={"Content-Disposition": file})

    @app.post("/gradio_api/upload", include_in_schema=False)
    def upload() -> JSONResponse:
        return error(404, "not-found", "Gradio takes no files: the page brings its own to /page/intake")

    app.mount("/page", Assets(directory=ASSETS), name="page")
    app.add_middleware(Shell)
    gr.mount_gradio_app(
        app,
        build_page(service),
        path="/",
        theme=theme(),
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
    )
