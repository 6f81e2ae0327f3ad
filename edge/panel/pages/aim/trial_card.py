"""Trying things out while one stands on a ladder: the chime and each relay. And the way to counting along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.parts import button, card, icon, text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from edge.panel.view import View

# Long enough to be heard and seen, short enough to harm nothing.
PULSE_S = 1.0
# A filter that is moved takes a second.
SHINE_S = 5.0


def trial_card(view: View) -> None:
    """Make the cards."""
    words = view.words
    with card(words("aim.try"), "w6"):
        with ui.element("div").classes("row"):
            icon("chime", "muted")
            text(words("chime.title"), "span", "grow")
            button(words("aim.ring"), lambda: _ring(view), "play", plain=True).props("data-test=ring")
        for relay in view.panel.settings.config.relay:
            with ui.element("div").classes("row"):
                icon("relay", "muted")
                text(relay.name, "span", "grow")
                made = button(words("aim.pulse"), _pulse(view, relay.name), "play", plain=True)
                made.props("data-test=pulse")
        if view.panel.settings.config.infrared.enabled:
            with ui.element("div").classes("row"):
                icon("moon", "muted")
                text(words("aim.light"), "span", "grow")
                button(words("aim.light_on"), lambda: _shine(view), "play", plain=True).props("data-test=shine")
        if not view.panel.settings.config.relay:
            text(words("aim.no_relays"), "p", "muted small")
    with card(words("count.title"), "w6", lambda: icon("people", "muted")):
        text(words("count.why"), "p", "muted")
        with ui.link(target="/count-along").classes("button").style("align-self: start"):
            text(words("count.begin"))


async def _ring(view: View) -> None:
    queued_ms = await view.tried(view.panel.actions.ring(view.visitor))
    if queued_ms is not None:
        view.tell(view.words("chime.tried", ms=view.words.number(queued_ms)))


async def _shine(view: View) -> None:
    view.tell(view.words("aim.shines"))
    await view.tried(view.panel.actions.try_light(view.visitor, SHINE_S))


def _pulse(view: View, relay: str) -> Callable[[], Awaitable[None]]:
    async def pulse() -> None:
        done = await view.tried(_switched(view, relay))
        if done:
            view.tell(view.words("aim.pulsed", name=relay))

    return pulse


async def _switched(view: View, relay: str) -> bool:
    await view.panel.actions.switch(view.visitor, relay, "pulse", PULSE_S)
    return True
