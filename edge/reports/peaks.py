"""When it is busy: by the hour of the clock, by the hour of the week, and the busiest hours of all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edge.analytics.told import CLOCK_HOURS, WEEKDAYS
from edge.reports.report import Chart, Drawn, Section
from edge.reports.table import Column, Kind, Table

if TYPE_CHECKING:
    from edge.analytics.told import Density
    from edge.reports.books import Books

BUSIEST = 10


def peaks(books: Books) -> Section:
    """When people come. Nothing for a zone, of which it is not known by hour and weekday."""
    if books.by_zone:
        return Section("peaks")
    density = books.source.density(books.period, books.asked.scope)
    hours = _hours(books, density)
    if not hours:
        return Section("peaks")
    charts = [Chart("clock_hours", Drawn.BARS, "clock_hours", "clock_hour", ("per_day",))]
    tables = [_clock_hours(books, density, hours)]
    if len(books.period) >= WEEKDAYS:
        grid = _grid(books, density, hours)
        charts.append(Chart("density", Drawn.GRID, "density", "weekday", tuple(str(hour) for hour in hours)))
        tables.append(grid)
    if books.whole_site:
        charts.append(Chart("fullness", Drawn.LINES, "clock_hours", "clock_hour", ("mean_peak", "most")))
    tables.append(_busiest(books))
    if len(books.period) == 1:
        # The day's hours say it all; files have it nevertheless.
        return Section("peaks", tables=tuple(replace(table, printed=False) for table in tables))
    return Section("peaks", charts=tuple(charts), tables=tuple(tables))


def _hours(books: Books, density: Density) -> list[int]:
    """The hours of the clock in the site's order, from the first in which anybody came or went to the last."""
    order = [(books.site.day_starts_h + number) % CLOCK_HOURS for number in range(CLOCK_HOURS)]
    some = [place for place, hour in enumerate(order) if _sum(density.ins, hour) + _sum(density.outs, hour)]
    return order[some[0] : some[-1] + 1] if some else []


def _sum(week: tuple[tuple[int, ...], ...], hour: int) -> int:
    return sum(day[hour] for day in week)


def _clock_hours(books: Books, density: Density, hours: list[int]) -> Table:
    days = sum(books.counts.get(day, 0.0) > 0 for day in books.period)
    came = sum(_sum(density.ins, hour) for hour in hours)
    levels = books.source.clock_hour_levels(books.period) if books.whole_site else []
    full = {level.clock_hour: (level.mean_peak, level.most) for level in levels}
    rows = []
    for hour in hours:
        ins = _sum(density.ins, hour)
        level = full.get(hour, (None, None)) if books.whole_site else ()
        shares = (ins / came if came else None, ins / days if days else None)
        rows.append((hour, ins, _sum(density.outs, hour), *shares, *level))
    columns = (
        Column("clock_hour", Kind.CLOCK_HOUR), Column("ins", Kind.COUNT), Column("outs", Kind.COUNT),
        Column("share", Kind.SHARE), Column("per_day", Kind.NUMBER),
        *((Column("mean_peak", Kind.NUMBER), Column("most", Kind.COUNT)) if books.whole_site else ()),
    )  # fmt: skip
    return Table("clock_hours", columns, tuple(rows))


def _grid(books: Books, density: Density, hours: list[int]) -> Table:
    """How many come in on a usual such weekday: the mean, of one week simply how many came."""
    one = len(books.period) == WEEKDAYS
    order = [(books.asked.week_starts + number) % WEEKDAYS for number in range(WEEKDAYS)]
    rows = []
    for weekday in order:
        days = density.days[weekday]
        cells = [density.ins[weekday][hour] for hour in hours]
        rows.append((weekday, days, *(cells if one else [cell / days for cell in cells])))
    kind = Kind.COUNT if one else Kind.NUMBER
    columns = (
        Column("weekday", Kind.WEEKDAY), Column("days", Kind.COUNT),
        *(Column(str(hour), kind, f"{hour:02d}") for hour in hours),
    )  # fmt: skip
    return Table("density", columns, tuple(rows), printed=False, shaded=True)


def _busiest(books: Books) -> Table:
    columns = (
        Column("day", Kind.DAY), Column("clock_hour", Kind.CLOCK_HOUR), Column("ins", Kind.COUNT),
    )  # fmt: skip
    some = books.source.busiest(books.period, BUSIEST, books.asked.scope)
    return Table("busiest", columns, tuple((hour.day, hour.clock_hour, hour.ins) for hour in some if hour.ins))
