"""A secure connection: why, by the box's own certificate, by one of the owner's, or by a proxy before it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nicegui import ui

from edge.config.change import Edit
from edge.config.panel import OWN
from edge.panel.auth.rights import Right
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, cards, light, text
from edge.panel.trust import AUTHORITY

if TYPE_CHECKING:
    from edge.panel.view import View

CADDY = """shop.example.com {
    reverse_proxy 192.168.1.20:8080
}"""
NGINX = """location / {
    proxy_pass http://192.168.1.20:8080;
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection "upgrade";
}"""


async def build(view: View) -> None:
    """The page."""
    words = view.words
    await asyncio.to_thread(view.panel.make_authority)
    encrypted = view.client.request.url.scheme == "https"
    with cards():
        with card(words("secure.now")):
            light("good" if encrypted else "warn", words("secure.yes" if encrypted else "secure.no"))
            text(words("secure.why"), "p", "muted")
        with card(words("secure.own"), "w6"):
            _own(view)
        with card(words("secure.proxy"), "w6"):
            text(words("secure.proxy_how"), "p")
            for name, snippet in (("Caddy", CADDY), ("nginx", NGINX)):
                text(name, "h3")
                text(snippet, "pre", "code").props("tabindex=0")
            text(words("secure.proxy_trust"), "p", "muted")
        with card(words("secure.given"), "w6"):
            text(words("secure.given_how"), "p")


def _own(view: View) -> None:
    words, table = view.words, view.panel.settings.config.panel
    text(words("secure.own_how"), "p")
    with ui.element("ol").classes("steps"):
        with ui.element("li"):
            text(words("secure.step_fetch"), "p")
            with ui.link(target=AUTHORITY).classes("button plain"):
                text(words("secure.fetch"))
        for device in ("iphone", "android", "computer"):
            text(words(f"secure.step_{device}"), "li")
        with ui.element("li"):
            text(words("secure.step_switch"), "p")
            if table.certificate:
                text(words("secure.switched"), "p", "tag good")
            else:
                button(words("secure.switch"), lambda: _switch(view))
    text(words("secure.fingerprint"), "h3")
    text(view.panel.certificates.fingerprint(), "p", "muted small fingerprint")


async def _switch(view: View) -> None:
    edits = [Edit(("panel", "certificate"), OWN)]
    if await view.tried(view.panel.actions.change(view.visitor, edits)) is not None:
        view.tell(view.words("secure.restart"))


PAGE = Page("/secure", "secure.title", "secure", build, right=Right.SET, listed=False)
