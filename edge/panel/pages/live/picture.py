"""A camera's live picture on a page."""

from __future__ import annotations

from contextlib import contextmanager
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
    with ui.element("figure").classes("live-picture without").props(f"data-lines={str(lines).lower()}") as place:
        # Not as a text of props: what people call a camera would have to be written so that it can be read back.
        place.props["data-camera"] = camera
        ui.element("img").props("draggable=false").props["alt"] = words("live.picture", camera=camera)
        text(words("live.coming"), "p", "no-picture").props("role=status")
        yield place


def live_script() -> None:
    """Load what keeps pictures new; once a page."""
    ui.add_head_html(f'<script src="{static("live.js")}" defer></script>')
