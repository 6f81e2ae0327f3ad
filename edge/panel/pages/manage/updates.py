"""Which version this is, and what is new in it."""

from __future__ import annotations

import asyncio
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from nicegui import ui

import edge
from edge.panel.auth.rights import Right
from edge.panel.pages.manage.frame import way_back
from edge.panel.pages.page import Page
from edge.panel.parts import card, cards, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.panel.view import View

PACKAGE = "customer-messenger"
NAME = "CHANGELOG.md"
# In the package, beside it (a checkout), or where Debian keeps such files.
HERE = Path(edge.__file__).parent
PLACES = (HERE / NAME, HERE.parent / NAME, Path("/usr/share/doc/acm") / NAME)
MOST_LETTERS, MOST_VERSIONS = 60_000, 5


async def build(view: View) -> None:
    """The page."""
    way_back(view)
    words = view.words
    told = await asyncio.to_thread(changelog)
    with cards():
        with card(words("updates.installed")):
            text(installed() or words("updates.unknown"), "div", "figure small-figure")
            text(words("updates.how"), "p", "muted")
        if not told:
            with card():
                text(words("updates.none"), "p", "empty")
        for heading, rows in versions(told):
            with card(heading):
                _tell(rows)


def installed() -> str:
    """The version that is installed, empty if that is not known."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return ""


def changelog() -> str:
    """The update notes that came with this version, empty if none did."""
    path = next((path for path in PLACES if path.is_file()), None)
    return "" if path is None else path.read_text(encoding="utf-8", errors="replace")[:MOST_LETTERS]


def versions(told: str) -> list[tuple[str, list[str]]]:
    """The newest versions, each with its rows: paragraphs, headings (###) and points (-)."""
    found: list[tuple[str, list[str]]] = []
    for row in told.splitlines():
        if row.startswith("## "):
            found.append((row[3:].strip(), []))
        elif found and row.strip():
            rows = found[-1][1]
            goes_on = rows and not row.startswith(("- ", "#")) and not rows[-1].startswith("#")
            if goes_on:
                rows[-1] = f"{rows[-1]} {row.strip()}"
            else:
                rows.append(row.strip())
    return found[:MOST_VERSIONS]


def _tell(rows: Iterable[str]) -> None:
    points = None
    for row in rows:
        if row.startswith("- "):
            points = points or ui.element("ul").classes("points")
            with points:
                text(row[2:].replace("`", ""), "li")
            continue
        points = None
        heading = row.startswith("#")
        text(row.lstrip("# ").replace("`", ""), "h3" if heading else "p")


PAGE = Page("/manage/updates", "manage.updates", "manage", build, right=Right.CHECK, listed=False)
