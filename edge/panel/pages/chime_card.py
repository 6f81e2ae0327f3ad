"""The chime: whether it is on, how loud, when it is quiet, and how quick it was."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nicegui import ui

from edge.config.change import Edit
from edge.panel.auth.rights import Right
from edge.panel.parts import button, card, icon, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui.events import GenericEventArguments, ValueChangeEventArguments

    from edge.panel.view import View

NIGHT = "22:00-07:00"


def chime_card(view: View) -> None:
    """Make the card; those who may not change anything see how things are."""
    _ChimeCard(view).build()


class _ChimeCard:
    def __init__(self, view: View) -> None:
        self._view, self._words = view, view.words
        self._sound = view.panel.settings.config.sound
        self._allowed = view.visitor.may(Right.RING)

    def build(self) -> None:
        with card(self._words("chime.title"), "w6", self._test_button):
            on = self._sound.enabled
            with ui.element("div").classes("row"):
                icon("chime", "muted")
                self._said = text(self._on_text(on=on), "span", "grow")
                self._on = self._switch("chime.title", "chime-on", self._turn, on=on)
            self._volume_row()
            self._quiet_row()
            self._latency = text("", "p", "muted small")
            for part in (self._on, self._volume, self._quiet, *self._times):
                part.set_enabled(self._allowed)
        self._view.watch(self._told)
        self._told()

    def _volume_row(self) -> None:
        with ui.element("div").classes("row"):
            icon("volume", "muted")
            said = self._words("chime.volume")
            text(said, "span", "unseen")
            self._volume = ui.slider(min=0, max=100, step=5, value=round(self._sound.volume * 100))
            self._volume.props(f'label aria-label="{escape(said)}" data-test=volume').classes("grow")
            self._volume.on("change", self._set_volume)

    def _quiet_row(self) -> None:
        start, _, end = (self._sound.quiet[0] if self._sound.quiet else NIGHT).partition("-")
        with ui.element("div").classes("row"):
            icon("moon", "muted")
            text(self._words("chime.quiet"), "span", "grow")
            quiet = bool(self._sound.quiet)
            self._quiet = self._switch("chime.quiet", "quiet-on", self._set_quiet, on=quiet)
        with ui.element("div").classes("row").bind_visibility_from(self._quiet, "value"):
            self._times = [self._time("chime.quiet_from", start), self._time("chime.quiet_to", end)]

    def _time(self, key: str, value: str) -> ui.input:
        made = ui.input(value=value).props(f'type=time outlined label="{escape(self._words(key))}" stack-label')
        made.on("change", self._set_quiet)
        return made.classes("grow")

    def _switch(self, key: str, test: str, turned: Callable[..., object], *, on: bool) -> ui.switch:
        made = ui.switch(value=on, on_change=turned)
        return made.props(f'aria-label="{escape(self._words(key))}" data-test={test}')

    def _test_button(self) -> None:
        if self._allowed:
            button(self._words("chime.test"), self._test, "play", plain=True)

    def _on_text(self, *, on: bool) -> str:
        return self._words("chime.on" if on else "chime.off")

    async def _turn(self, event: ValueChangeEventArguments[bool | None]) -> None:
        self._said.text = self._on_text(on=bool(event.value))
        await self._change(Edit(("sound", "enabled"), bool(event.value)))

    async def _set_volume(self, event: GenericEventArguments) -> None:
        # What the hand let go of; the slider's own value may still be on its way.
        await self._change(Edit(("sound", "volume"), round(float(event.args) / 100, 2)))

    async def _set_quiet(self) -> None:
        start, end = (part.value for part in self._times)
        hours = [f"{start}-{end}"] if self._quiet.value and start and end and start != end else []
        # Further spans are the owner's own, set in the file: they stay.
        await self._change(Edit(("sound", "quiet"), [*hours, *self._view.panel.settings.config.sound.quiet[1:]]))

    async def _change(self, edit: Edit) -> None:
        await self._view.tried(self._view.panel.actions.change(self._view.visitor, [edit], Right.RING))

    async def _test(self) -> None:
        queued_ms = await self._view.tried(self._view.panel.actions.ring(self._view.visitor))
        if queued_ms is not None:
            self._view.tell(self._words("chime.tried", ms=self._words.number(queued_ms)))

    def _told(self) -> None:
        status = self._view.status
        if status is None:
            return
        sound, words = status["sound"], self._words
        latency = (sound.get("latency_ms") or {}).get("p50")
        if sound["speaker"] == "lost":
            self._latency.text = words("chime.speaker_lost")
        elif sound["speaker"] == "off":
            self._latency.text = words("chime.speaker_off")
        elif latency is None or latency < 0:
            self._latency.text = words("chime.latency_none")
        else:
            self._latency.text = words("chime.latency", ms=words.number(latency))
