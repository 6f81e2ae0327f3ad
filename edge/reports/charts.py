"""Charts as pictures, told apart by pattern and not by colour alone: most reports are printed in black and white.

Every picture is a figure of its own; matplotlib's common state is left alone, so that two may be drawn at once.
"""

from __future__ import annotations

import io
import math
from datetime import date
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from PIL import Image

from edge.reports.report import Drawn
from edge.reports.table import Kind, Withheld

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    from edge.reports.cells import Teller
    from edge.reports.report import Chart
    from edge.reports.table import Table

INK, DARK, PALE, GRID_INK = "#1a1a1a", "#1f4e79", "#ffffff", "#d5d8dc"
HATCH = "////"
# Darker for more in colour and in grey alike.
SHADES = LinearSegmentedColormap.from_list("shades", ["#ffffff", "#9db9d4", "#1f4e79", "#0b2239"])
DPI = 200
MM_PER_INCH = 25.4
# So few are in them; a report goes by mail.
COLOURS = 96
SMALL, USUAL, TITLE = 7.5, 8.5, 11
# With more bars their numbers would run into each other.
NUMBERED, LABELLED = 16, 16
# From so many on tenths say nothing.
TENTHS_BELOW = 10
# A bar of a smaller part of the highest has no room for its number.
LOW = 0.2
# Light figures are read better than dark ones on what shines less than this (WCAG's relative luminance).
DIM = 0.18


def heights_mm(chart: Chart, table: Table, width_mm: float) -> float:
    """How high a chart of that width is."""
    if chart.drawn is Drawn.GRID:
        return 14 + 6.5 * len(table.rows)
    if chart.drawn is Drawn.LYING:
        return 12 + 8 * len(table.rows)
    if chart.drawn is Drawn.FLOOR:
        return width_mm * len(table.rows) / len(table.columns)
    return 58


