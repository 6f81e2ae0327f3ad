"""Notices: what a phone or computer is told of by the box, each browser for itself."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from edge.panel.actions_told import BeingTold
from edge.panel.pages.manage.frame import moment_text, small_button
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, cards, icon, light, text
from edge.panel.statics import static
from edge.panel.telling.kinds import Kind

if TYPE_CHECKING:
    from nicegui.events import GenericEventArguments

    from edge.panel.view import View
    from edge.storage.panel.written import Push

SECURE_HERE = ("localhost", "127.0.0.1", "::1")


async def build(view: View) -> None:
    """The page."""
    words, url = view.words, view.client.request.url
    if view.visitor.user is None:
        with cards(), card(words("notices.here")):
            text(words("notices.no_guests"), "p")
        return
    mine = await BeingTold(view.panel).mine(view.visitor)
    with cards():
        with card(words("notices.here"), "w6"):
            if url.scheme == "https" or (url.hostname or "") in SECURE_HERE:
                ui.add_head_html(f'<script src="{static("notices.js")}"></script>')
                await _Here(view, mine).build()
            else:
                _insecure(view)
        with card(words("notices.devices"), "w6"):
            _devices(view, mine)
        with card(words("notices.other_ways")):
            text(words("notices.other_ways_what"), "p", "muted")


def _insecure(view: View) -> None:
    """Why it does not work here, and what does."""
    words = view.words
    light("warn", words("secure.no"))
    text(words("notices.insecure"), "p")
    with ui.link(target="/secure").classes("button"):
        icon("secure")
        text(words("secure.title"))


class _Here:
    """The browser that looks at the page."""

    def __init__(self, view: View, mine: list[Push]) -> None:
        self._view, self._words, self._mine = view, view.words, {push.endpoint: push for push in mine}
        self._told = BeingTold(view.panel)
        self._endpoint = ""

    async def build(self) -> None:
        words = self._words
        key = await asyncio.to_thread(lambda: self._view.panel.pushing.public_key)
        self._state = light("", words("notices.looking")).props("role=status data-test=state")
        with ui.element("fieldset"):
            text(words("notices.of"), "legend")
            self._boxes = {kind: ui.checkbox(words(f"notices.{kind.name.lower()}"), value=True) for kind in Kind}
            for kind, box in self._boxes.items():
                box.props["data-test"] = f"of-{kind.value}"
        with ui.element("div").classes("row"):
            self._begin = button(words("notices.begin"), lambda: None, "check").props("data-test=begin")
            self._begin.on("click", self._begun, js_handler=f"() => acm.notices.begin('{key}').then(emit)")
            self._try = button(words("notices.try"), self._tried, "play", plain=True).props("data-test=try")
            self._end = button(words("notices.end"), lambda: None, "close", plain=True).props("data-test=end")
            self._end.on("click", self._ended, js_handler="() => acm.notices.end().then(emit)")
        text(words("notices.iphone"), "p", "muted small")
        self._show()
        # What the browser says of itself comes once the page is there.
        ear = ui.element("div").classes("hidden").on("known", self._heard, js_handler="(event) => emit(event.detail)")
        ear.props["data-test"] = "ear"
        ui.run_javascript(f"acm.notices.state().then((detail) => document.getElementById('{ear.html_id}')"
                          ".dispatchEvent(new CustomEvent('known', { detail })))")  # fmt: skip

    def _heard(self, event: GenericEventArguments) -> None:
        told: dict[str, Any] = event.args if isinstance(event.args, dict) else {}
        self._endpoint = str(told.get("endpoint", ""))
        if not told.get("able"):
            self._say("warn", "notices.unable")
            self._begin.set_enabled(False)
        elif told.get("denied"):
            self._say("warn", "notices.denied")
        else:
            self._show()

    def _show(self) -> None:
        push = self._mine.get(self._endpoint)
        self._say("good" if push else "", "notices.is_on" if push else "notices.is_off")
        for made in (self._try, self._end):
            made.set_visibility(push is not None)
        if push is not None:
            for kind, box in self._boxes.items():
                box.value = kind.value in push.wants

    def _say(self, level: str, key: str) -> None:
        self._state.text = self._words(key)
        self._state.classes(replace=f"light {level}")

    async def _begun(self, event: GenericEventArguments) -> None:
        told: dict[str, Any] = event.args if isinstance(event.args, dict) else {}
        if "asked" not in told:
            why = str(told.get("why", "failed"))
            known = why if why in ("unable", "denied") else "failed"
            self._view.tell(self._words(f"notices.{known}"), bad=True)
            return
        wants = [kind.value for kind, box in self._boxes.items() if box.value]
        device = self._view.client.request.headers.get("user-agent", "")
        work = self._told.begin(self._view.visitor, told["asked"], wants, self._words, device)
        if await self._view.tried(work) is not None:
            self._view.tell(self._words("shell.saved"))
            self._view.anew(0.8)

    async def _tried(self) -> None:
        async def work() -> bool:
            await self._told.try_it(self._view.visitor, self._endpoint, self._words)
            return True

        if await self._view.tried(work()):
            self._view.tell(self._words("notices.sent"))

    async def _ended(self, _: GenericEventArguments) -> None:
        await _end(self._view, self._endpoint)


def _devices(view: View, mine: list[Push]) -> None:
    words = view.words
    if not mine:
        text(words("notices.no_devices"), "p", "empty")
    with ui.element("ul").classes("list"):
        for push in mine:
            with ui.element("li").props("data-test=told"):
                with ui.element("div").classes("grow words"):
                    text(push.device or words("people.device"), "p", "device")
                    kinds = [words(f"notices.{kind.name.lower()}") for kind in Kind if kind.value in push.wants]
                    text(f"{', '.join(kinds)} · {moment_text(view, push.made_ms)}", "p", "muted small")
                small_button(words("notices.end"), partial(_end, view, push.endpoint), "trash")


async def _end(view: View, endpoint: str) -> None:
    async def work() -> bool:
        await BeingTold(view.panel).end(view.visitor, endpoint)
        return True

    if await view.tried(work()):
        view.anew()


PAGE = Page("/notices", "notices.title", "chime", build, listed=False)
