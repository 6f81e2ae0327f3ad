"""What was changed in the settings, by whom, and the way back."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.actions import SETTINGS
from edge.panel.auth.rights import Right
from edge.panel.pages.manage.frame import asked, moment_text, way_back
from edge.panel.pages.manage.proposal import difference_list, told_and_anew
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, cards, text

if TYPE_CHECKING:
    from edge.panel.view import View
    from edge.storage.panel.written import Change

SHOWN = 50


async def build(view: View) -> None:
    """The page."""
    way_back(view)
    changes = await asyncio.to_thread(view.panel.store.audit.latest, SHOWN, None, SETTINGS)
    with cards():
        if not changes:
            with card():
                text(view.words("changes.none"), "p", "empty")
        for change in changes:
            _card(view, change)


def _card(view: View, change: Change) -> None:
    words = view.words
    with card(moment_text(view, change.at_ms), "", lambda: text(change.who, "span", "tag")) as made:
        made.props["data-test"] = "change"
        rows = change.detail.get("changed")
        difference_list(words, rows if isinstance(rows, list) else [])
        if change.undo is not None:
            with ui.element("div"):
                button(words("changes.revert"), partial(_revert, view, change.id), "undo", plain=True).props(
                    "data-test=revert"
                )


async def _revert(view: View, number: int) -> None:
    if await asked(view, view.words("changes.sure"), view.words("changes.revert")):
        waiting = await view.tried(view.panel.actions.revert(view.visitor, number))
        if waiting is not None:
            told_and_anew(view, waiting)


PAGE = Page("/manage/changes", "manage.changes", "manage", build, right=Right.SET, listed=False)
