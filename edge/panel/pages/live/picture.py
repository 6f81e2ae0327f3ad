"""A camera's live picture on a page."""

from __future__ import annotations

from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.parts import text
from edge.panel.statics import static

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nicegui.element import Element

    from edge.panel.words import Words


@contextmanager
def live_picture(words: Words, camera: str, *, lines: bool = True) -> Iterator[Element]:
    """The picture, which keeps itself new while it is looked at; what is made inside lies over it."""
    said = escape(words("live.picture", camera=camera), quote=True)
    with ui.element("figure").classes("live-picture without").props(
        f'data-camera="{escape(camera, quote=True)}" data-lines={str(lines).lower()}'
    ) as place:
        ui.element("img").props(f'alt="{said}" draggable=false')
        text(words("live.coming"), "p", "no-picture").props("role=status")
        yield place


def live_script() -> None:
    """Load what keeps pictures new; once a page."""
    ui.add_head_html(f'<script src="{static("live.js")}" defer></script>')
