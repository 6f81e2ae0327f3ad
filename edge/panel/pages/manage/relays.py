"""Relays: how each is and why, and switching it by hand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from edge.panel.auth.rights import Right
from edge.panel.pages.manage.frame import way_back
from edge.panel.pages.page import Page
from edge.panel.parts import UNKNOWN, button, card, cards, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from edge.config.switches import RelayTable
    from edge.panel.view import View
    from edge.panel.words import Words

# What the counter says of it, see ``SwitchPlan.why``.
WHY = {"off": "off", "on": "hand", "on for a time": "time", "waits before it may be switched again": "waits"}
BY_RULE = "on by the rule "


def build(view: View) -> None:
    """The page."""
    way_back(view)
    tables = view.panel.settings.config.relay
    shown: dict[str, _Relay] = {}
    with cards():
        if not tables:
            with card():
                text(view.words("relays.none"), "p", "empty")
        for table in tables:
            shown[table.name] = _Relay(view, table)

    def told() -> None:
        switches = {} if view.status is None else {one["name"]: one for one in view.status["relays"]["switches"]}
        for name, relay in shown.items():
            relay.tell(None if view.panel.daemon.gone else switches.get(name))

    view.watch(told)
    told()


class _Relay:
    """One relay's card."""

    def __init__(self, view: View, table: RelayTable) -> None:
        self._view, self._name = view, table.name
        words = view.words
        with card(table.name, "w6", self._light):
            self._why = text("", "p", "muted")
            with ui.element("div").classes("row"):
                for turn in ("on", "off", "pulse"):
                    made = button(words(f"relays.turn_{turn}"), partial(self._turn, turn), plain=turn != "on")
                    made.props["data-test"] = f"turn-{turn}"
            limits = [words("relays.pin", pin=table.pin), words("relays.pulse", s=f"{table.pulse_s:g}")]
            if table.max_on_s:
                limits.append(words("relays.longest", lasting=words.lasting(table.max_on_s)))
            text(" · ".join(limits), "p", "muted small")

    def tell(self, switch: Mapping[str, Any] | None) -> None:
        """Show how it is; None if that is not known."""
        words = self._view.words
        level, said = ("", UNKNOWN) if switch is None else ("good", "on") if switch["on"] else ("", "off")
        if switch is not None and switch["lost"]:
            level, said = "bad", "lost"
        self._said.text = words(f"relays.{said}") if switch is not None else UNKNOWN
        self._said.classes(replace=f"light {level}")
        self._why.text = words("relays.unknown") if switch is None else why_text(words, str(switch["why"]))

    def _light(self) -> None:
        self._said = text(UNKNOWN, "span", "light").props("data-test=relay-state aria-live=polite")

    async def _turn(self, turn: str) -> None:
        await self._view.tried(self._view.panel.actions.switch(self._view.visitor, self._name, turn))


def why_text(words: Words, why: str) -> str:
    """Why a relay is as it is, in the language of who reads it."""
    if why in WHY:
        return words(f"relays.why_{WHY[why]}")
    if why.startswith(BY_RULE):
        return words("relays.why_rule", rule=why.removeprefix(BY_RULE))
    return words("relays.why_cut") if why.startswith("off: ") else why


PAGE = Page("/manage/relays", "manage.relays", "manage", build, right=Right.SWITCH, listed=False)
