"""Opening hours and holidays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from edge.config.change import Edit
from edge.config.rules import WEEKDAYS
from edge.panel.auth.rights import Right
from edge.panel.pages.manage.form import Line
from edge.panel.pages.manage.frame import way_back
from edge.panel.pages.manage.proposal import propose
from edge.panel.pages.manage.sounds import changed
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, cards, text

if TYPE_CHECKING:
    from edge.panel.view import View


def build(view: View) -> None:
    """The page."""
    way_back(view)
    words, table = view.words, view.panel.settings.config.schedule
    lines: dict[str, Line] = {}
    with cards():
        with card(words("hours.open"), "w6"):
            text(words("hours.open_how"), "p", "muted small")
            for number, day in enumerate(WEEKDAYS):
                lines[day] = Line(words.weekday(number), ", ".join(getattr(table, day)), test=day)
        with card(words("hours.holidays"), "w6"):
            text(words("hours.holidays_how"), "p", "muted small")
            lines["holidays"] = Line(words("hours.holidays"), ", ".join(table.holidays), test="holidays")
            hint = words("hours.holiday_hours_hint")
            lines["holiday_hours"] = Line(words("hours.holiday_hours"), ", ".join(table.holiday_hours), hint=hint)

    async def look() -> None:
        edits = [
            Edit(("schedule", key), [part.strip() for part in line.value.split(",") if part.strip()])
            for key, line in lines.items()
        ]
        await propose(view, changed(edits, table))

    with ui.element("div").classes("row after"):
        button(words("manage.look"), look, "check").props("data-test=propose")


PAGE = Page("/manage/hours", "manage.hours", "manage", build, right=Right.SET, listed=False)
