"""The traffic light of the box, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.parts import card, light, text

if TYPE_CHECKING:
    from edge.panel.view import View


def health_card(view: View) -> None:
    """Make the card."""
    words = view.words
    with card(words("health.title"), "fill"):
        lamp = light("", "").props("data-test=health role=status")
        reasons = ui.element("ul").classes("stack small")
        version = text("", "p", "muted small")

    def show() -> None:
        health = view.panel.health
        lamp.text = words(health.word)
        lamp.classes(replace=f"light {health.level.value}")
        said = [reason.sentence(words) for reason in health.reasons] or [words("health.fine")]
        reasons.clear()
        with reasons:
            for sentence in said:
                text(sentence, "li")
        if view.status is not None:
            lasting = words.lasting(view.status["uptime_s"])
            version.text = words("health.version", version=view.status["version"], lasting=lasting)

    show()
    view.watch(show)
