"""How well the camera is aimed at each line, with the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from edge.host.control_wire import ControlError
from edge.panel.parts import UNKNOWN, card, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.panel.view import View

EVERY_S = 3.0
GOOD, FAIR = 85, 60


def score_card(view: View, camera: str) -> None:
    """Make the card."""
    _ScoreCard(view, camera).build()


class _ScoreCard:
    def __init__(self, view: View, camera: str) -> None:
        self._view, self._words, self._camera = view, view.words, camera
        self._shown: object = None

    def build(self) -> None:
        with card(self._words("aim.score"), "w6"):
            self._lines = ui.element("div").classes("stack").props("data-test=score")
            with self._lines:
                text(self._words("aim.score_coming"), "p", "empty")
        ui.timer(EVERY_S, self._read)

    async def _read(self) -> None:
        try:
            told = await self._view.panel.daemon.ask_quietly("aim", camera=self._camera)
        except ControlError:
            # The frame of the page says that the counter is gone; what was known stays.
            return
        lines = told["lines"]
        if lines == self._shown:
            return
        self._shown = lines
        self._lines.clear()
        with self._lines:
            for name, one in lines.items():
                self._line(name, one)
            if not lines:
                text(self._words("live.no_lines"), "p", "empty")

    def _line(self, name: str, one: Mapping[str, Any]) -> None:
        words, score = self._words, one["score"]
        with ui.element("div").classes("row"):
            text(name, "h3", "grow")
            if score is not None:
                level = "good" if score >= GOOD else "warn" if score >= FAIR else "bad"
                text(words("aim.of_100", score=words.number(score)), "span", f"tag {level}").props("data-test=points")
            else:
                text(UNKNOWN, "span", "tag")
        if score is None:
            missing = max(1, one["needed"] - one["people"])
            text(words("aim.more_people", missing), "p", "muted")
        with ui.element("ul").classes("list"):
            for reason in one["reasons"]:
                with ui.element("li"):
                    text(reason_said(words, reason), "span", "wrap")
                    text(words("aim.lost", points=words.number(round(reason["lost"]))), "span", "tag nowrap")
            if score is not None and not one["reasons"]:
                text(words("aim.perfect"), "li", "muted")


def reason_said(words: Any, reason: Mapping[str, Any]) -> str:  # noqa: ANN401 - Words
    """A reason as a sentence with what was found."""
    value = float(reason["value"])
    return str(words(
        f"aim.reason.{reason['id']}", share=words.percent(round(value, 2)), number=words.number(round(value)),
        metres=words.number(round(value, 1)), good=words.number(round(float(reason["good"]))),
    ))  # fmt: skip
