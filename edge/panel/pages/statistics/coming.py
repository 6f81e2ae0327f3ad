"""What is to be expected: in the chart of the period, and of the week to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.periods import DAY, Unit
from edge.panel import charts
from edge.panel.pages.statistics.figure import Figure
from edge.panel.pages.statistics.heat_table import Cells, heat_table
from edge.panel.pages.statistics.places import day_said
from edge.panel.pages.statistics.table import Day, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from edge.analytics.forecast import Expected, Forecast
    from edge.analytics.told import Flow
    from edge.panel.pages.statistics.chosen import Chosen
    from edge.panel.words import Words

DAYS = 7
# Fewer are expected at an hour in which the shop is closed.
LEAST = 0.05
# Labels of two lines.
LABEL_PX = 16


def expected_slots(flow: Sequence[Flow], chosen: Chosen, made: Forecast | None) -> list[Expected | None]:
    """What is expected in each part of a period told by days or hours, from today on."""
    if made is None or chosen.unit not in (Unit.DAY, Unit.HOUR):
        return [None] * len(flow)
    if chosen.unit is Unit.DAY:
        days = {one.day: one for one in made.days if one.value >= LEAST}
        return [days.get(one.slot.first) for one in flow]
    hours = {(one.day, one.clock_hour): one for one in made.hours if one.value >= LEAST}
    return [hours.get((one.slot.first, one.slot.clock_hour)) for one in flow]


def expected_series(words: Words, expected: Sequence[Expected | None]) -> dict[str, Any]:
    """Boxes from the least to the most that is expected, with a line at the middle of it."""
    data = ["-" if one is None or one.value < LEAST else _box(one) for one in expected]
    return {
        "type": "boxplot", "name": words("statistics.expected"), "data": data, "z": 1,
        "boxWidth": [8, 64], "emphasis": {"disabled": True},
        "itemStyle": {":color": charts.colour("accent-soft"), ":borderColor": charts.colour("accent"),
                      "borderWidth": 1.5},
    }  # fmt: skip


def _box(one: Expected) -> list[float]:
    """What a box is drawn by: least, first quarter, middle, last quarter, most."""
    return [round(value, 1) for value in (one.low, one.low, one.value, one.high, one.high)]


def with_legend(options: dict[str, Any]) -> dict[str, Any]:
    """A chart whose legend shows what is expected as it is drawn, last of all."""
    box = {":color": charts.colour("accent-soft"), ":borderColor": charts.colour("accent"), "borderWidth": 1.5}
    names = [(one["name"], one["type"] == "boxplot") for one in options["series"]]
    entries = [{"name": name, **({"itemStyle": box, "icon": "rect"} if boxed else {})} for name, boxed in names]
    options["legend"]["data"] = sorted(entries, key=lambda entry: "icon" in entry)
    return options


def coming_figures(words: Words, chosen: Chosen, made: Forecast | None) -> list[Figure]:
    """The week to come, day by day and hour by hour; nothing where it is not looked at or cannot be told."""
    if made is None:
        return []
    days = [one for one in made.days if one.day > chosen.today][:DAYS]
    if not days:
        return []
    return [_by_day(words, made, days), _by_hour(words, made, days)]


def _by_day(words: Words, made: Forecast, days: list[Expected]) -> Figure:
    labels = [f"{words.short_weekday(one.day.weekday())}\n{one.day.day}" for one in days]
    options = with_legend(charts.with_series(charts.frame(labels), expected_series(words, days)))
    options["xAxis"]["axisLabel"]["lineHeight"] = LABEL_PX
    options["tooltip"][":formatter"] = "acm.tip"
    rows = tuple((Day(one.day), round(one.value), round(one.low), round(one.high)) for one in days)
    columns = tuple(words(f"statistics.{name}") for name in ("day", "expected", "at_least", "at_most"))
    most = max(days, key=lambda one: one.value)
    said = words(
        "statistics.coming_said", people=words.number(round(sum(one.value for one in days))),
        day=words.day(most.day), most=words.number(round(most.value)),
    )  # fmt: skip
    note = f"{said} {words('statistics.coming_note', percent=words.percent(made.off))}"
    return Figure("coming", words("statistics.coming"), said, options, Table(columns, rows), note, width="w6")


def _by_hour(words: Words, made: Forecast, days: list[Expected]) -> Figure:
    hours = {(one.day, one.clock_hour): one.value for one in made.hours}
    first = days[0].day
    rows = [first + number * DAY for number in range((days[-1].day - first).days + 1)]
    cells = Cells(
        tuple(day_said(words, day) for day in rows),
        tuple(words("date.weekday_day", weekday=words.short_weekday(day.weekday()), day=day.day) for day in rows),
        tuple(tuple(hours.get((day, hour), 0.0) for hour in range(24)) for day in rows),
    )
    title = words("statistics.coming_hours")
    options, table = heat_table(words, cells, words("statistics.expected"))
    return Figure("coming-hours", title, title, options, table, words("statistics.coming_hours_note"), width="w6")
