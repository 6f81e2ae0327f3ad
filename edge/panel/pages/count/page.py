"""The page: two big buttons for ten minutes, the comparison, and those before."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from html import escape
from typing import TYPE_CHECKING, Any

from nicegui import ui

from edge.core.model import Direction
from edge.core.timekeeping import to_ms
from edge.panel.auth.rights import Right
from edge.panel.pages.count.trial import Tap, Trial, told
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, cards, icon, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nicegui.events import GenericEventArguments

    from edge.panel.view import View
    from edge.panel.words import Words
    from edge.storage.panel.written import CountAlong

LASTS_S = 600.0
# Who is on the line when the time is over is counted a moment later.
SETTLES_S = 3.0
HISTORY = 10


async def build(view: View) -> None:
    """The page."""
    await _Counting(view).build()


class _Counting:
    def __init__(self, view: View) -> None:
        self._view, self._words = view, view.words
        self._trial: Trial | None = None
        self._began_ms = 0
        self._ending = False

    async def build(self) -> None:
        self._lines = [
            (camera.name, line.name) for camera in self._view.panel.settings.config.camera for line in camera.line
        ]
        with cards():
            with card("", "w6"):
                self._stage = ui.element("div").classes("stack").props("data-test=stage")
            with card(self._words("count.result"), "w6"):
                self._result = ui.element("div").classes("stack").props("data-test=result role=status")
                with self._result:
                    text(self._words("count.none_yet"), "p", "empty")
            with card(self._words("count.history"), ""):
                self._history = ui.element("ul").classes("list").props("data-test=history")
        self._offer()
        self._view.watch(lambda: None, self._happened)
        ui.timer(1.0, self._tick)
        await self._show_history()

    def _offer(self) -> None:
        """Before it begins: where, and how it is done."""
        words = self._words
        self._stage.clear()
        with self._stage:
            text(words("count.how"), "p")
            if not self._lines:
                text(words("live.no_lines"), "p", "empty")
                return
            options = {number: line if len({camera for camera, _ in self._lines}) == 1 else f"{camera}: {line}"
                       for number, (camera, line) in enumerate(self._lines)}  # fmt: skip
            said = escape(words("aim.line"), quote=True)
            self._chosen = ui.select(options, value=0).props(f'outlined label="{said}"')
            self._chosen.set_visibility(len(options) > 1)
            button(words("count.begin"), self._begin, "play").props("data-test=begin")

    async def _begin(self) -> None:
        view = self._view
        if await view.tried(_permitted(view)) is None:
            return
        camera, line = self._lines[int(self._chosen.value or 0)]
        self._trial, self._ending = Trial(camera, line, view.panel.clock.monotonic_s()), False
        self._began_ms = to_ms(view.panel.clock.utc_now())
        words = self._words
        self._stage.clear()
        with self._stage:
            with ui.element("div").classes("row"):
                text(line, "h2", "grow")
                self._left = text(words.lasting(LASTS_S), "span", "tag accent").props("data-test=left")
            with ui.element("div").classes("tappers"):
                self._taps = {way: self._tapper(way) for way in Direction}
            with ui.element("div").classes("row"):
                button(words("count.take_back"), self._take_back, "undo", plain=True).props("data-test=take-back")
                button(words("count.end"), self._end, "check").props("data-test=end")

    def _tapper(self, way: Direction) -> ui.label:
        made = ui.element("button").classes(f"tapper {way.value}").props(f"type=button data-test=tap-{way.value}")
        with made:
            icon(way.value)
            text(self._words(f"today.{way.value}"))
            figure = text("0", "span", "figure")
        made.on("click", lambda event: self._tapped(way, event), args=["timeStamp"])
        return figure

    def _tapped(self, way: Direction, event: GenericEventArguments) -> None:
        if self._trial is None or self._ending:
            return
        phone_ms = event.args.get("timeStamp") if isinstance(event.args, dict) else event.args
        arrived_s = self._view.panel.clock.monotonic_s()
        phone_s = float(phone_ms) / 1000 if isinstance(phone_ms, (int, float)) else arrived_s
        self._trial.taps.append(Tap(phone_s, arrived_s, way))
        self._show_taps()

    def _take_back(self) -> None:
        if self._trial is not None and self._trial.taps and not self._ending:
            self._trial.taps.pop()
            self._show_taps()

    def _show_taps(self) -> None:
        taps = self._trial.taps if self._trial is not None else []
        for way, figure in self._taps.items():
            figure.text = self._words.number(sum(tap.direction is way for tap in taps))

    def _happened(self, event: Mapping[str, Any]) -> None:
        trial = self._trial
        if trial is None or event["event"] != "line-crossed":
            return
        if (event["camera"], event["line"]) == (trial.camera, trial.line):
            trial.counted.append((float(event["at_s"]), Direction(event["direction"])))

    async def _tick(self) -> None:
        if self._trial is None or self._ending:
            return
        left_s = LASTS_S - (self._view.panel.clock.monotonic_s() - self._trial.began_s)
        self._left.text = self._words.lasting(max(0.0, left_s))
        if left_s <= 0:
            await self._end()

    async def _end(self) -> None:
        """Compare, keep and show it."""
        trial, view = self._trial, self._view
        if trial is None or self._ending:
            return
        self._ending = True
        ended_s, ended_ms = view.panel.clock.monotonic_s(), to_ms(view.panel.clock.utc_now())
        self._left.text = self._words("count.comparing")
        await asyncio.sleep(SETTLES_S)
        result = told(trial.judged(ended_s))
        self._trial = None
        kept = await view.tried(self._kept(trial, ended_ms, ended_s, result))
        self._result.clear()
        with self._result:
            result_said(self._words, result)
            if kept is None:
                text(self._words("count.not_kept"), "p", "muted small")
        self._offer()
        await self._show_history()

    async def _kept(self, trial: Trial, ended_ms: int, ended_s: float, result: Mapping[str, object]) -> int:
        view = self._view
        await view.panel.actions.permit(view.visitor, Right.AIM)
        taps = [(round(at_s, 2), way.value) for at_s, way in trial.moments()]
        until_s = ended_s - trial.began_s
        counted = [(round(at_s, 2), way.value) for at_s, way in trial.crossings() if at_s <= until_s]
        number = await asyncio.to_thread(
            view.panel.store.count_alongs.add, self._began_ms, ended_ms, camera=trial.camera, line=trial.line,
            taps=taps, counted=counted, result=result, made_by=view.visitor.name,
        )  # fmt: skip
        await view.panel.actions.note(view.visitor, "count_along", camera=trial.camera, line=trial.line, number=number)
        return number

    async def _show_history(self) -> None:
        rows = await asyncio.to_thread(self._view.panel.store.count_alongs.latest, HISTORY)
        self._history.clear()
        with self._history:
            if not rows:
                text(self._words("count.no_history"), "li", "empty")
            for row in rows:
                self._row(row)

    def _row(self, row: CountAlong) -> None:
        words = self._words
        at = datetime.fromtimestamp(row.began_ms / 1000, tz=timezone.utc).astimezone(self._view.calendar.zone)
        with ui.element("li").classes("wraps"):
            text(words.moment(at), "span", "grow wrap")
            text(row.line, "span", "muted")
            text(share_said(words, row.result["found"]), "span", "tag accent")
            text(words.lasting((row.ended_ms - row.began_ms) / 1000), "span", "muted small nowrap")


async def _permitted(view: View) -> bool:
    await view.panel.actions.permit(view.visitor, Right.AIM)
    return True


def share_said(words: Words, share: Mapping[str, Any]) -> str:
    """A share of so many."""
    if share["value"] is None:
        return words("count.of_none")
    return words("count.share", share=words.percent(round(share["value"], 3)), hits=share["hits"], of=share["n"])


def result_said(words: Words, result: Mapping[str, Any]) -> None:
    """A comparison: how many people were counted right, how sure that is, and what went wrong how often."""
    found = result["found"]
    if found["value"] is None and result["right"]["value"] is None:
        text(words("count.nobody"), "p", "empty")
        return
    if found["value"] is not None:
        text(words.percent(round(found["value"], 3)), "div", "figure accent").props("data-test=agreement")
        text(words("count.found", hits=found["hits"], of=found["n"]), "p")
        low, high = words.percent(round(found["low"], 3)), words.percent(round(found["high"], 3))
        text(words("count.sure", low=low, high=high), "p", "muted small").props("data-test=sure")
    with ui.element("ul").classes("list"):
        for kind in ("missed", "doubles", "turned", "extra"):
            with ui.element("li"):
                text(words(f"count.{kind}"), "span", "grow wrap")
                text(words.number(result[kind]), "span", f"tag {'warn' if result[kind] else 'good'}").props(
                    f"data-test={kind}"
                )
    if result["right"]["value"] is not None:
        text(words("count.right", share=share_said(words, result["right"])), "p", "muted small")


PAGE = Page("/count-along", "count.title", "people", build, right=Right.AIM, listed=False)
