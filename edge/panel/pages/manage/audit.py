"""Who did what, from where, and when."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.auth.rights import Right
from edge.panel.pages.manage.frame import moment_text, way_back
from edge.panel.pages.manage.proposal import value_text
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, text

if TYPE_CHECKING:
    from edge.panel.view import View
    from edge.panel.words import Words
    from edge.storage.panel.written import Change

SHOWN = 50


async def build(view: View) -> None:
    """The page."""
    way_back(view)
    words = view.words
    before: int | None = None
    with card():
        text(words("audit.what"), "p", "muted")
        rows = ui.element("ul").classes("list audit")

        async def more() -> None:
            nonlocal before
            changes = await asyncio.to_thread(view.panel.store.audit.latest, SHOWN, before)
            with rows:
                for change in changes:
                    _row(view, change)
            before = changes[-1].id if changes else before
            further.set_visibility(len(changes) == SHOWN)

        further = button(words("audit.more"), more, plain=True)
        await more()


def _row(view: View, change: Change) -> None:
    with ui.element("li").props("data-test=audit"), ui.element("div").classes("words"):
        text(done_text(view.words, change), "p")
        who = [change.who or view.words("audit.nobody"), change.address, moment_text(view, change.at_ms)]
        text(" · ".join(filter(None, who)), "p", "muted small")


def done_text(words: Words, change: Change) -> str:
    """What was done, in the language of who reads it."""
    key = f"audit.{change.what.replace('-', '_')}"
    said = words(key)
    if said == key:
        # A kind of doing of another page, or of a newer version.
        said = change.what.replace("-", " ")
    if change.what == "settings":
        rows = change.detail.get("changed")
        places = [str(row[0]) for row in rows] if isinstance(rows, list) else []
        return f"{said}: {', '.join(places)}"
    told = [value_text(words, value) for value in change.detail.values() if value not in (None, "", [])]
    return f"{said}: {', '.join(told)}" if told else said


PAGE = Page("/manage/audit", "manage.audit", "manage", build, right=Right.PEOPLE, listed=False)
