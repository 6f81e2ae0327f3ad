"""A table of people's things: sorted by its headings, cards on a phone, kept right in place while it is looked at."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from nicegui import ui

from edge.panel.parts import icon, text
from edge.panel.sites.judging import lasting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.panel.health import Level
    from edge.panel.view import View

JUST_NOW_S = 120
# Cells that hold a light and its reason, and those that hold words.
LIGHTS, TEXTS = ("health",), ("clock", "seen")


class Sorted(Protocol):
    """Puts rows, by their key, in the order of a column; ``turned``: the other way round."""

    def __call__(self, rows: dict[str, Any], column: str, *, turned: bool) -> list[str]:
        """The keys."""
        ...


class Grid:
    """``columns`` are names and titles; ``make`` makes the first cell of a row, ``fill`` puts what is known into all.

    The others are labels by the names of their columns. The first column sorts it until another one is clicked.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a table is made of
        self, columns: Sequence[tuple[str, str]], said: str, sort: str, make: Callable[[str], dict[str, Any]],
        fill: Callable[[dict[str, Any], Any], None], ordered: Sorted,
    ) -> None:  # fmt: skip
        self._columns, self._make, self._fill, self._ordered = columns, make, fill, ordered
        self._column, self._turned = columns[0][0], False
        self._rows: dict[str, Any] = {}
        self._cells: dict[str, tuple[Any, dict[str, Any]]] = {}
        self._heads: dict[str, Any] = {}
        self._picker(sort)
        with ui.element("div").classes("grid-scroll"), ui.element("table").classes("grid").props("role=table") as table:
            table.props["aria-label"] = said
            with ui.element("thead").props("role=rowgroup"), ui.element("tr").props("role=row"):
                for name, title in columns:
                    self._head(name, title, sort)
            self._body = ui.element("tbody").props("role=rowgroup")
        self._mark()

    def show(self, rows: dict[str, Any]) -> None:
        """Show these rows, by their key; those that were there keep their elements."""
        self._rows = rows
        for key in [key for key in self._cells if key not in rows]:
            self._cells.pop(key)[0].delete()
        for key, row in rows.items():
            if key not in self._cells:
                self._cells[key] = self._row(key)
            self._fill(self._cells[key][1], row)
        self._order()

    def _picker(self, sort: str) -> None:
        """On a phone, where there are no headings, a choice of what to sort by."""
        with ui.element("label").classes("grid-sort"):
            text(sort, "span", "muted small")
            with ui.element("select").props("data-test=sort") as self._select:
                for name, title in self._columns:
                    option = text(title, "option")
                    option.props["value"] = name
        self._select.on("change", lambda event: self._by(str(event.args)), js_handler="(e) => emit(e.target.value)")

    def _head(self, name: str, title: str, sort: str) -> None:
        with ui.element("th").props("role=columnheader scope=col") as head:
            head.classes("" if name in {self._columns[0][0], *LIGHTS, *TEXTS} else "number")
            with ui.element("button").props(f"type=button data-test=sort-{name}") as button:
                text(title)
                icon("next", "way")
            button.props["title"] = f"{sort}: {title}"
            button.on("click", partial(self._clicked, name))
        self._heads[name] = head

    def _clicked(self, name: str) -> None:
        self._turned = not self._turned if name == self._column else False
        self._by(name, keep=True)

    def _by(self, name: str, *, keep: bool = False) -> None:
        if name not in self._heads:
            return
        self._column, self._turned = name, self._turned and keep
        self._mark()
        self._order()

    def _mark(self) -> None:
        for name, head in self._heads.items():
            head.props["aria-sort"] = "none"
            if name == self._column:
                head.props["aria-sort"] = "descending" if self._turned else "ascending"
            head.update()

    def _order(self) -> None:
        keys = self._ordered(self._rows, self._column, turned=self._turned)
        for place, key in enumerate(keys):
            element = self._cells[key][0]
            if self._body.default_slot.children.index(element) != place:
                element.move(self._body, place)

    def _row(self, key: str) -> tuple[Any, dict[str, Any]]:
        with self._body, ui.element("tr").props("role=row") as row:
            row.props["data-test"] = "row"
            cells = self._make(key)
            for name, title in self._columns[1:]:
                with ui.element("td").props("role=cell") as cell:
                    cell.classes("light-cell" if name in LIGHTS else "" if name in TEXTS else "number")
                    text(title, "span", "label").props("aria-hidden=true")
                    cells[name] = text("", "span", "value")
                    if name in LIGHTS:
                        cells["why"] = text("", "span", "muted small why")
        return row, cells


def set_light(label: Any, level: Level, said: str) -> None:  # noqa: ANN401 - a label
    """Give a label its colour and word."""
    label.text = said
    label.classes(replace=f"light {level.value}")


def ago(view: View, at_ms: int | None, now_ms: int) -> str:
    """How long ago, for people."""
    if at_ms is None:
        return view.words("devices.never")
    seconds = (now_ms - at_ms) / 1000
    if seconds < JUST_NOW_S:
        return view.words("devices.just_now")
    return view.words("devices.ago", lasting=lasting(view.words, seconds))


def download(said: str, where: str) -> None:
    """A link to a file."""
    with ui.element("a").classes("button plain") as link:
        icon("download")
        text(said)
    link.props["href"] = where
    link.props["download"] = ""
    link.props["data-test"] = "csv"
