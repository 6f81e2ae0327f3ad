"""The page: a card for each camera, and what was counted last with how quick the chime was."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from nicegui import ui

from edge.panel.pages.live.picture import live_picture, live_script
from edge.panel.pages.page import Page
from edge.panel.parts import UNKNOWN, card, cards, icon, light, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nicegui.elements.label import Label

    from edge.panel.view import View

LATEST = 8
STATES = {"running": "good", "starting": "warn", "lost": "bad", "hanging": "bad", "ended": "warn"}


async def build(view: View) -> None:
    """The page."""
    live_script()
    names = [camera.name for camera in view.panel.settings.config.camera]
    with cards():
        for name in names:
            _CameraCard(view, name, alone=len(names) == 1).build()
        _NewsCard(view).build()
        if not names:
            with card():
                text(view.words("live.no_cameras"), "p", "empty")


class _CameraCard:
    """One camera: its picture and the counts of its lines."""

    def __init__(self, view: View, name: str, *, alone: bool) -> None:
        self._view, self._words, self._name, self._alone = view, view.words, name, alone
        self._figures: dict[str, tuple[Label, Label]] = {}

    def build(self) -> None:
        with card(self._name, "w8" if self._alone else "w6", self._state_light):
            with live_picture(self._words, self._name):
                pass
            self._privacy = text("", "p", "muted small")
            self._lines = ui.element("div").classes("line-counts")
        self._told()
        self._view.watch(self._told)

    def _state_light(self) -> None:
        self._lamp = light("warn", "").props("data-test=camera-state")

    def _told(self) -> None:
        words, status = self._words, self._view.status
        panel = self._view.panel.settings.config.panel
        self._privacy.text = words("live.locked" if panel.privacy_lock else f"live.privacy_{panel.privacy}")
        if status is None:
            return
        post = next((post for post in status["cameras"] if post["name"] == self._name), None)
        state = "starting" if post is None else str(post["state"])
        running = state == "running" and post is not None
        fps = words.number(round(post["fps"])) if post is not None else UNKNOWN
        self._lamp.text = words("live.running", fps=fps) if running else words(f"live.state_{state}")
        self._lamp.classes(replace=f"light small {STATES.get(state, 'warn')}")
        self._count([line for line in status["lines"] if line["camera"] == self._name])

    def _count(self, lines: list[dict[str, Any]]) -> None:
        if [line["line"] for line in lines] != list(self._figures):
            self._lines.clear()
            with self._lines:
                self._figures = {line["line"]: self._row(str(line["line"])) for line in lines}
                if not lines:
                    text(self._words("live.no_lines"), "p", "empty")
        for line in lines:
            for label, way in zip(self._figures[line["line"]], ("in", "out"), strict=True):
                label.text = self._words.number(line[way])

    def _row(self, name: str) -> tuple[Label, Label]:
        text(name, "h3")
        figures = []
        for way in ("in", "out"):
            with ui.element("div").classes("way"):
                icon(way, "muted")
                text(self._words(f"today.{way}"), "span", "muted")
                figures.append(text(UNKNOWN, "span", "figure small-figure").props(f"data-test={way}"))
        return figures[0], figures[1]


class _NewsCard:
    """Who was counted last, and how long after the foot on the line the chime sounded."""

    def __init__(self, view: View) -> None:
        self._view, self._words = view, view.words
        self._latest: deque[Mapping[str, Any]] = deque(maxlen=LATEST)

    def build(self) -> None:
        with card(self._words("live.chime"), "w4", lambda: icon("chime", "muted")):
            self._latency = text(UNKNOWN, "div", "figure small-figure").props("data-test=latency")
            self._said = text(self._words("live.latency_none"), "p", "muted small")
            text(self._words("live.latest"), "h2")
            self._list = ui.element("ul").classes("list").props("data-test=latest aria-live=polite")
            with self._list:
                text(self._words("live.nobody"), "li", "empty")
        self._told()
        self._view.watch(self._told, self._happened)

    def _told(self) -> None:
        status = self._view.status
        latency = ((status or {}).get("sound", {}).get("latency_ms") or {}).get("p50")
        if latency is not None and latency >= 0:
            self._latency.text = self._words("live.ms", ms=self._words.number(round(latency)))
            self._said.text = self._words("live.latency")

    def _happened(self, event: Mapping[str, Any]) -> None:
        if event["event"] != "recorded":
            return
        at = self._view.panel.clock.utc_now().astimezone(self._view.calendar.zone)
        self._latest.appendleft({**event, "clock": f"{at:%H:%M:%S}"})
        self._list.clear()
        with self._list:
            for one in self._latest:
                self._row(one)

    def _row(self, one: Mapping[str, Any]) -> None:
        with ui.element("li"):
            icon(str(one["direction"]), "muted")
            text(self._words(f"today.{one['direction']}"), "span", "nowrap")
            text(str(one["line"]), "span", "grow muted")
            # Below nothing it is of a chime that had sounded for somebody before.
            if one.get("latency_ms", -1) >= 0:
                text(self._words("live.ms", ms=self._words.number(round(one["latency_ms"]))), "span", "tag accent")
            text(str(one["clock"]), "span", "muted small nowrap")


PAGE = Page("/live", "live.title", "live", build)
