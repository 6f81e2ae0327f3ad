"""Looks whether there is something to tell, and has it told: as long as the panel is served."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from edge.analytics.so_far import so_far
from edge.core.errors import AcmError
from edge.panel.health import Level
from edge.panel.telling.judging import APART_S, Seldom, Trouble, after_hours
from edge.panel.telling.kinds import Kind, News

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from edge.analytics.so_far import SoFar
    from edge.panel.health import Reason
    from edge.panel.panel import Panel
    from edge.panel.words import Words

LOOK_S = 30.0
# By then the hour's last people are on record.
SETTLED_MIN = 3
HEALTH_S, UNUSUAL_S, AFTER_HOURS_S = 6 * 3600.0, 2 * 3600.0, 8 * 3600.0
WAYS = {1: "busy", -1: "quiet"}


class Noticing:
    """For the thread of the event loop."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._trouble, self._night = Trouble(), Seldom(APART_S)
        self._hour: datetime | None = None

    async def run(self) -> None:
        """Look every half minute and hear what happens, until cancelled."""
        watch = self._panel.daemon.watch(lambda: None, self.happened, hurried=False)
        try:
            while True:
                await asyncio.sleep(LOOK_S)
                try:
                    await self.step()
                except AcmError as error:
                    # Records or own database cannot be read just now: counting and looking go on.
                    logging.getLogger(__name__).warning("%s", error)
        finally:
            watch.stop()

    async def step(self) -> None:
        """Look once, and send what is due."""
        if await asyncio.to_thread(self._panel.store.pushes.all):
            self._look_at_box()
            await self._look_at_day()
            await asyncio.to_thread(self._panel.pushing.step)

    def happened(self, event: Mapping[str, Any]) -> None:
        """Something was counted, or done."""
        panel = self._panel
        if event.get("event") != "line-crossed" or event.get("direction") != "in":
            return
        door = _is_door(panel, str(event.get("camera")), str(event.get("line")))
        if door and after_hours(panel.settings.opening, panel.clock.utc_now()):
            if not self._night.may(panel.clock.monotonic_s()):
                return
            clock = panel.clock.utc_now().astimezone(panel.settings.calendar.zone)
            said = partial(_came, line=str(event.get("line")), at=clock)
            self._tell(News(Kind.AFTER_HOURS, said, "/live", AFTER_HOURS_S, urgent=True))

    def _look_at_box(self) -> None:
        health = self._panel.health
        told = self._trouble.look(self._panel.clock.monotonic_s(), bad=health.level is Level.BAD)
        if told is not None:
            reason = health.reasons[0] if told and health.reasons else None
            self._tell(News(Kind.HEALTH, partial(_stands, reason=reason), "/", HEALTH_S, urgent=bool(told)))

    async def _look_at_day(self) -> None:
        """Once an hour, see whether the day is unusually quiet or busy so far."""
        panel = self._panel
        now = panel.clock.utc_now()
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour == self._hour or now.minute < SETTLED_MIN or panel.health.level is Level.BAD:
            return
        self._hour = hour
        opening = panel.settings.opening
        found = await panel.reading.ask(lambda records: so_far(records, records.calendar(), opening, now))
        if found is None or not found.verdict:
            return
        key = f"told-{WAYS[found.verdict]}"
        if await asyncio.to_thread(panel.store.facts.get, key) != found.day.isoformat():
            await asyncio.to_thread(panel.store.facts.note, key, found.day.isoformat())
            self._tell(News(Kind.UNUSUAL, partial(_day, found=found), "/", UNUSUAL_S))

    def _tell(self, news: News) -> None:
        self._panel.pushing.tell(news)


def _is_door(panel: Panel, camera: str, line: str) -> bool:
    return any(one.name == camera and line in one.doors() for one in panel.settings.config.camera)


def _stands(words: Words, *, reason: Reason | None) -> str:
    return words("notices.well_again") if reason is None else reason.sentence(words)


def _came(words: Words, *, line: str, at: datetime) -> str:
    return words("notices.came", line=line, at=words.clock(at))


def _day(words: Words, *, found: SoFar) -> str:
    came, expected = (words.number(round(number)) for number in (found.came, found.expected.value))
    return words(f"notices.{WAYS[found.verdict]}", came=came, expected=expected)
