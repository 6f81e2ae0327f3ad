"""Sites: every shop beside the others, with how its devices do. The start page on a hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from nicegui import ui

from edge.core.timekeeping import to_ms
from edge.panel.health import Level
from edge.panel.pages.manage.form import Line
from edge.panel.pages.page import Page
from edge.panel.pages.sites.grid import Grid, ago, download, set_light
from edge.panel.parts import UNKNOWN, card, cards, text
from edge.panel.sites.judging import WORST
from edge.panel.sites.tables import why

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui.element import Element

    from edge.panel.sites.compared import SiteRow
    from edge.panel.view import View

# Below a twentieth it is as before.
ALIKE = 0.05
COLUMNS = ("site", "today", "against_usual", "week", "against_before", "inside", "peak", "stay", "health")
TOTALS = (("today", "today_all"), ("week", "week_all"), ("inside", "inside_all"), ("good", "lights_all"))
# Texts from the least, figures from the most, and trouble first.
UPWARD = ("site",)


async def build(view: View) -> None:
    """The page."""
    _Overview(view).build()


class _Overview:
    """The page's elements, and what keeps them right."""

    def __init__(self, view: View) -> None:
        self._view, self._words = view, view.words
        self._wanted = ""

    def build(self) -> None:
        with cards():
            self._totals()
            with card("", "sites w12"):
                self._tools()
                words = self._words
                titles = [(name, words(f"sites.column_{name}")) for name in COLUMNS]
                self._grid = Grid(titles, words("sites.title"), words("sites.sort"), _make, _fill(self._view),
                                  self._sorted)  # fmt: skip
                self._none = text(words("sites.none"), "p", "empty")
                text(words("sites.note"), "p", "muted small")
        self._view.watch(self._told)
        self._told()

    def _tools(self) -> None:
        with ui.element("div").classes("row sites-tools"):
            find = Line(self._words("sites.find"), test="find")
            find.control.props["type"] = "search"
            find.control.props["placeholder"] = self._words("sites.find_hint")
            find.on_change(lambda: self._find(find.value))
            self._shown = text("", "span", "muted small").props("role=status data-test=shown")
            download(self._words("sites.download"), "/sites.csv")

    def _totals(self) -> None:
        self._figures = {}
        for name, key in TOTALS:
            with card(self._words(f"sites.{key}"), "half-phone w3"):
                self._figures[name] = text(UNKNOWN, "div", "figure small-figure").props(f"data-test=all-{name}")

    def _find(self, wanted: str) -> None:
        self._wanted = wanted.strip().casefold()
        self._told()

    def _told(self) -> None:
        sites = self._view.panel.sites
        rows = () if sites is None else sites.rows
        words = self._words
        told = [row.figures for row in rows if row.figures is not None]
        for name in ("today", "week", "inside"):
            self._figures[name].text = words.number(sum(getattr(one, name) for one in told)) if told else UNKNOWN
        good = sum(row.level is Level.GOOD for row in rows)
        self._figures["good"].text = words("sites.lights_of", good=words.number(good), all=words.number(len(rows)))
        found = [row for row in rows if self._wanted in row.name.casefold()]
        counted = words("sites.shown", shown=words.number(len(found)), all=words.number(len(rows)))
        self._shown.text = counted if self._wanted else ""
        self._none.set_visibility(not found)
        self._none.text = words("sites.none_found" if rows else "sites.none")
        self._grid.show({row.name: row for row in found})

    @staticmethod
    def _sorted(rows: dict[str, Any], column: str, *, turned: bool) -> list[str]:
        """Names in order: those of which the figure is not known last."""
        known = [name for name, row in rows.items() if _value(row, column) is not None]
        ordered = sorted(sorted(known, key=str.casefold), key=lambda name: _value(rows[name], column),
                         reverse=(column not in UPWARD) != turned)  # fmt: skip
        return ordered + sorted((name for name in rows if name not in known), key=str.casefold)


def _value(row: SiteRow, column: str) -> Any:  # noqa: ANN401 - what can be compared with others of its column
    if column == "site":
        return row.name.casefold()
    if column == "health":
        return -WORST.index(row.level)
    names = {"stay": "stay_s"}
    return None if row.figures is None else getattr(row.figures, names.get(column, column))


def _make(name: str) -> dict[str, Element]:
    """The cells of a row."""
    cells: dict[str, Element] = {}
    with ui.element("th").props("role=rowheader scope=row").classes("name"):
        cells["site"] = ui.link(name, f"/statistics?{urlencode({'site': name})}")
        cells["clock"] = text("", "span", "muted small")
    return cells


def _fill(view: View) -> Callable[[dict[str, Any], SiteRow], None]:
    words = view.words

    def fill(cells: dict[str, Any], row: SiteRow) -> None:
        told = row.figures
        cells["clock"].text = "" if told is None else words("sites.at_clock", clock=words.clock(told.now))
        for name in ("today", "week", "inside", "peak"):
            cells[name].text = UNKNOWN if told is None else words.number(getattr(told, name))
        stay_s = None if told is None else told.stay_s
        cells["stay"].text = UNKNOWN if stay_s is None else words.lasting(stay_s)
        for name in ("against_usual", "against_before"):
            _change(view, cells[name], None if told is None else getattr(told, name))
        set_light(cells["health"], row.level, words(f"sites.light_{row.level.value}"))
        seen = ago(view, row.seen_ms, to_ms(view.panel.clock.utc_now()))
        cells["why"].text = why(words, row.faults) or f"{words('sites.column_seen')}: {seen}"

    return fill


def _change(view: View, cell: Any, share: float | None) -> None:  # noqa: ANN401 - a label
    cell.text = UNKNOWN if share is None else view.words.change(share)
    tone = "" if share is None or abs(share) < ALIKE else "more" if share > 0 else "less"
    cell.classes(replace=f"change {tone}")


PAGE = Page("/", "sites.title", "shop", build)
