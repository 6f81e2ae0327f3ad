"""Where managing begins: what there is to manage, a card each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.auth.rights import Right
from edge.panel.pages.page import Page
from edge.panel.parts import icon, text

if TYPE_CHECKING:
    from edge.panel.view import View

# Where, which words, which drawing, and who may.
PLACES = (
    ("relays", "relay", Right.SWITCH),
    ("sounds", "chime", Right.SET),
    ("rules", "auto", Right.SET),
    ("hours", "clock", Right.SET),
    ("cameras", "live", Right.SET),
    ("integrations", "plug", Right.SET),
    ("changes", "undo", Right.SET),
    ("people", "people", Right.PEOPLE),
    ("tokens", "secure", Right.PEOPLE),
    ("audit", "edit", Right.PEOPLE),
    ("doctor", "good", Right.CHECK),
    ("log", "statistics", Right.CHECK),
    ("backup", "download", Right.SET),
    ("updates", "upload", Right.CHECK),
)
# Without a box.
ON_HUB = ("people", "tokens", "audit")


def build(view: View) -> None:
    """The page."""
    with ui.element("nav").classes("cards manage-list") as places:
        places.props["aria-label"] = view.words("manage.title")
        for name, drawing, right in PLACES:
            if view.visitor.may(right) and (view.panel.sites is None or name in ON_HUB):
                with ui.link(target=f"/manage/{name}").classes("card w4 place"):
                    icon(drawing, "accent")
                    with ui.element("span").classes("stack grow"):
                        text(view.words(f"manage.{name}"), "span", "name")
                        text(view.words(f"manage.{name}_what"), "span", "muted small")
                    icon("next", "muted")
        if view.panel.sites is None:
            _elsewhere(view)


def _elsewhere(view: View) -> None:
    """What has a page of its own that a phone's bar has no room for."""
    with ui.link(target="/reports").classes("card w4 place"):
        icon("report", "accent")
        with ui.element("span").classes("stack grow"):
            text(view.words("reports.place"), "span", "name")
            text(view.words("reports.place_what"), "span", "muted small")
        icon("next", "muted")


PAGE = Page("/manage", "manage.title", "manage", build, right=Right.CHECK)
