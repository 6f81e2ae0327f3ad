"""Recording a greeting with the phone's microphone: a card of the Sounds page. The work is done in the browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.parts import icon, text
from edge.panel.statics import static

if TYPE_CHECKING:
    from edge.panel.view import View

SAYS = (
    "start", "stop", "listen", "again", "save", "on", "left", "done", "silent", "denied", "none", "name", "name_hint",
)  # fmt: skip
SECURE_HERE = ("localhost", "127.0.0.1", "::1")


def recorder(view: View) -> None:
    """What stands in the card."""
    words, url = view.words, view.client.request.url
    text(words("recorder.what"), "p", "muted small")
    if url.scheme != "https" and (url.hostname or "") not in SECURE_HERE:
        text(words("recorder.insecure"), "p")
        with ui.element("div"), ui.link(target="/secure").classes("button plain"):
            icon("secure")
            text(words("secure.title"))
        return
    ui.add_head_html(f'<script src="{static("record.js")}" defer></script>')
    place = ui.element("div").classes("recorder stack")
    # Filled in by the browser: {s} are seconds.
    place.props["data-recorder"] = json.dumps({key: words.filled(f"recorder.{key}", {"s": "{s}"}) for key in SAYS})
    place.props["data-worklet"] = static("record-worklet.js")
