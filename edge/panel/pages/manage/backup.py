"""Copies: of what was set here, and of the records; and putting settings back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from nicegui import ui

from edge.config.change import GONE, Edit
from edge.config.load import read_text
from edge.core.errors import InputError
from edge.panel.auth.rights import Right
from edge.panel.pages.manage.files import PLACE
from edge.panel.pages.manage.form import upload
from edge.panel.pages.manage.frame import tried, way_back
from edge.panel.pages.manage.proposal import propose
from edge.panel.pages.manage.put_back import put_back
from edge.panel.pages.page import Page
from edge.panel.parts import card, cards, icon, text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from nicegui.events import UploadEventArguments

    from edge.panel.view import View

MOST_BYTES = 200_000


def build(view: View) -> None:
    """The page."""
    way_back(view)
    words = view.words
    with cards():
        with card(words("backup.settings"), "w6"):
            text(words("backup.settings_what"), "p", "muted")
            with ui.element("div").classes("row"):
                _link(words("backup.download"), f"{PLACE}/settings", "acm-settings.toml")
                _restore(view)
        with card(words("backup.records"), "w6"):
            text(words("backup.records_what"), "p", "muted")
            with ui.element("div").classes("row"):
                _link(words("backup.download"), f"{PLACE}/records", "acm-records.db")
        with card(words("put_back.title")):
            put_back(view)


def restoring(told: bytes, now: str) -> list[Edit]:
    """The edits that put a copy of the settings in place of ``now``. ``InputError`` if it is no such copy."""
    if len(told) > MOST_BYTES:
        raise InputError(f"This is no copy of settings: it has more than {MOST_BYTES // 1000} kB.")
    try:
        wanted, present = tomllib.loads(told.decode("utf-8")), tomllib.loads(now)
    except (ValueError, RecursionError) as error:
        raise InputError(f"This is no copy of settings ({error}).") from None
    return [Edit((key,), wanted.get(key, GONE)) for key in dict.fromkeys((*present, *wanted))]


def _link(said: str, target: str, name: str) -> None:
    with ui.element("a").classes("button plain") as link:
        link.props["href"] = target
        link.props["download"] = name
        icon("download")
        text(said)


def _restore(view: View) -> None:
    words = view.words

    async def came(event: UploadEventArguments) -> None:
        told = await event.file.read()

        async def work() -> list[Edit]:
            overrides = view.panel.settings.files.overrides
            return restoring(told, read_text(overrides) if overrides.exists() else "")

        edits = await tried(view, work())
        if edits is not None:
            await propose(view, edits)

    upload(view, words("backup.restore"), came, most_bytes=MOST_BYTES, refused=words("backup.too_big"),
           accept=".toml")  # fmt: skip


PAGE = Page("/manage/backup", "manage.backup", "manage", build, right=Right.SET, listed=False)
