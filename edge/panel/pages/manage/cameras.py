"""Cameras: how each does, where its pictures come from, how it hangs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from edge.config.change import Edit
from edge.core.masking import masked
from edge.core.model import Mount
from edge.panel.auth.rights import Right
from edge.panel.pages.manage.form import Choice, Line
from edge.panel.pages.manage.frame import way_back
from edge.panel.pages.manage.proposal import propose
from edge.panel.pages.page import Page
from edge.panel.parts import UNKNOWN, button, card, cards, text

if TYPE_CHECKING:
    from edge.config.schema import CameraTable
    from edge.panel.view import View


def build(view: View) -> None:
    """The page."""
    way_back(view)
    lights: dict[str, ui.label] = {}
    cameras = view.panel.settings.config.camera
    with cards():
        if not cameras:
            with card():
                text(view.words("cameras.none"), "p", "empty")
        for camera in cameras:
            _card(view, camera, lights)

    def told() -> None:
        status = view.status
        known = {} if status is None or view.panel.daemon.gone else {one["name"]: one for one in status["cameras"]}
        for name, label in lights.items():
            one = known.get(name)
            running = one is not None and one["state"] == "running"
            fps = view.words.number(one["fps"], 1) if one is not None and running else ""
            label.text = UNKNOWN if one is None else view.words("cameras.on" if running else "cameras.off", fps=fps)
            label.classes(replace=f"light {'' if one is None else 'good' if running else 'bad'}")

    view.watch(told)
    told()


def _card(view: View, camera: CameraTable, lights: dict[str, ui.label]) -> None:
    words = view.words

    def side() -> None:
        lights[camera.name] = text(UNKNOWN, "span", "light")

    with card(camera.name, "w6", side):
        text(words("cameras.source", source=masked(camera.source)), "p", "muted")
        mounts = {mount.value: words(f"cameras.{mount.value}") for mount in Mount}
        mount = Choice(words("cameras.mount"), mounts, camera.mount.value, test="mount")
        fps = Line(words("cameras.fps"), f"{camera.fps:g}", kind="number", hint=words("cameras.fps_hint"), test="fps")
        source = Line(words("cameras.new_source"), hint=words("cameras.new_source_hint"), test="source")
        made = partial(_propose, view, camera, mount, fps, source)
        with ui.element("div"):
            button(words("manage.look"), made, "check").props("data-test=propose")


async def _propose(view: View, camera: CameraTable, mount: Choice, fps: Line, source: Line) -> None:
    place = ("camera", camera.name)
    edits = []
    if mount.value != camera.mount.value:
        edits.append(Edit((*place, "mount"), mount.value))
    if fps.number != camera.fps:
        edits.append(Edit((*place, "fps"), fps.number or 0.0))
    if source.value.strip():
        edits.append(Edit((*place, "source"), source.value.strip()))
    await propose(view, edits)


PAGE = Page("/manage/cameras", "manage.cameras", "manage", build, right=Right.SET, listed=False)
