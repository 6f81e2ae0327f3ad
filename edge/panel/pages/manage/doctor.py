"""The doctor, by one button; and the support bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.actions_manage import Managing
from edge.panel.auth.rights import Right
from edge.panel.pages.manage.files import PLACE
from edge.panel.pages.manage.frame import tried, way_back
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, cards, icon, light, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge.panel.view import View

LEVELS = {"ok": "good", "warn": "warn", "fail": "bad"}


def build(view: View) -> None:
    """The page."""
    way_back(view)
    words = view.words
    with cards():
        with card(words("doctor.title"), "w8"):
            text(words("doctor.what"), "p", "muted")
            found = ui.element("div").classes("stack")

            async def examine() -> None:
                start.disable()
                found.clear()
                with found:
                    text(words("doctor.looking"), "p").props("role=status")
                checks = await tried(view, Managing(view.panel).examine(view.visitor))
                start.enable()
                found.clear()
                with found:
                    _tell(view, checks or [])

            start = button(words("doctor.start"), examine, "play")
            start.props("data-test=examine").style("align-self: start")
            found.move(target_index=-1)
        with card(words("doctor.bundle"), "w4"):
            text(words("doctor.bundle_what"), "p", "muted")
            with ui.element("a").classes("button plain") as link:
                link.props["href"] = f"{PLACE}/bundle"
                link.props["download"] = "acm-bundle.tar.gz"
                icon("download")
                text(words("doctor.bundle_get"))


def _tell(view: View, checks: Sequence[Mapping[str, str]]) -> None:
    if not checks:
        return
    words = view.words
    levels = [check["level"] for check in checks]
    worst = next((level for level in ("fail", "warn") if level in levels), "ok")
    light(LEVELS[worst], words(f"doctor.sum_{worst}", count=levels.count(worst)))
    with ui.element("ul").classes("list findings"):
        for check in sorted(checks, key=lambda one: ("fail", "warn", "ok").index(one["level"])):
            with ui.element("li").props("data-test=finding"):
                text(words(f"doctor.{check['level']}"), "span", f"tag {LEVELS[check['level']]}")
                with ui.element("div").classes("words"):
                    text(check["name"], "h3")
                    text(check["what"], "p")
                    if check["remedy"]:
                        text(check["remedy"], "p", "muted small")


PAGE = Page("/manage/doctor", "manage.doctor", "manage", build, right=Right.CHECK, listed=False)
