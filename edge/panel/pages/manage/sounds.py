"""Sounds: which is heard when, how loud, and the shop's own ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from nicegui import ui

from edge.config.change import Edit
from edge.hardware.sound_files import MOST_WAV_BYTES, shipped
from edge.panel.actions_manage import Managing, shelf
from edge.panel.auth.rights import Right
from edge.panel.pages.manage.files import PLACE
from edge.panel.pages.manage.form import Choice, Line, upload
from edge.panel.pages.manage.frame import asked, small_button, tried, way_back
from edge.panel.pages.manage.proposal import propose
from edge.panel.pages.manage.recorder import recorder
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, cards, text

if TYPE_CHECKING:
    from nicegui.events import UploadEventArguments

    from edge.panel.view import View

LEVELS = ("volume", "night_volume")
SPANS = ("night", "quiet")
SECONDS = ("group_s", "cooldown_s")
WHEN = ("arrival", "empty", "departure")


def build(view: View) -> None:
    """The page."""
    way_back(view)
    with cards():
        with card(view.words("sounds.when"), "w6"):
            _Heard(view).build()
        with card(view.words("sounds.all"), "w6"):
            _upload(view)
            _list(view)
        with card(view.words("recorder.title")):
            recorder(view)


def choices(view: View, nothing: str = "") -> dict[str, str]:
    """Every sound by what stands for it in the settings; with ``nothing`` a first one that is none."""
    first = {"": nothing} if nothing else {}
    return {**first, **{str(path): path.name for path in shelf(view.panel).all()}, **{name: name for name in shipped()}}


class _Heard:
    def __init__(self, view: View) -> None:
        self._view, self._sound = view, view.panel.settings.config.sound

    def build(self) -> None:
        words, sound = self._view.words, self._sound
        none = {"arrival": "", "empty": words("sounds.same"), "departure": words("sounds.silence")}
        self._when = {
            key: Choice(words(f"sounds.{key}"), choices(self._view, none[key]), getattr(sound, key), test=key)
            for key in WHEN
        }
        with ui.element("div").classes("pairs"):
            levels = {key: f"{getattr(sound, key) * 100:g}" for key in LEVELS}
            self._levels = {key: self._line(key, level, "number") for key, level in levels.items()}
            self._spans = {key: self._line(key, ", ".join(getattr(sound, key))) for key in SPANS}
            self._seconds = {key: self._line(key, f"{getattr(sound, key):g}", "number") for key in SECONDS}
        with ui.element("div"):
            button(words("manage.look"), self._propose, "check").props("data-test=propose")

    def _line(self, key: str, value: str, kind: str = "text") -> Line:
        words = self._view.words
        return Line(words(f"sounds.{key}"), value, kind=kind, hint=words(f"sounds.{key}_hint"), test=key)

    async def _propose(self) -> None:
        edits = [Edit(("sound", key), field.value) for key, field in self._when.items()]
        for key, line in self._levels.items():
            edits.append(Edit(("sound", key), round((line.number or 0.0) / 100, 3)))
        for key, line in self._spans.items():
            edits.append(Edit(("sound", key), [part.strip() for part in line.value.split(",") if part.strip()]))
        for key, line in self._seconds.items():
            edits.append(Edit(("sound", key), line.number or 0.0))
        await propose(self._view, changed(edits, self._sound))


def changed(edits: list[Edit], table: object) -> list[Edit]:
    """Only those edits that change something: what was never set here stays the file's own."""
    left = []
    for edit in edits:
        now = getattr(table, edit.place[-1])
        if (list(now) if isinstance(now, tuple) else now) != edit.value:
            left.append(edit)
    return left


def _upload(view: View) -> None:
    words = view.words
    text(words("sounds.upload_what"), "p", "muted small")

    async def came(event: UploadEventArguments) -> None:
        data = await event.file.read()
        path = await tried(view, Managing(view.panel).add_sound(view.visitor, event.file.name, data))
        if path is not None:
            view.tell(words("sounds.added", name=path.name))
            view.anew(0.8)

    upload(view, words("sounds.upload"), came, most_bytes=MOST_WAV_BYTES, refused=words("sounds.too_big"),
           accept=".wav,.ogg,.mp3")  # fmt: skip


def _list(view: View) -> None:
    own = shelf(view.panel).all()
    with ui.element("ul").classes("list"):
        for name in (*(path.name for path in own), *shipped()):
            with ui.element("li").props("data-test=sound"):
                text(name, "span", "grow")
                small_button(view.words("sounds.hear", name=name), partial(_hear, name), "play")
                if any(path.name == name for path in own):
                    said = view.words("sounds.delete", name=name)
                    small_button(said, partial(_delete, view, name), "trash", "delete")


def _hear(name: str) -> None:
    """In the browser, not in the shop."""
    ui.run_javascript(f"new Audio('{PLACE}/sound/{quote(name)}').play()")


async def _delete(view: View, name: str) -> None:
    words = view.words
    if not await asked(view, words("sounds.delete_sure", name=name), words("manage.delete")):
        return

    async def work() -> bool:
        await Managing(view.panel).remove_sound(view.visitor, name)
        return True

    if await tried(view, work()):
        view.anew()


PAGE = Page("/manage/sounds", "manage.sounds", "manage", build, right=Right.SET, listed=False)
