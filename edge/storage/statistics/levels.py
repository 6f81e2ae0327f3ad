"""How many people are inside: by hour and day from figures, over one day from the rows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edge.analytics.told import ClockHourLevel, Curve, Level, Slot
from edge.core.calendar import day_number
from edge.core.timekeeping import from_ms
from edge.storage.database import run
from edge.storage.derive import inside_before
from edge.storage.statistics.slots import all_hours, slot_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import peewee
    from numpy.typing import NDArray

    from edge.analytics.periods import Period
    from edge.storage.figures import Calendars
    from edge.storage.statistics.source import Source

REACH = "SELECT min(first_seq), max(last_seq) FROM day_figure WHERE day = ?"
MOVES = """SELECT seq, at_ms, 1 - 2 * direction FROM crossing WHERE seq BETWEEN ? AND ? AND line IN ({})
    UNION ALL SELECT seq, at_ms, change FROM correction WHERE seq BETWEEN ? AND ? ORDER BY 1"""


def peak(source: Source, period: Period) -> int:
    """The most people inside at once."""
    return int(source.day_levels(period)[:, 1].max(initial=0))


def by_days(source: Source, period: Period, cut: Sequence[Period]) -> list[Level]:
    """Peak and end of each part of a period. Where nothing happened it stayed as it was."""
    rows = source.day_levels(period)
    inside = source.inside_before(day_number(period.first))
    found = []
    for part in cut:
        first, end = rows[:, 0].searchsorted([day_number(part.first), day_number(part.last) + 1])
        some = rows[first:end]
        most = int(some[:, 1].max(initial=0)) if len(some) else inside
        inside = max(0, int(some[-1, 2])) if len(some) else inside
        found.append(Level(Slot(part.first, part.last), most, inside))
    return found


def by_hour(source: Source, period: Period) -> list[Level]:
    """The same for every hour."""
    rows = source.hour_levels(period).tolist()
    known = {(day, start_min, clock_hour): (most, inside) for day, start_min, clock_hour, most, inside in rows}
    inside = source.inside_before(day_number(period.first))
    found = []
    for hour in all_hours(source.calendars(period), period, known):
        most, inside = known.get(hour, (inside, inside))
        inside = max(0, inside)
        found.append(Level(slot_of(hour), most, inside))
    return found


def by_clock_hour(source: Source, period: Period) -> list[ClockHourLevel]:
    """How full it is at each hour of the clock at which anybody came or went."""
    rows = source.hour_levels(period)
    found = []
    for clock_hour in np.unique(rows[:, 2]).tolist():
        here = rows[rows[:, 2] == clock_hour]
        found.append(ClockHourLevel(clock_hour, float(here[:, 3].mean()), int(here[:, 3].max()), len(here)))
    return found


def curve(
    database: peewee.SqliteDatabase, calendars: Calendars, doors: Sequence[int], day: date, step_s: int
) -> Curve | None:
    """How many were inside over a day, from every crossing of a door and every correction of it.

    The ledger runs by the order of rows, so it is drawn in that order, each row at its time.
    """
    first, last = run(database, REACH, day_number(day)).fetchone()
    if first is None:
        return None
    sql = MOVES.format(", ".join(str(door) for door in doors))
    rows = np.array(run(database, sql, first, last, first, last).fetchall(), dtype=np.int64).reshape(-1, 3)
    start_ms, end_ms = calendars.at(last).span_ms(day)
    before = inside_before(database, set(doors), first)
    inside = np.maximum(0, before + np.cumsum(rows[:, 2]))
    times = np.maximum.accumulate(np.clip(rows[:, 1], start_ms, end_ms))
    return drawn(times, np.concatenate(([max(0, before)], inside)), (start_ms, end_ms), step_s)


def drawn(
    times: NDArray[np.int64], inside: NDArray[np.int64], span_ms: tuple[int, int], step_s: int
) -> Curve:
    """A curve of a day: ``inside`` has one number more than there are ``times``, that of before."""
    start_ms, end_ms = span_ms
    moments = np.arange(start_ms, end_ms, step_s * 1000)
    lasted = np.diff(np.concatenate(([start_ms], times, [end_ms])))
    mean = float((inside * lasted).sum() / (end_ms - start_ms))
    shown = inside[np.searchsorted(times, moments, side="right")]
    return Curve(from_ms(start_ms), step_s, tuple(int(number) for number in shown), mean)


