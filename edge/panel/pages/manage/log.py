"""The end of the product's journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.actions_manage import Managing
from edge.panel.auth.rights import Right
from edge.panel.pages.manage.form import Choice
from edge.panel.pages.manage.frame import tried, way_back
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, text

if TYPE_CHECKING:
    from edge.panel.view import View

ROWS = 200
# Syslog's numbers: warnings and worse, or all but what is for programmers.
PRIORITIES = ("6", "4")


async def build(view: View) -> None:
    """The page."""
    way_back(view)
    words = view.words
    with card():
        text(words("log.what", rows=ROWS), "p", "muted")
        with ui.element("div").classes("row") as row:
            said = {number: words(f"log.priority_{number}") for number in PRIORITIES}
            priority = Choice(words("log.priority"), said, PRIORITIES[0], test="priority")
        place = ui.element("div").props("data-test=log")

    async def show() -> None:
        told = await tried(view, Managing(view.panel).log(view.visitor, ROWS, int(priority.value)))
        place.clear()
        if told is None:
            return
        rows, failed = told
        with place:
            if rows:
                text("\n".join(rows), "pre", "code log").props("tabindex=0")
            else:
                text(words("log.unread", why=failed) if failed else words("log.none"), "p", "empty")

    with row:
        button(words("log.again"), show, "undo", plain=True)
    priority.on_change(lambda: view.go(show()))
    await show()


PAGE = Page("/manage/log", "manage.log", "manage", build, right=Right.CHECK, listed=False)
