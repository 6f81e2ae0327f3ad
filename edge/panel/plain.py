"""Pages without a websocket behind them, for those who are not signed in and for the wall: templates filled in."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from edge.panel.statics import static

if TYPE_CHECKING:
    from fastapi import Request

    from edge.panel.panel import Panel
    from edge.panel.words import Words

TEMPLATES = Path(__file__).parent / "templates"
# No scripts but our own files: these pages need no more.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)


def words_of(panel: Panel, request: Request) -> Words:
    """The language of who asks."""
    return panel.words_for(request.state.visitor, request.headers.get("accept-language", ""))


def plain_page(
    panel: Panel, request: Request, template: str, /, status: int = 200, **values: object
) -> HTMLResponse:
    """A filled-in template."""
    found = _environment().get_template(template)
    filled = found.render(words=words_of(panel, request), site=panel.site, static=static, **values)
    return HTMLResponse(filled, status, headers={"Content-Security-Policy": POLICY})


def message(panel: Panel, request: Request, status: int, key: str, *, to: str = "") -> HTMLResponse:
    """A page that says one thing: ``key`` and ``key_why`` of the words."""
    words = words_of(panel, request)
    return plain_page(
        panel, request, "message.html", status, heading=words(key), why=words(f"{key}_why"), to=to,
        go=words("shell.home"),
    )  # fmt: skip
