"""How many are inside: over a day, as peaks of longer spans, and at each hour of the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from edge.analytics.periods import Period, Unit
from edge.core.timekeeping import to_ms
from edge.panel import charts
from edge.panel.pages.statistics.figure import Figure, Tile
from edge.panel.pages.statistics.labels import clock_said, days_of, slot_in_words
from edge.panel.pages.statistics.places import slot_cell, slot_said
from edge.panel.pages.statistics.sheet import Sheet
from edge.panel.pages.statistics.table import Table
from edge.panel.parts import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from edge.analytics.statistics import Statistics
    from edge.analytics.told import ClockHourLevel, Curve, Level
    from edge.core.calendar import SiteCalendar
    from edge.panel.pages.statistics.sheet import Ask
    from edge.panel.words import Words

STEP_S = 300
# The moment of the most is looked for more finely than the curve is drawn.
MOMENT_S = 10
# A limit far above all that was ever inside would press the curve to the ground; then it is told and not drawn.
DRAWN_FROM = 0.5
# Labels of a day stand every hour, where there is room.
EVERY = 3600 // STEP_S - 1
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Highest:
    """The most people inside at once, on which day, and about when (aware, in the site's zone; None: not known)."""

    people: int
    day: date
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Occupied:
    """What is known of a period. ``curve`` is of a single day, ``now`` cuts off what is still to come."""

    unit: Unit
    levels: tuple[Level, ...]
    hours: tuple[ClockHourLevel, ...]
    highest: Highest | None
    curve: Curve | None
    calendar: SiteCalendar
    now: datetime


async def figures(ask: Ask) -> list[Figure]:
    """The sheet's figures."""
    chosen, now = ask.chosen, ask.panel.clock.utc_now()
    limit = ask.panel.settings.config.display.limit
    found = await ask.ask(lambda records: occupied(records, chosen.period, chosen.unit, now, chosen.week_starts))
    made = [summary(ask.words, found, limit)]
    if len(chosen.period) == 1:
        return [*made, over_day(ask.words, found, limit)]
    return [*made, peaks(ask.words, found, limit), by_clock(ask.words, found)]


def occupied(records: Statistics, period: Period, unit: Unit, now: datetime, week_starts: int = 0) -> Occupied:
    """Ask the records. ``now`` is aware."""
    calendar = records.calendar()
    today = calendar.day_of(to_ms(now))
    past = Period(period.first, max(period.first, min(period.last, today)))
    if period.first > today:
        return Occupied(unit, (), (), None, None, calendar, now)
    levels = tuple(level for level in records.levels(past, unit, week_starts) if level.slot.start is None
                   or level.slot.start <= now)  # fmt: skip
    curve = records.curve(period.first, STEP_S) if len(period) == 1 else None
    hours = _in_order(records.clock_hour_levels(past), calendar.day_starts_h)
    return Occupied(unit, levels, hours, highest(records, past, calendar), curve, calendar, now)


def highest(records: Statistics, period: Period, calendar: SiteCalendar) -> Highest | None:
    """When most were inside; None if nobody ever was."""
    top = max(records.levels(period, Unit.DAY), key=lambda level: level.peak, default=None)
    if top is None or not top.peak:
        return None
    curve = records.curve(top.slot.first, MOMENT_S)
    if curve is None or not any(curve.inside):
        return Highest(top.peak, top.slot.first, None)
    after_s = MOMENT_S * curve.inside.index(max(curve.inside))
    return Highest(top.peak, top.slot.first, (curve.start + timedelta(seconds=after_s)).astimezone(calendar.zone))


def summary(words: Words, found: Occupied, limit: int) -> Figure:
    """The most and when, how many on the mean, and the limit."""
    top = found.highest
    title, none = words("statistics_inside.summary"), Table((), ())
    if top is None:
        return Figure("summary", title, "", None, none)
    when = words.day(top.day) if top.at is None else words("statistics_inside.about", day=words.day(top.day),
                                                           clock=words.clock(top.at))  # fmt: skip
    most = Tile(words("statistics_inside.most"), words.number(top.people), when)
    rows: list[tuple[object, ...]] = [(most.label, top.people), (words("statistics_inside.moment"), top.at or top.day)]
    tiles = [most]
    if found.curve is not None:
        mean = _mean(found)
        tiles.append(Tile(words("statistics_inside.mean"), UNKNOWN if mean is None else words.number(mean, 1)))
        rows.append((tiles[-1].label, mean))
    else:
        mean_peak = sum(level.peak for level in found.levels) / len(found.levels)
        tiles.append(Tile(words(f"statistics_inside.mean_peak_{found.unit.value}"), words.number(mean_peak, 1)))
        rows.append((tiles[-1].label, mean_peak))
    if limit:
        share = top.people / limit
        full = words("statistics_inside.full", percent=words.percent(share))
        tiles.append(Tile(words("statistics_inside.limit"), words.number(limit), full, "bad" if share > 1 else ""))
        rows.append((tiles[-1].label, limit))
    said = " ".join(f"{tile.label}: {tile.value}. {tile.note}".strip() for tile in tiles)
    return Figure("summary", title, said, None, Table(_pair(words), tuple(rows)), tiles=tuple(tiles))


def over_day(words: Words, found: Occupied, limit: int) -> Figure:
    """The curve of one day, from the first to the last hour in which anybody was inside."""
    curve, top = found.curve, found.highest
    title = words("statistics_inside.curve")
    columns = (words("statistics_inside.clock"), words("statistics_inside.inside"))
    first, last = _shown(curve, found.now)
    if curve is None or top is None or first == last:
        return Figure("inside", title, "", None, Table(columns, ()))
    start = curve.start.astimezone(found.calendar.zone)
    moments = [(curve.start + timedelta(seconds=n * STEP_S)).astimezone(start.tzinfo) for n in range(first, last)]
    inside = [number if moment <= found.now else None
              for number, moment in zip(curve.inside[first:last], moments, strict=True)]  # fmt: skip
    options = charts.frame([words.clock(moment) for moment in moments], every=EVERY)
    options["xAxis"]["axisLabel"]["hideOverlap"] = True
    series = charts.curve(words("statistics_inside.inside"), inside, "accent")
    series |= {"smooth": False, "step": "end", "areaStyle": {":color": charts.colour("accent"), "opacity": 0.14}}
    _limited(words, options, series, limit, top.people)
    rows = tuple((words.clock(moment), number) for moment, number in zip(moments, inside, strict=True))
    said = words("statistics_inside.curve_said", most=words.number(top.people), when=_when(words, top))
    return Figure("inside", title, said, charts.with_series(options, series), Table(columns, rows), tall=True)


def peaks(words: Words, found: Occupied, limit: int) -> Figure:
    """The most inside at once in each part of the period."""
    title = words(f"statistics_inside.peaks_{found.unit.value}")
    columns = (words("statistics.when"), words("statistics_inside.most"),
               words("statistics_inside.at_end"))  # fmt: skip
    top = found.highest
    if top is None:
        return Figure("peaks", title, "", None, Table(columns, ()))
    slots = [level.slot for level in found.levels]
    options = charts.frame([slot_said(words, slot, found.unit, days_of(slots)) for slot in slots])
    options["xAxis"]["axisLabel"]["interval"] = "auto"
    series = charts.bars(words("statistics_inside.most"), [level.peak for level in found.levels])
    _limited(words, options, series, limit, top.people)
    rows = tuple((slot_cell(words, level.slot, found.unit), level.peak, level.inside)
                 for level in found.levels)  # fmt: skip
    best = max(found.levels, key=lambda level: level.peak)
    said = words("statistics_inside.peaks_said", most=words.number(best.peak),
                 when=slot_in_words(words, best.slot, found.unit))  # fmt: skip
    return Figure("peaks", title, said, charts.with_series(options, series), Table(columns, rows))


def by_clock(words: Words, found: Occupied) -> Figure:
    """How full it mostly gets at each hour of the clock."""
    title = words("statistics_inside.by_clock")
    columns = (words("statistics_inside.hour"), words("statistics_inside.mean_peak"), words("statistics_inside.most"),
               words("statistics_inside.days"))  # fmt: skip
    hours = found.hours
    if not hours:
        return Figure("clock", title, "", None, Table(columns, ()))
    options = charts.frame([clock_said(hour.clock_hour) for hour in hours])
    options["xAxis"]["axisLabel"]["interval"] = "auto"
    mean = charts.bars(words("statistics_inside.mean_peak"), [round(hour.mean_peak, 1) for hour in hours])
    most = charts.curve(words("statistics_inside.most"), [hour.most for hour in hours], "second", dashed=True)
    rows = tuple((clock_said(hour.clock_hour), hour.mean_peak, hour.most, hour.days) for hour in hours)
    best = max(hours, key=lambda hour: hour.mean_peak)
    said = words("statistics_inside.by_clock_said", clock=clock_said(best.clock_hour),
                 mean=words.number(best.mean_peak, 1))  # fmt: skip
    return Figure("clock", title, said, charts.with_series(options, mean, most), Table(columns, rows),
                  words("statistics_inside.by_clock_note"))  # fmt: skip


def _limited(words: Words, options: dict[str, Any], series: dict[str, Any], limit: int, most: int) -> None:
    """Draw the limit, if it is within sight."""
    if not limit or most < DRAWN_FROM * limit:
        return
    options["yAxis"]["max"] = max(limit, most)
    series["markLine"] = {
        "silent": True, "symbol": "none", "animation": False, "data": [{"yAxis": limit}],
        "lineStyle": {":color": charts.colour("bad"), "type": "dashed", "width": 2},
        "label": {
            "formatter": words("statistics_inside.limit_line", limit=words.number(limit)), "position": "insideEndTop",
            ":color": charts.colour("bad"), "fontFamily": charts.TYPE, "fontSize": charts.SIZE,
        },
    }  # fmt: skip


def _shown(curve: Curve | None, now: datetime) -> tuple[int, int]:
    """The steps worth showing: whole hours around the first arrival and the last time anybody came or went."""
    past = [] if curve is None else curve.inside[: max(0, int((now - curve.start).total_seconds() // STEP_S) + 1)]
    moves = [place for place, (one, other) in enumerate(pairwise(past), start=1) if one != other]
    # Whoever was left over from the day before is taken off when the day begins: that is nobody's leaving.
    came = [place for place in moves if past[place] > past[place - 1]]
    if curve is None or not came:
        return 0, 0
    an_hour, whole = HOUR_S // STEP_S, len(curve.inside)
    last = moves[-1] if len(past) == whole else len(past) - 1
    return came[0] // an_hour * an_hour, min(whole, (last // an_hour + 1) * an_hour)


def _mean(found: Occupied) -> float | None:
    """How many were inside on the mean, over the part of the day that is shown."""
    first, last = _shown(found.curve, found.now)
    if found.curve is None or first == last:
        return None
    past = int((found.now - found.curve.start).total_seconds() // STEP_S) + 1
    some = found.curve.inside[first : min(last, past)]
    return sum(some) / len(some)


def _in_order(hours: Sequence[ClockHourLevel], day_starts_h: int) -> tuple[ClockHourLevel, ...]:
    """In the day's order, without those before the first and after the last at which anybody was inside."""
    some = sorted(hours, key=lambda hour: (hour.clock_hour - day_starts_h) % 24)
    busy = [place for place, hour in enumerate(some) if hour.most]
    return tuple(some[busy[0] : busy[-1] + 1]) if busy else ()


def _when(words: Words, top: Highest) -> str:
    return words.day(top.day) if top.at is None else words.clock(top.at)


def _pair(words: Words) -> tuple[str, str]:
    return words("statistics_table.what"), words("statistics_table.value")


SHEET = Sheet("/statistics/inside", "statistics_inside.title", figures, scopes="")
