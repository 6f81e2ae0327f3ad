"""The hours of the week: how many come and go at each hour of each weekday."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.panel import charts
from edge.panel.pages.statistics.figure import Figure
from edge.panel.pages.statistics.sheet import Sheet
from edge.panel.pages.statistics.table import Table

if TYPE_CHECKING:
    from edge.panel.pages.statistics.sheet import Ask


async def figures(ask: Ask) -> list[Figure]:
    """The figures of the sheet."""
    words, chosen = ask.words, ask.chosen
    density = await ask.ask(lambda told: told.density(chosen.period, chosen.scope))
    days = [words.short_weekday(number) for number in range(7)]
    clock = [f"{hour:02d}" for hour in range(24)]
    cells = [
        (hour, day, round(density.ins[day][hour] / max(1, density.days[day]), 1))
        for day in range(7) for hour in range(24)
    ]  # fmt: skip
    table = Table(
        (words("statistics.when"), *clock), tuple((days[day], *density.ins[day]) for day in range(7))
    )
    options = charts.heat(clock, days, cells, words("today.in"))
    return [Figure("hours-in", words("statistics.hours"), words("statistics.hours"), options, table, tall=True)]


SHEET = Sheet("/statistics/hours", "statistics.hours", figures)
