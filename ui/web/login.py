"""The form that asks for the token, and what it posts to."""

from functools import cache
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ui.access import SESSION_SECONDS, Access, address_of, cookie_name, session_of
from ui.web.parts import ASSETS

WRONG = "That is not the token."
LATER = "Too many wrong tokens. Try again in {} seconds."
_UNAUTHORIZED, _TOO_MANY = 401, 429


def mount_login(app: FastAPI, access: Access) -> None:
    """Put the form at `/login`, and the way out at `/logout`."""

    @app.get("/login", include_in_schema=False)
    def form(request: Request) -> Response:
        return _home() if access.has(session_of(request.scope)) else login_form()

    @app.post("/login", include_in_schema=False)
    def login(request: Request, token: Annotated[str, Form(max_length=10_000)] = "") -> Response:
        address = address_of(request.scope)
        if wait := access.wait(address):
            return login_form(_TOO_MANY, LATER.format(wait))
        if not access.is_token(token.strip(), address):
            return login_form(_UNAUTHORIZED, WRONG)
        inside = _home()
        name, is_secure = cookie_name(request.scope), request.url.scheme == "https"
        inside.set_cookie(
            name, access.begin(), SESSION_SECONDS, httponly=True, samesite="strict", secure=is_secure, path="/"
        )
        return inside

    @app.post("/logout", include_in_schema=False)
    def logout(request: Request) -> Response:
        access.end(session_of(request.scope))
        outside = _home()
        outside.delete_cookie(cookie_name(request.scope), httponly=True, samesite="strict", path="/")
        return outside


def login_form(status: int = _UNAUTHORIZED, fault: str = "") -> HTMLResponse:
    """Return the form; it needs nothing else from the server, which would ask for the token.

    :param fault: What was wrong with the last try.
    """
    told = f'<p id="fault" role="alert">{fault}</p>' if fault else ""
    described = ' aria-invalid="true" aria-describedby="fault"' if fault else ""
    page = _page().replace("<!-- fault -->", told).replace("data-described", described)
    return HTMLResponse(page, status, {"Cache-Control": "no-store"})


def _home() -> RedirectResponse:
    # 303: what was posted is fetched, and a reload posts nothing again.
    return RedirectResponse("/", 303)


@cache
def _page() -> str:
    colors = _without_fonts((ASSETS / "colors.css").read_text())
    styles = f"<style>{colors}{(ASSETS / 'login.css').read_text()}</style>"
    return (ASSETS / "login.html").read_text().replace("<!-- styles -->", styles)


def _without_fonts(css: str) -> str:
    """Leave out the fonts, which are behind the token."""
    return css[css.index(":root") :]
