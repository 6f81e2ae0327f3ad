"""The notice at the door: who runs the shop, and the sheet to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from edge.config.change import Edit
from edge.panel.pages.manage.form import Choice, Line
from edge.panel.pages.manage.proposal import propose
from edge.panel.pages.manage.sounds import changed
from edge.panel.pages.reports.make import language_choice, maker
from edge.panel.paper import PAPERS, Press
from edge.panel.parts import button, card, text

if TYPE_CHECKING:
    from edge.panel.paper import OnPaper
    from edge.panel.view import View

KEYS = ("operator", "contact", "privacy_url")


def door_card(view: View) -> None:
    """The card."""
    words, site = view.words, view.panel.settings.config.site
    with card(words("reports.door"), "w12"):
        text(words("reports.door_what"), "p", "muted small")
        with ui.element("div").classes("pairs halves"):
            with ui.element("div").classes("stack"):
                lines = {
                    key: Line(words(f"reports.{key}"), getattr(site, key), hint=words(f"reports.{key}_hint"), test=key)
                    for key in KEYS
                }

                async def look() -> None:
                    edits = [Edit(("site", key), line.value.strip()) for key, line in lines.items()]
                    await propose(view, changed(edits, site))

                with ui.element("div").classes("row"):
                    button(words("manage.look"), look, "check", plain=True).props("data-test=propose-site")
            with ui.element("div").classes("stack"):
                if site.operator and site.contact:
                    _sheet(view)
                else:
                    text(words("reports.door_missing"), "p")


def _sheet(view: View) -> None:
    words = view.words
    first = language_choice(view, test="door-language")
    known = {"": words("reports.none"), **{one.language: one.name for one in view.panel.languages.all}}
    second = Choice(words("reports.second"), known, "", test="door-second")
    paper = Choice(words("reports.paper"), {one: one.upper() for one in PAPERS}, "a4", test="door-paper")

    async def made() -> OnPaper:
        languages = dict.fromkeys(one for one in (first.value, second.value) if one)
        return await Press(view.panel).door_notice(view.visitor, list(languages), paper.value)

    maker(view, words("reports.door_make"), made, test="door")
    text(words("reports.door_law"), "p", "muted small")
