"""The page: the picture with what is drawn on it, the lists of it, saving, and the cards that help to aim."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from html import escape
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from edge.panel.auth.rights import Right
from edge.panel.pages.aim.drawing import NEW_LINE, NEW_ZONE, Area, Drawing, Line
from edge.panel.pages.aim.score_card import score_card
from edge.panel.pages.aim.trial_card import trial_card
from edge.panel.pages.aim.what_if_card import what_if_card
from edge.panel.pages.live.picture import live_picture, live_script
from edge.panel.pages.page import Page
from edge.panel.parts import button, card, cards, icon, text
from edge.panel.statics import static

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui.events import GenericEventArguments

    from edge.panel.view import View


async def build(view: View) -> None:
    """The page, for the camera the address names, or the first."""
    live_script()
    ui.add_head_html(f'<script src="{static("aim.js")}" defer></script>')
    names = [camera.name for camera in view.panel.settings.config.camera]
    if not names:
        with card():
            text(view.words("live.no_cameras"), "p", "empty")
        return
    wanted = view.client.request.query_params.get("camera", "")
    camera = wanted if wanted in names else names[0]
    if len(names) > 1:
        _choice(view, names, camera)
    _Aim(view, camera).build()


def _choice(view: View, names: list[str], chosen: str) -> None:
    with ui.element("nav").classes("row").style("margin-bottom: 16px").props(
        f'aria-label="{escape(view.words("aim.cameras"), quote=True)}"'
    ):
        for name in names:
            link = ui.link(target=f"/aim?camera={quote(name, safe='')}").classes("button plain")
            if name == chosen:
                link.props("aria-current=page")
            with link:
                text(name)


class _Aim:
    """What is drawn now, what is saved, and what was saved before that."""

    def __init__(self, view: View, camera: str) -> None:
        self._view, self._words, self._camera = view, view.words, camera
        self._saved = self._drawing = Drawing.of(self._table)
        self._before: Drawing | None = None
        self._turn = count()

    @property
    def _table(self) -> Any:  # noqa: ANN401 - a camera's table
        return next(one for one in self._view.panel.settings.config.camera if one.name == self._camera)

    def build(self) -> None:
        with cards():
            with card(self._camera, "w8"):
                with live_picture(self._words, self._camera, lines=False):
                    self._board = ui.element("div").classes("drawing-board").props("data-test=board")
                    self._board.on("drawn", self._drawn, args=["detail"])
                text(self._words("aim.how"), "p", "muted small")
                self._buttons()
            with card(self._words("aim.drawn"), "w4"):
                self._list = ui.element("div").classes("stack")
                with ui.element("div").classes("row"):
                    button(self._words("aim.add_line"), self._add_line, "plus", plain=True).props("data-test=add-line")
                    button(self._words("aim.add_zone"), self._add_zone, "plus", plain=True).props("data-test=add-zone")
            score_card(self._view, self._camera)
            what_if_card(self._view, self._camera, lambda: self._drawing)
            trial_card(self._view)
        self._show()

    def _buttons(self) -> None:
        words = self._words
        with ui.element("div").classes("row"):
            self._save_button = button(words("aim.save"), self._ask, "check").props("data-test=save")
            self._discard_button = button(words("aim.discard"), self._discard, plain=True).props("data-test=discard")
            self._undo_button = button(words("aim.undo"), self._undo, "undo", plain=True).props("data-test=undo")

    def _show(self) -> None:
        """Show what is drawn, on the picture and in the list."""
        words = self._words
        told = {
            "turn": next(self._turn), "in": words("today.in"),
            "lines": [{"name": line.name, "ends": [line.start, line.end], "say": words("aim.end_of", name=line.name)}
                      for line in self._drawing.lines],
            "zones": [{"name": area.name, "corners": area.corners, "say": words("aim.corner_of", name=area.name)}
                      for area in self._drawing.areas],
        }  # fmt: skip
        self._board.props["data-drawing"] = json.dumps(told)
        self._board.update()
        self._list.clear()
        with self._list:
            if not self._drawing.lines:
                text(words("live.no_lines"), "p", "empty")
            for number, line in enumerate(self._drawing.lines):
                self._line_row(number, line)
            for number, area in enumerate(self._drawing.areas):
                self._area_row(number, area)
        self._judge()

    def _judge(self) -> None:
        """Only what has changed can be saved."""
        changed = self._drawing != self._saved
        self._save_button.set_enabled(changed)
        self._discard_button.set_visibility(changed)
        self._undo_button.set_visibility(self._before is not None and not changed)

    def _line_row(self, number: int, line: Line) -> None:
        words = self._words
        with ui.element("div").classes("drawn line"):
            self._name(line.name, words("aim.line"), lambda name: self._line(number, replace(line, name=name)))
            self._round("flip", words("aim.flip", name=line.name), lambda: self._flip(number), f"flip-{number}")
            self._round("trash", words("aim.remove", name=line.name), lambda: self._remove_line(number), "remove")
            door = ui.switch(words("aim.door"), value=line.door).classes("whole")
            door.on_value_change(lambda event: self._door(number, door=bool(event.value)))

    def _area_row(self, number: int, area: Area) -> None:
        words = self._words
        with ui.element("div").classes("drawn zone"):
            self._name(area.name, words("aim.zone"), lambda name: self._area(number, replace(area, name=name)))
            for drawing, more in (("plus", True), ("minus", False)):
                said = words("aim.corner_more" if more else "aim.corner_less", name=area.name)
                self._round(drawing, said, partial(self._corner, number, more=more), f"corner-{drawing}")
            self._round("trash", words("aim.remove", name=area.name), lambda: self._remove_area(number), "remove")

    def _name(self, name: str, said: str, named: Callable[[str], None]) -> None:
        made = ui.input(value=name).props(f'outlined maxlength=40 label="{escape(said, quote=True)}"')
        made.classes("grow").on("change", lambda: named(str(made.value or "").strip()))

    def _round(self, drawing: str, said: str, do: Callable[[], None], test: str) -> None:
        made = ui.button(on_click=do, color=None).props("unelevated no-caps").classes("button plain round")
        with made.props(f'aria-label="{escape(said, quote=True)}" data-test={test}'):
            icon(drawing)

    def _drawn(self, event: GenericEventArguments) -> None:
        """Hands have moved something."""
        try:
            told = event.args["detail"] if isinstance(event.args, dict) and "detail" in event.args else event.args
            self._drawing = self._drawing.moved(told)
        except ValueError:
            # Something was added or removed meanwhile: the page's own drawing holds.
            self._show()
        self._judge()

    def _draw(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._show()

    def _line(self, number: int, line: Line | None) -> None:
        """Put a line in the place of another, or take it away. Where it is now is what hands have left."""
        lines = list(self._drawing.lines)
        if line is None:
            del lines[number]
        else:
            lines[number] = replace(lines[number], name=line.name)
        self._draw(replace(self._drawing, lines=tuple(lines)))

    def _area(self, number: int, area: Area | None) -> None:
        areas = list(self._drawing.areas)
        if area is None:
            del areas[number]
        else:
            areas[number] = replace(areas[number], name=area.name)
        self._draw(replace(self._drawing, areas=tuple(areas)))

    def _remove_line(self, number: int) -> None:
        self._line(number, None)

    def _remove_area(self, number: int) -> None:
        self._area(number, None)

    def _flip(self, number: int) -> None:
        lines = list(self._drawing.lines)
        lines[number] = lines[number].flipped
        self._draw(replace(self._drawing, lines=tuple(lines)))

    def _door(self, number: int, *, door: bool) -> None:
        lines = list(self._drawing.lines)
        lines[number] = replace(lines[number], door=door)
        self._drawing = replace(self._drawing, lines=tuple(lines))
        self._judge()

    def _corner(self, number: int, *, more: bool) -> None:
        areas = list(self._drawing.areas)
        areas[number] = areas[number].richer if more else areas[number].poorer
        self._draw(replace(self._drawing, areas=tuple(areas)))

    def _add_line(self) -> None:
        first = [] if self._drawing.lines else [self._words("aim.first_line")]
        name = self._drawing.free_name([*first, *(self._words("aim.new_line", number=n) for n in range(2, 99))])
        self._draw(replace(self._drawing, lines=(*self._drawing.lines, Line(name, *NEW_LINE))))

    def _add_zone(self) -> None:
        name = self._drawing.free_name(self._words("aim.new_zone", number=n) for n in range(1, 99))
        self._draw(replace(self._drawing, areas=(*self._drawing.areas, Area(name, NEW_ZONE))))

    def _discard(self) -> None:
        self._draw(self._saved)

    async def _ask(self) -> None:
        """Show what saving would change, once it is known to be right."""
        view, words = self._view, self._words
        drawing = self._drawing
        edits = drawing.edits(self._camera)
        if await view.tried(view.panel.actions.preview(view.visitor, edits, Right.AIM)) is None:
            return
        said = escape(words("aim.save_what"), quote=True)
        with ui.dialog(value=True).props(f'aria-label="{said}"') as dialog, ui.element("div").classes("card"):
            text(words("aim.save_what"), "h2")
            with ui.element("ul").classes("list").props("data-test=changes"):
                for what, name in drawing.changes(self._saved):
                    text(words(f"aim.change.{what}", name=name), "li")
            text(words("aim.save_how"), "p", "muted small")
            with ui.element("div").classes("row"):
                button(words("aim.save"), lambda: self._confirmed(dialog, drawing), "check").props("data-test=confirm")
                button(words("aim.back"), dialog.close, plain=True)

    async def _confirmed(self, dialog: ui.dialog, drawing: Drawing) -> None:
        dialog.close()
        before = self._saved
        if await self._save(drawing):
            self._before = before
            self._judge()

    async def _undo(self) -> None:
        if self._before is not None and await self._save(self._before):
            self._before = None
            self._draw(self._saved)

    async def _save(self, drawing: Drawing) -> bool:
        """Write a drawing; whether that was done."""
        view = self._view
        edits = drawing.edits(self._camera)
        if await view.tried(view.panel.actions.change(view.visitor, edits, Right.AIM)) is None:
            return False
        self._saved = drawing
        view.tell(self._words("aim.saved"))
        return True


PAGE = Page("/aim", "aim.title", "aim", build, right=Right.AIM)
