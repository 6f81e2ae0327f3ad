"""What all Manage pages have: the way back, and lists that are empty in a sentence."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from nicegui import ui

from edge.core.errors import InputError
from edge.core.timekeeping import from_ms
from edge.panel.auth.doorman import SignInError
from edge.panel.parts import button, icon, text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from edge.panel.view import View

T = TypeVar("T")

def way_back(view: View) -> None:
    """A link to the list of Manage pages."""
    with ui.link(target="/manage").classes("way-back"):
        icon("back")
        text(view.words("manage.title"))


def moment_text(view: View, at_ms: int) -> str:
    """A moment by the shop's clock."""
    return view.words.moment(moment(view, at_ms))


def moment(view: View, at_ms: int) -> datetime:
    """A moment by the shop's clock."""
    return from_ms(at_ms).astimezone(view.calendar.zone)


def small_button(said: str, on_click: Callable[..., object], drawing: str, test: str = "") -> None:
    """A round button with a drawing; what it does is said to who cannot see it."""
    made = ui.button(on_click=on_click, color=None).props("unelevated no-caps round").classes("button plain round")
    made.props["aria-label"] = said
    made.props["title"] = said
    if test:
        made.props["data-test"] = test
    with made:
        icon(drawing)


async def tried(view: View, work: Awaitable[T]) -> T | None:
    """As ``View.tried``, for what may be refused with a key of ``words``."""

    async def told() -> T:
        try:
            return await work
        except SignInError as error:
            raise InputError(view.words(error.key)) from None

    return await view.tried(told())


async def asked(view: View, question: str, said: str) -> bool:
    """Whether somebody really means it: a question with two buttons."""
    with ui.dialog() as dialog, ui.card().classes("proposal"):
        dialog.props["aria-label"] = question
        text(question, "h2")
        with ui.element("div").classes("row"):
            button(said, partial(dialog.submit, result=True), "check").props("data-test=sure")
            button(view.words("manage.cancel"), partial(dialog.submit, result=False), plain=True)
    answer = await dialog
    return bool(answer)
