"""Hands the pages to their framework, and keeps it to our rules: nonces on scripts, nobody in another's page."""

from __future__ import annotations

import copy
import inspect
from typing import TYPE_CHECKING, Any

from fastapi import Request  # noqa: TC002 - the framework reads the annotations of what builds a page
from jinja2 import BaseLoader, TemplateNotFound
from nicegui import Client, app, ui
from nicegui import client as client_module
from nicegui.nicegui import sio

from edge.panel.pages import pages_of
from edge.panel.pages.page import Page
from edge.panel.parts import card, text
from edge.panel.shell import shell
from edge.panel.statics import STATIC
from edge.panel.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastapi import FastAPI
    from jinja2 import Environment

    from edge.panel.auth.visitor import Visitor
    from edge.panel.lives import Lives
    from edge.panel.panel import Panel

# A phone that was put away for a moment finds its page as it was.
RECONNECT_S = 20.0
HISTORY = 200
# Five years of figures on a small box that counts meanwhile take a while; the framework would give up after 3 s.
BUILD_S = 30.0
VIEWPORT = "width=device-width, initial-scale=1, viewport-fit=cover"
DARK: dict[str, bool | None] = {"dark": True, "light": False}
NOWHERE = Page("", "shell.not_here", "today", lambda _: None, listed=False)


def mount_pages(panel: Panel, web: FastAPI, lives: Lives) -> None:
    """Serve every page from ``web``. Once a process: the framework knows one application only."""
    pages = pages_of(panel)
    for page in pages:
        ui.page(page.path, response_timeout=BUILD_S)(_builder(panel, lives, page, pages))
    _name_scripts()
    _hear_own_pages_only()
    app.config.quasar_config["brand"]["primary"] = "var(--accent)"
    app.config.quasar_config["loadingBar"] = {"skipHijack": True}
    ui.run_with(
        web, root=_builder(panel, lives, NOWHERE, pages), title=panel.site, favicon=STATIC / "icon.svg", tailwind=False,
        dark=None, binding_refresh_interval=None, reconnect_timeout=RECONNECT_S, message_history_length=HISTORY,
        gzip_middleware_factory=None, show_welcome_message=False, viewport=VIEWPORT,
    )  # fmt: skip


def _builder(panel: Panel, lives: Lives, page: Page, every: Sequence[Page]) -> Callable[..., Any]:
    async def build(request: Request, client: Client) -> None:
        visitor: Visitor = request.state.visitor
        words = panel.words_for(visitor, request.headers.get("accept-language", ""))
        view = View(panel, visitor, words, client)
        lives.add(view)
        _dress(client, view, page)
        pages = [place for place in every if place.listed and visitor.may(place.right)]
        with shell(view, page, pages):
            if page is NOWHERE:
                _say(view, "shell.not_here_why", status=404)
            elif not visitor.may(page.right):
                _say(view, "shell.not_yours_why", status=403)
            else:
                made = page.build(view)
                if inspect.isawaitable(made):
                    await made

    return build


def _say(view: View, key: str, status: int) -> None:
    view.client.status_code = status
    role = view.visitor.role
    with card():
        text(view.words(key, role=view.words(f"role.{role.value}") if role else ""), "p")
        with ui.link(target="/").classes("button").style("align-self: start"):
            text(view.words("shell.home"))


def _dress(client: Client, view: View, page: Page) -> None:
    """Give one visitor's page its language, colours and title; others have theirs."""
    theme = "auto" if view.visitor.user is None else view.visitor.user.theme
    client.page = copy.copy(client.page)
    client.page.dark = DARK.get(theme)
    client.page.language = view.words.quasar  # type: ignore[assignment]
    client.title = f"{view.words(page.title)} · {view.panel.site}"


class _Noncing(BaseLoader):
    """Templates of the framework, with a nonce on every script: what is not in the template is not run."""

    def __init__(self, inner: BaseLoader) -> None:
        self._inner = inner

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, name, fresh = self._inner.get_source(environment, template)
        return source.replace("<script", '<script nonce="{{ request.state.nonce }}"'), name, fresh


def _name_scripts() -> None:
    environment = client_module.templates.env
    if environment.loader is None:
        raise TemplateNotFound("index.html")
    environment.loader = _Noncing(environment.loader)
    environment.cache = None


def _hear_own_pages_only() -> None:
    """A browser speaks for the pages that were sent to it, whatever page it names."""

    async def event(sid: str, told: dict[str, Any]) -> None:
        client = Client.instances.get(str(told.get("client_id")))
        if client is not None and client.has_socket_connection and client.id in sio.rooms(sid):
            client.handle_event(told)

    sio.on("event", event)
    sio.handlers["/"].pop("log", None)
