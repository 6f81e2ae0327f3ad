"""Tokens: keys for programs and for the wall display."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.actions_manage import Managing
from edge.panel.auth.rights import SCOPES, Right
from edge.panel.pages.manage.form import Choice, Line
from edge.panel.pages.manage.frame import asked, moment_text, small_button, tried, way_back
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, cards, text

if TYPE_CHECKING:
    from edge.panel.view import View
    from edge.storage.panel.people import Token

DAYS = ("30", "365", "")


async def build(view: View) -> None:
    """The page."""
    way_back(view)
    tokens = await asyncio.to_thread(view.panel.store.tokens.all)
    with cards():
        with card(view.words("tokens.make"), "w6"):
            _new(view)
        with card(view.words("tokens.all"), "w6"):
            if not tokens:
                text(view.words("tokens.none"), "p", "empty")
            with ui.element("ul").classes("list"):
                for token in tokens:
                    _row(view, token)


def _new(view: View) -> None:
    words = view.words
    text(words("tokens.what"), "p", "muted small")
    name = Line(words("tokens.name"), hint=words("tokens.name_hint"), test="token-name")
    boxes = {}
    with ui.element("fieldset"):
        text(words("tokens.scopes"), "legend")
        # A hub's panel has figures, and nothing to switch or to show at a door.
        for scope in SCOPES if view.panel.sites is None else ("read",):
            boxes[scope] = ui.checkbox(words(f"tokens.scope_{scope}"), value=scope == "read")
            boxes[scope].props["data-test"] = f"scope-{scope}"
    lasting = {days: words("tokens.for_days", days=days) if days else words("tokens.for_ever") for days in DAYS}
    days = Choice(words("tokens.lasts"), lasting, DAYS[1])
    shown = ui.element("div").props("role=status")

    async def make() -> None:
        scopes = frozenset(scope for scope, box in boxes.items() if box.value)
        ends = int(days.value) if days.value else None
        token = await tried(view, Managing(view.panel).make_token(view.visitor, name.value, scopes, ends))
        if token is not None:
            shown.clear()
            with shown:
                text(words("tokens.once"), "p")
                text(token, "pre", "code").props("tabindex=0 data-test=token")

    with ui.element("div"):
        button(words("tokens.make"), make, "plus").props("data-test=make-token")


def _row(view: View, token: Token) -> None:
    words = view.words

    async def remove() -> None:
        if not await asked(view, words("tokens.remove_sure", name=token.name), words("manage.delete")):
            return

        async def work() -> bool:
            await Managing(view.panel).remove_token(view.visitor, token.id, token.name)
            return True

        if await tried(view, work()):
            view.anew()

    with ui.element("li").props("data-test=token-row"):
        with ui.element("div").classes("grow words"):
            text(token.name, "p")
            said = [", ".join(sorted(token.scopes)), words("tokens.by", name=token.made_by)]
            if token.seen_ms is not None:
                said.append(words("tokens.seen", at=moment_text(view, token.seen_ms)))
            if token.expires_ms is not None:
                said.append(words("tokens.ends", at=moment_text(view, token.expires_ms)))
            text(" · ".join(said), "p", "muted small")
        small_button(words("tokens.remove", name=token.name), remove, "trash")


PAGE = Page("/manage/tokens", "manage.tokens", "manage", build, right=Right.PEOPLE, listed=False)
