"""A dry run: what a rule would have done yesterday, or would make of an event at a time. Nothing is done."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nicegui import ui

from edge.core.errors import InputError
from edge.core.events import ButtonPressed, LineCrossed, LineTouched, OccupancyChanged, ZoneEntered
from edge.core.model import Direction
from edge.panel.dry_run import KINDS, at_once, happened, replayed, told_action
from edge.panel.pages.manage.form import Choice, Line
from edge.panel.pages.manage.frame import tried
from edge.panel.parts import button, text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from edge.config.schema import Config
    from edge.core.events import Event
    from edge.panel.dry_run import Done
    from edge.panel.view import View

DAY = timedelta(days=1)
MOST_SHOWN = 100
EVENTS = ("arrival", "arriving", "departure", "zone", "button", "inside", "time")


class Trial:
    """Two ways to try; ``candidate`` gives the settings with the rule alone, and its name."""

    def __init__(self, view: View, candidate: Callable[[], Awaitable[tuple[Config, str]]]) -> None:
        self._view, self._candidate = view, candidate

    def build(self) -> None:
        """Make it where we are."""
        words, now = self._view.words, self._view.panel.clock.utc_now().astimezone(self._view.calendar.zone)
        with ui.element("details").classes("trial") as details:
            details.props["data-test"] = "trial"
            text(words("trial.title"), "summary")
            text(words("trial.what"), "p", "muted small")
            with ui.element("div").classes("row"):
                button(words("trial.day"), self._day, "play", plain=True).props("data-test=try-day")
            with ui.element("div").classes("pairs"):
                events = {event: words(f"trial.on_{event}") for event in EVENTS}
                self._event = Choice(words("trial.event"), events, EVENTS[0], test="trial-event")
                self._which = Line(words("trial.which"), hint=words("trial.which_hint"), test="trial-which")
                at = f"{now:%Y-%m-%dT%H:%M}"
                self._at = Line(words("trial.at"), at, kind="datetime-local", test="trial-at")
            with ui.element("div").classes("row"):
                button(words("trial.once"), self._once, "play", plain=True).props("data-test=try-once")
            self._told = ui.element("div").classes("stack").props("role=status data-test=trial-told")

    async def _day(self) -> None:
        async def work() -> list[Done]:
            config, _ = await self._candidate()
            end = self._view.panel.clock.utc_now()
            kept = await self._view.ask(lambda records: records.between(end - DAY, end, KINDS))
            return await asyncio.to_thread(replayed, config, happened(kept), end - DAY, end)

        done = await tried(self._view, work())
        if done is None:
            return
        words = self._view.words
        self._told.clear()
        with self._told:
            text(words("trial.did", len(done)) if done else words("trial.did_nothing"), "p")
            with ui.element("ul").classes("list"):
                for one in done[:MOST_SHOWN]:
                    self._row(one)
            if len(done) > MOST_SHOWN:
                text(words("trial.more", more=words.number(len(done) - MOST_SHOWN)), "p", "muted small")

    def _row(self, one: Done) -> None:
        words, at = self._view.words, one.at.astimezone(self._view.calendar.zone)
        with ui.element("li").props("data-test=done"):
            text(f"{words.weekday(at.weekday())} {at:%H:%M:%S}", "span", "nowrap muted")
            said = [words.filled(*told_action(action)) for action in one.actions]
            text(", ".join(said), "span", "grow")

    async def _once(self) -> None:
        async def work() -> str:
            config, _ = await self._candidate()
            try:
                local = datetime.fromisoformat(self._at.value).replace(tzinfo=self._view.calendar.zone)
            except ValueError:
                raise InputError(self._view.words("trial.no_time")) from None
            rule = config.rule[0]
            event = self._made(rule.line, rule.zone, rule.button)
            return await asyncio.to_thread(at_once, config, event, local, rule.camera)

        verdict = await tried(self._view, work())
        if verdict is not None:
            self._told.clear()
            with self._told:
                text(verdict, "p").props("data-test=verdict")

    def _made(self, line: str, zone: str, pressed: str) -> Event | None:
        """The event that was chosen, at the place that was named, or where the rule looks."""
        which, kind = self._which.value.strip(), self._event.value
        if kind in ("arrival", "departure"):
            way = Direction.IN if kind == "arrival" else Direction.OUT
            return LineCrossed(0.0, which or line, way, 1, 0.0, 0.0)
        if kind == "arriving":
            return LineTouched(0.0, which or line, Direction.IN, 1)
        if kind == "zone":
            return ZoneEntered(0.0, which or zone, 1)
        if kind == "button":
            return ButtonPressed(0.0, which or pressed)
        if kind == "inside":
            return OccupancyChanged(0.0, int(which) if which.isdigit() else 0)
        return None
