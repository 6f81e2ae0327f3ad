"""What the lines as they are drawn now would have counted, against what was counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import numpy as np
from nicegui import ui

from edge.analytics.whatif import Look, what_if
from edge.core.model import Direction, Mount
from edge.host.control_wire import ControlError
from edge.panel.parts import button, card, text
from edge.storage.errors import StorageError
from edge.storage.records import Crossing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from edge.analytics.ways import Ways
    from edge.core.model import Tripwire
    from edge.panel.pages.aim.drawing import Drawing
    from edge.panel.view import View
    from edge.storage.statistics.reader import StatisticsReader

SPANS_H = (24, 48)


@dataclass(frozen=True, slots=True)
class Trial:
    """A line's counts: as it is drawn, and as they were counted at the line of that name."""

    line: str
    ins: int
    outs: int
    counted_ins: int
    counted_outs: int


def what_if_card(view: View, camera: str, drawing: Callable[[], Drawing]) -> None:
    """Make the card."""
    _WhatIfCard(view, camera, drawing).build()


class _WhatIfCard:
    def __init__(self, view: View, camera: str, drawing: Callable[[], Drawing]) -> None:
        self._view, self._words, self._camera, self._drawing = view, view.words, camera, drawing

    def build(self) -> None:
        with card(self._words("aim.what_if"), "w6"):
            text(self._words("aim.what_if_why"), "p", "muted small")
            with ui.element("div").classes("row"):
                for hours in SPANS_H:
                    made = button(self._words("aim.last_hours", hours=hours), self._asking(hours), "clock", plain=True)
                    made.props(f"data-test=what-if-{hours}")
            self._answer = ui.element("div").classes("stack").props("role=status data-test=what-if")

    def _asking(self, hours: int) -> Callable[[], Awaitable[None]]:
        async def ask() -> None:
            self._say(self._words("aim.what_if_coming"))
            await self._ask(hours)

        return ask

    def _say(self, sentence: str) -> None:
        self._answer.clear()
        with self._answer:
            text(sentence, "p", "muted")

    async def _ask(self, hours: int) -> None:
        view, words = self._view, self._words
        if not view.panel.settings.config.records.walks:
            self._say(words("aim.walks_off"))
            return
        wires = [line.tripwire for line in self._drawing().lines]
        if not wires:
            self._say(words("live.no_lines"))
            return
        try:
            look = await self._look()
        except ControlError as error:
            self._say(str(error))
            return
        end = view.panel.clock.utc_now()
        start, camera = end - timedelta(hours=hours), self._camera
        try:
            walks, trials = await view.ask(lambda records: tried(records, camera, wires, look, (start, end)))
        except StorageError:
            self._say(words("today.unread"))
            return
        if not walks:
            self._say(words("aim.no_walks"))
            return
        self._show(walks, trials)

    async def _look(self) -> Look:
        table = next(one for one in self._view.panel.settings.config.camera if one.name == self._camera)
        told = await self._view.panel.daemon.ask_quietly("aim", camera=self._camera)
        usual = Look(Mount(table.mount))
        return Look(usual.mount, told["body"] or usual.body, told["aspect"] or usual.aspect)

    def _show(self, walks: int, trials: list[Trial]) -> None:
        words = self._words
        self._answer.clear()
        with self._answer:
            text(words("aim.walks", walks), "p", "muted small")
            with ui.element("table").classes("figures"):
                with ui.element("thead"), ui.element("tr"):
                    for key in ("line", "as_drawn", "as_counted"):
                        text(words(f"aim.{key}"), "th").props("scope=col")
                with ui.element("tbody"):
                    for trial in trials:
                        with ui.element("tr"):
                            text(trial.line, "th").props("scope=row")
                            self._cell(trial.ins, trial.outs, "drawn")
                            self._cell(trial.counted_ins, trial.counted_outs, "counted")
            text(words("aim.what_if_note"), "p", "muted small")

    def _cell(self, ins: int, outs: int, test: str) -> None:
        said = self._words("aim.in_out", ins=self._words.number(ins), outs=self._words.number(outs))
        text(said, "td").props(f"data-test={test} data-in={ins} data-out={outs}")


def _covered(ways: Ways, span: tuple[datetime, datetime]) -> tuple[datetime, datetime]:
    """The time some walks are from: only what was counted in it may be compared with them."""
    ends_ms = ways.at_ms + np.round(1000 * ways.after_s[ways.firsts + ways.steps - 1]).astype(np.int64)
    first, last = (datetime.fromtimestamp(int(ms) / 1000, timezone.utc) for ms in (ways.at_ms.min(), ends_ms.max()))
    return max(span[0], first), min(span[1], last + timedelta(seconds=1))


def tried(
    records: StatisticsReader, camera: str, wires: list[Tripwire], look: Look, span: tuple[datetime, datetime]
) -> tuple[int, list[Trial]]:
    """How many walks are on record, and what each line makes of them. Raises ``StorageError``."""
    ways = records.ways(camera, *span)
    found = [kept.record for kept in records.between(*_covered(ways, span), (Crossing,))] if len(ways) else []
    crossings = [one for one in found if isinstance(one, Crossing) and one.camera == camera]
    trials = []
    for wire in wires:
        counted = [one.direction for one in crossings if one.line == wire.name]
        told = what_if(ways, wire, look)
        trials.append(Trial(
            wire.name, told.ins, told.outs, counted.count(Direction.IN), counted.count(Direction.OUT)
        ))  # fmt: skip
    return len(ways), trials