def picture(chart: Chart, table: Table, teller: Teller, size_mm: tuple[float, float], *, titled: bool = False) -> bytes:
    """A chart as a PNG of that size at 200 dots an inch; ``titled`` where it stands alone."""
    figure = Figure(figsize=(size_mm[0] / MM_PER_INCH, size_mm[1] / MM_PER_INCH), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    DRAWERS[chart.drawn](axes, chart, table.trimmed() if chart.over == "clock_hour" else table, teller)
    axes.tick_params(labelsize=SMALL, colors=INK, length=2)
    if titled:
        axes.set_title(chart_title(chart, teller), fontsize=TITLE, color=INK, loc="left")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    drawn = Image.frombuffer("RGBA", canvas.get_width_height(), pixels).convert("RGB").quantize(COLOURS)
    found = io.BytesIO()
    drawn.save(found, "PNG", dpi=(DPI, DPI))
    return found.getvalue()


def chart_title(chart: Chart, teller: Teller) -> str:
    """What a chart is called."""
    title = teller.words(f"chart.{chart.key}")
    return f"{title}: {chart.about}" if chart.about else title


def alt_text(chart: Chart, table: Table, teller: Teller) -> str:
    """What is to be seen on a chart, for whoever cannot see it."""
    title = chart_title(chart, teller)
    if chart.drawn is Drawn.FLOOR:
        return teller.words("alt.floor", title=title)
    kinds = {column.key: column.kind for column in table.columns}
    values = [value for key in chart.shown[:1] for value in table.numbers(key)]
    if chart.drawn is Drawn.GRID:
        values = [value for key in chart.shown for value in table.numbers(key)]
        most = max((value for value in values if not math.isnan(value)), default=0.0)
        told = teller.cell(kinds[chart.shown[0]], most)
        return teller.words("alt.grid", title=title, rows=len(table.rows), columns=len(chart.shown), most=told)
    best = max(range(len(values)), key=lambda place: -1.0 if math.isnan(values[place]) else values[place], default=None)
    if best is None:
        return title
    return teller.words(
        "alt.bars", title=title, rows=len(values),
        most=teller.cell(kinds[chart.shown[0]], table.column(chart.shown[0])[best]),
        at=teller.cell(kinds[chart.over], table.column(chart.over)[best]),
    )  # fmt: skip


def _labels(table: Table, over: str, teller: Teller) -> list[str]:
    """What stands under each row; of many only some, and days by their number."""
    kind = table.columns[table.place(over)].kind
    cells = table.column(over)
    if kind is Kind.CLOCK_HOUR:
        return [f"{cell:02d}" for cell in cells]
    if kind is Kind.MONTH:
        return [_month_label(cell, len(cells), teller) for cell in cells if isinstance(cell, date)]
    if kind is Kind.DAY and len(cells) > LABELLED:
        return [_day_label(cell, place, teller) for place, cell in enumerate(cells) if isinstance(cell, date)]
    told = [teller.cell(kind, cell) for cell in cells]
    step = -(-len(told) // LABELLED)
    return [label if place % step == 0 else "" for place, label in enumerate(told)]


def _month_label(first: date, number: int, teller: Teller) -> str:
    """Of more months than there is room for, only where years begin."""
    if number <= LABELLED:
        return teller.words.short_month(first.month)
    return str(first.year) if first.month == 1 else ""


def _day_label(day: date, place: int, teller: Teller) -> str:
    month = teller.words.short_month(day.month)
    return f"{day.day}\n{month}" if place == 0 or day.day == 1 else str(day.day)


def _framed(axes: Axes, labels: Sequence[str], told: Callable[[float], str]) -> None:
    """Axes without what nobody needs."""
    axes.set_xticks(range(len(labels)), labels)
    axes.set_xlim(-0.6, len(labels) - 0.4)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: told(value)))
    axes.grid(axis="y", color=GRID_INK, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_ylim(bottom=0)


def _whole(teller: Teller) -> Callable[[float], str]:
    return teller.words.number


def _bars(axes: Axes, chart: Chart, table: Table, teller: Teller) -> None:
    values = table.numbers(chart.shown[0])
    places = range(len(values))
    axes.bar(places, _drawable(values), width=0.72, color=DARK, label=_named(table, chart.shown[0], teller))
    if len(values) <= NUMBERED:
        _numbered(axes, chart, table, teller)
    if len(chart.shown) > 1:
        marks = [(place, mark) for place, mark in enumerate(table.numbers(chart.shown[1])) if not math.isnan(mark)]
        if marks:
            x, y = zip(*marks, strict=True)
            axes.hlines(y, [one - 0.46 for one in x], [one + 0.46 for one in x], color=PALE, linewidth=3.6)
            axes.hlines(
                y, [one - 0.46 for one in x], [one + 0.46 for one in x], color=INK, linewidth=1.8,
                label=_named(table, chart.shown[1], teller),
            )  # fmt: skip
            _legend(axes)
    _framed(axes, _labels(table, chart.over, teller), _whole(teller))
    axes.margins(y=0.12)


def _numbered(axes: Axes, chart: Chart, table: Table, teller: Teller) -> None:
    """The number of each bar: within it at its upper end, or at its foot where marks may cross it; above a low one."""
    kind = table.columns[table.place(chart.shown[0])].kind
    values = _drawable(table.numbers(chart.shown[0]))
    for place, cell in enumerate(table.column(chart.shown[0])):
        told = cell.value if isinstance(cell, Withheld) else teller.cell(kind, cell)
        within = values[place] > LOW * max(values)
        at_foot = within and len(chart.shown) > 1
        axes.annotate(
            told, (place, 0 if at_foot else values[place]), xytext=(0, -5 if within and not at_foot else 2.5),
            textcoords="offset points", ha="center", va="top" if within and not at_foot else "bottom",
            fontsize=SMALL, color=PALE if within else INK,
        )  # fmt: skip


def _pairs(axes: Axes, chart: Chart, table: Table, teller: Teller) -> None:
    hatched = {"facecolor": PALE, "edgecolor": DARK, "hatch": HATCH, "linewidth": 0.8}
    looks: tuple[dict[str, Any], ...] = ({"color": DARK}, hatched)
    for number, (key, look) in enumerate(zip(chart.shown, looks, strict=True)):
        values = _drawable(table.numbers(key))
        places = [place + (number - 0.5) * 0.4 for place in range(len(values))]
        axes.bar(places, values, width=0.38, label=_named(table, key, teller), **look)
    _legend(axes)
    _framed(axes, _labels(table, chart.over, teller), _whole(teller))


def _lines(axes: Axes, chart: Chart, table: Table, teller: Teller) -> None:
    looks = (("-", "o", DARK), ("--", "s", INK))
    for key, (line, marker, colour) in zip(chart.shown, looks, strict=False):
        values = table.numbers(key)
        axes.plot(
            range(len(values)), values, label=_named(table, key, teller), linewidth=1.4, markersize=3.5,
            linestyle=line, marker=marker, color=colour,
        )  # fmt: skip
    _legend(axes)
    _framed(axes, _labels(table, chart.over, teller), _whole(teller))


def _lying(axes: Axes, chart: Chart, table: Table, teller: Teller) -> None:
    column = table.columns[table.place(chart.shown[0])]
    values = _drawable(table.numbers(chart.shown[0]))
    places = range(len(values))
    axes.barh(places, values, height=0.66, color=DARK)
    for place, cell in enumerate(table.column(chart.shown[0])):
        axes.annotate(
            f" {teller.cell(column.kind, cell)}", (values[place], place), va="center", fontsize=SMALL, color=INK
        )
    axes.set_yticks(places, [_shortened(str(name)) for name in table.column(chart.over)])
    axes.invert_yaxis()
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: teller.words.number(value)))
    axes.margins(x=0.1)


