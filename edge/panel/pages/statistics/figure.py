"""A figure of a sheet: a chart, its sentence, its table, and both to take away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nicegui import ui

from edge.panel.pages.statistics.table import shown, sorted_by
from edge.panel.parts import card, icon, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.panel.pages.statistics.chosen import Chosen
    from edge.panel.pages.statistics.sheet import Sheet
    from edge.panel.pages.statistics.table import Table
    from edge.panel.view import View
    from edge.panel.words import Words

# So many rows of a table are shown; the file has all.
SHOWN_ROWS = 200
# Two rows are compared without being put in order.
FEWEST_SORTED = 3


@dataclass(frozen=True, slots=True)
class Tile:
    """One number with what it is and what is to be said of it. ``tone``: good, bad, or nothing."""

    label: str
    value: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``name`` is part of its file's name; ``said`` tells it in a sentence to who cannot see it.

    ``options`` are those of ECharts; without them ``drawn`` draws something of its own in the chart's place, or
    ``tiles`` are shown, or else the table itself. ``painted``: what is drawn is a canvas (``data-png``). ``note`` is
    said below; ``opened``: the table is seen at once; ``width`` is how many of twelve columns it takes on a desk
    (w3..w9, or w12). Of figures with the same ``turn`` one is seen at a time; ``turned`` is what it is chosen by.
    ``empty`` is said where there is nothing.
    """

    name: str
    title: str
    said: str
    options: dict[str, Any] | None
    table: Table
    note: str = ""
    tall: bool = False
    tiles: tuple[Tile, ...] = ()
    width: str = "w12"
    drawn: Callable[[View], None] | None = None
    painted: bool = False
    opened: bool = False
    turn: str = ""
    turned: str = ""
    empty: str = ""

    @property
    def is_picture(self) -> bool:
        """Whether it can be taken away as a picture."""
        return self.options is not None or self.painted


def figure_card(view: View, chosen: Chosen, figure: Figure, sheet: Sheet, others: Sequence[Figure] = ()) -> None:
    """The card of a figure; ``others`` are those it takes turns with, the first of them being seen first."""
    later = bool(others) and others[0] is not figure
    with card("", f"figure-card {figure.width}{' turned-away' if later else ''}") as made:
        made.props["data-figure"] = figure.name
        with ui.element("header"):
            text(figure.title, "h2")
            _turns(view, figure, others)
            _downloads(view, chosen, figure, sheet)
        if figure.drawn is not None:
            figure.drawn(view)
        elif not figure.table.rows:
            text(figure.empty or view.words("statistics.nothing"), "p", "empty")
        elif figure.options is not None:
            chart = ui.echart(figure.options, renderer="svg").classes("chart tall" if figure.tall else "chart")
            chart.props["role"] = "img"
            chart.props["aria-label"] = figure.said
        elif figure.tiles:
            _tiles(figure.tiles)
        else:
            table(view.words, figure.table)
        if figure.note:
            text(figure.note, "p", "muted small note")
        if figure.table.rows and (figure.is_picture or figure.drawn is not None):
            with ui.element("details").classes("table-below").props("open" if figure.opened else ""):
                text(view.words("statistics.figures"), "summary")
                table(view.words, figure.table)


def _turns(view: View, figure: Figure, others: Sequence[Figure]) -> None:
    """Buttons that show another figure in this one's place."""
    if not others:
        return
    with ui.element("div").classes("segments").props("role=group") as turns:
        turns.props["aria-label"] = view.words("statistics.turn")
        for other in others:
            made = text(other.turned, "button").props("type=button")
            made.props["data-turn"], made.props["aria-pressed"] = other.name, str(other is figure).lower()


def _downloads(view: View, chosen: Chosen, figure: Figure, sheet: Sheet) -> None:
    """Links to the picture and the file."""
    words = view.words
    if not figure.table.rows:
        return
    if figure.is_picture:
        with ui.element("button").classes("take").props("type=button data-take=png") as taken:
            icon("download")
            text("PNG")
        taken.props["aria-label"] = words("statistics.png_of", figure=figure.title)
        taken.props["data-title"] = figure.title
        taken.props["data-below"] = f"{chosen.site or view.panel.site} · {chosen.said(words)}"
        taken.props["data-file"] = f"{figure.name}-{chosen.period.first}-{chosen.period.last}.png"
    with ui.element("a").classes("take").props("data-take=csv") as taken:
        icon("download")
        text("CSV")
    taken.props["aria-label"] = words("statistics.csv_of", figure=figure.title)
    taken.props["href"] = f"/statistics/{sheet.name}/{figure.name}.csv?{chosen.query()}"
    taken.props["download"] = True


def _tiles(tiles: tuple[Tile, ...]) -> None:
    with ui.element("dl").classes("tiles"):
        for tile in tiles:
            with ui.element("div").classes("tile"):
                text(tile.label, "dt", "muted small")
                text(tile.value, "dd", "figure tile-figure")
                if tile.note:
                    text(tile.note, "dd", f"small {tile.tone or 'muted'}")


def table(words: Words, made: Table) -> None:
    """A table for people: the first column says what a row is about, numbers stand at the right.

    A press on a heading puts the rows in the order of its column, unless there are more than are shown.
    """
    sortable = FEWEST_SORTED <= len(made.rows) <= SHOWN_ROWS
    with ui.element("div").classes("table-box").props("tabindex=0 role=group"), ui.element("table").classes("numbers"):
        with ui.element("thead"), ui.element("tr"):
            for place, column in enumerate(made.columns):
                in_words = bool(place) and all(isinstance(row[place], str) for row in made.rows)
                _heading(column, "words" if in_words else "", sortable=sortable)
        with ui.element("tbody"):
            for row in made.rows[:SHOWN_ROWS]:
                with ui.element("tr"):
                    for place, cell in enumerate(row):
                        _cell(words, cell, first=not place, sortable=sortable)
    if len(made.rows) > SHOWN_ROWS:
        text(words("statistics.more_rows", shown=SHOWN_ROWS, rows=words.number(len(made.rows))), "p", "muted small")


def _heading(column: str, classes: str, *, sortable: bool) -> None:
    if not sortable:
        text(column, "th", classes).props("scope=col")
        return
    with ui.element("th").classes(classes).props("scope=col"):
        text(column, "button", "sorts").props("type=button data-sorts")


def _cell(words: Words, cell: object, *, first: bool, sortable: bool) -> None:
    kind = "words" if isinstance(cell, str) else "moment" if isinstance(cell, datetime) else ""
    made = text(shown(words, cell), "th" if first else "td", kind)
    if first:
        made.props("scope=row")
    if sortable and not isinstance(cell, str):
        made.props["data-sort"] = sorted_by(cell)
