"""The hours of the week: how many come and go at each hour of each weekday."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.told import CLOCK_HOURS, WEEKDAYS
from edge.panel.pages.statistics.figure import Figure
from edge.panel.pages.statistics.heat_table import Cells, heat_table
from edge.panel.pages.statistics.sheet import Sheet
from edge.panel.pages.statistics.sums import clock_said

if TYPE_CHECKING:
    from edge.analytics.told import Density
    from edge.panel.pages.statistics.sheet import Ask

TURN = "way"


async def figures(ask: Ask) -> list[Figure]:
    """The figures of the sheet: in, and out in its place."""
    chosen = ask.chosen
    density = await ask.ask(lambda told: told.density(chosen.period, chosen.scope))
    return [_figure(ask, density, way) for way in ("in", "out")]


def _figure(ask: Ask, density: Density, way: str) -> Figure:
    words, start = ask.words, ask.chosen.week_starts
    order = [(start + number) % WEEKDAYS for number in range(WEEKDAYS)]
    counts = density.ins if way == "in" else density.outs
    means = tuple(
        tuple(counts[day][hour] / density.days[day] if density.days[day] else 0.0 for hour in range(CLOCK_HOURS))
        for day in order
    )
    cells = Cells(tuple(map(words.weekday, order)), tuple(map(words.short_weekday, order)), means)
    name = words("statistics.mean_in" if way == "in" else "statistics.mean_out")
    options, table = heat_table(words, cells, name)
    most, row, hour = max((means[row][hour], row, hour) for row in range(WEEKDAYS) for hour in range(CLOCK_HOURS))
    said = words(
        f"statistics.hours_said_{way}", weekday=cells.names[row], clock=clock_said(words, hour),
        people=words.number(most, 1),
    ) if most else words("statistics.nothing")  # fmt: skip
    if not most:
        table = type(table)(table.columns, ())
    return Figure(f"hours-{way}", name, said, options, table, f"{said} {words('statistics.hours_note')}", tall=True,
                  turn=TURN, turned=words(f"today.{way}"))  # fmt: skip


SHEET = Sheet("/statistics/hours", "statistics.hours", figures, sums=True)