def _shortened(name: str) -> str:
    return name if len(name) <= LABELLED * 2 else f"{name[: LABELLED * 2 - 1]}…"


def _grid(axes: Axes, chart: Chart, table: Table, teller: Teller) -> None:
    kind = table.columns[table.place(chart.shown[0])].kind
    columns = [table.numbers(key) for key in chart.shown]
    rows = [list(row) for row in zip(*columns, strict=True)]
    most = max((value for row in rows for value in row if not math.isnan(value)), default=0.0) or 1.0
    axes.imshow(rows, cmap=SHADES, vmin=0, vmax=most, aspect="auto")
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            told = teller.cell(Kind.COUNT if kind is Kind.COUNT or most >= TENTHS_BELOW else kind, value)
            colour = PALE if _shine(value / most) < DIM else INK
            axes.text(x, y, told if value else "", ha="center", va="center", fontsize=SMALL, color=colour)
    names = [teller.heading(table.columns[table.place(key)]) for key in chart.shown]
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(rows)), [teller.cell(Kind.WEEKDAY, cell) for cell in table.column(chart.over)])
    axes.set_xticks([place - 0.5 for place in range(1, len(names))], minor=True)
    axes.set_yticks([place - 0.5 for place in range(1, len(rows))], minor=True)
    axes.grid(which="minor", color=PALE, linewidth=1.2)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)


def _shine(part: float) -> float:
    """How bright the shade of a part of the most is, 0 to 1."""
    linear = [
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - the standard's own numbers
        for one in SHADES(0.0 if math.isnan(part) else part)[:3]
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _floor(axes: Axes, chart: Chart, table: Table, _: Teller) -> None:
    rows = [[float(cell) if isinstance(cell, (int, float)) else 0.0 for cell in row] for row in table.rows]
    axes.imshow(rows, cmap=SHADES, norm=PowerNorm(0.5), extent=(0, 1, 1, 0), aspect="auto", interpolation="bilinear")
    for zone in chart.zones:
        x, y = zip(*(*zone.corners, zone.corners[0]), strict=True)
        axes.plot(x, y, color=PALE, linewidth=2.4)
        axes.plot(x, y, color=INK, linewidth=1.0, linestyle="--")
        axes.text(
            sum(x[:-1]) / len(x[:-1]), min(y) + 0.01, _shortened(zone.name), ha="center", va="top", fontsize=USUAL,
            color=INK, bbox={"facecolor": PALE, "edgecolor": "none", "pad": 1.2, "alpha": 0.85},
        )  # fmt: skip
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlim(0, 1)
    axes.set_ylim(1, 0)


def _named(table: Table, key: str, teller: Teller) -> str:
    return teller.heading(table.columns[table.place(key)])


def _drawable(values: Sequence[float]) -> list[float]:
    return [0.0 if math.isnan(value) else value for value in values]


def _legend(axes: Axes) -> None:
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=USUAL, labelcolor=INK)


DRAWERS: dict[Drawn, Callable[[Axes, Chart, Table, Teller], None]] = {
    Drawn.BARS: _bars, Drawn.PAIRS: _pairs, Drawn.LINES: _lines, Drawn.LYING: _lying, Drawn.GRID: _grid,
    Drawn.FLOOR: _floor,
}  # fmt: skip
