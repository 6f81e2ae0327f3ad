"""A box's own figures as arrays, added up by the database where that is less to carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edge.analytics.periods import Period
from edge.core.calendar import day_number
from edge.storage.calendars import calendars_of
from edge.storage.database import run
from edge.storage.models import SITE
from edge.storage.statistics.numbers import spread_of
from edge.storage.statistics.slots import DayCalendars
from edge.storage.statistics.source import What, of_days, stays_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import peewee
    from numpy.typing import NDArray

    from edge.analytics.stays import Stays
    from edge.storage.subjects import Named

# Numbers of subjects are our own, so they may stand in the statement; there is no limit to how many.
TABLES = {
    What.DAYS: """SELECT day, sum(ins), sum(outs), sum(stays), sum(stay_ds) FROM day_figure
        WHERE day BETWEEN ? AND ? AND subject IN ({}) GROUP BY day ORDER BY day""",
    What.HOURS: """SELECT day, start_min, clock_hour, sum(ins), sum(outs), sum(stays), sum(stay_ds) FROM hour_figure
        WHERE day BETWEEN ? AND ? AND subject IN ({}) GROUP BY day, start_min, clock_hour ORDER BY day, start_min""",
    What.CLOCK_HOURS: """SELECT day, clock_hour, sum(ins), sum(outs) FROM hour_figure
        WHERE day BETWEEN ? AND ? AND subject IN ({}) GROUP BY day, clock_hour""",
    What.WEEKLY: """SELECT (day + 3) % 7, clock_hour, sum(ins), sum(outs) FROM hour_figure
        WHERE day BETWEEN ? AND ? AND subject IN ({}) GROUP BY 1, 2""",
    What.SUBJECTS: """SELECT subject, sum(ins), sum(outs) FROM day_figure
        WHERE day BETWEEN ? AND ? AND subject IN ({}) GROUP BY subject""",
    What.BUSIEST: """SELECT day, start_min, clock_hour, sum(ins) FROM hour_figure
        WHERE day BETWEEN ? AND ? AND subject IN ({}) GROUP BY day, start_min, clock_hour
        HAVING sum(ins) > 0 ORDER BY 4 DESC, start_min LIMIT ?""",
}
BINS = """SELECT day, subject, stays, stay_ds, bins FROM day_figure
    WHERE day BETWEEN ? AND ? AND subject IN ({}) ORDER BY day"""
DAY_LEVELS = "SELECT day, peak, inside FROM day_figure WHERE day BETWEEN ? AND ? AND subject = ? ORDER BY day"
HOUR_LEVELS = """SELECT day, start_min, clock_hour, peak, inside FROM hour_figure
    WHERE day BETWEEN ? AND ? AND subject = ? ORDER BY day, start_min, last_seq"""
LAST_INSIDE = "SELECT inside FROM day_figure WHERE day < ? AND subject = ? ORDER BY day DESC LIMIT 1"
REACH = "SELECT day, max(last_seq) FROM day_figure WHERE day <= ? GROUP BY day ORDER BY day"
EDGES = "SELECT (SELECT min(day) FROM day_figure), (SELECT max(day) FROM day_figure)"


class BoxFigures:
    """The figures of open records: a ``Source``. Only for as long as one state of them is looked at."""

    def __init__(self, database: peewee.SqliteDatabase, named: Mapping[int, Named]) -> None:
        self._database, self._named = database, named

    def named(self) -> Mapping[int, Named]:
        """What the subjects' numbers stand for."""
        return self._named

    def table(self, what: What, period: Period, subjects: Collection[int], *more: int) -> NDArray[np.int64]:
        """Rows as told at ``What``."""
        return self._rows(_of(TABLES[what], subjects), *_days(period), *more)

    def stays(self, cut: Sequence[Period], subjects: Collection[int]) -> list[Stays]:
        """Stays of each of some periods, which are in order, with how they are spread."""
        sums, bins = self._stays(Period(cut[0].first, cut[-1].last), subjects)
        return [stays_of(of_days(sums, part), of_days(bins, part)) for part in cut]

    def stays_by_subject(self, period: Period, subjects: Collection[int]) -> dict[int, Stays]:
        """Stays of each subject that had any, with how they are spread."""
        sums, bins = self._stays(period, subjects)
        there = np.unique(sums[:, 1]).tolist()
        return {one: stays_of(sums[sums[:, 1] == one], bins[bins[:, 1] == one]) for one in there}

    def day_levels(self, period: Period) -> NDArray[np.int64]:
        """Day, the most inside, how many at its end."""
        return self._rows(DAY_LEVELS, *_days(period), SITE)

    def hour_levels(self, period: Period) -> NDArray[np.int64]:
        """The same by hour: day, start, clock hour, the most, at its end."""
        return self._rows(HOUR_LEVELS, *_days(period), SITE)

    def inside_before(self, day: int) -> int:
        """How many were inside when a day began, by the last figure before it."""
        return max(0, next((int(row[0]) for row in run(self._database, LAST_INSIDE, day, SITE)), 0))

    def edges(self) -> tuple[int, int] | None:
        """The first and the last day of which there are figures."""
        first, last = run(self._database, EDGES).fetchone()
        return None if first is None else (int(first), int(last))

    def calendars(self, period: Period) -> DayCalendars:
        """Which calendar each day went by: the one in force at its last row, or at the last row before it."""
        calendars = calendars_of(self._database)
        if len(calendars.runs) == 1:
            return DayCalendars(calendars.latest)
        rows = run(self._database, REACH, day_number(period.last)).fetchall()
        return DayCalendars(calendars.latest, calendars.runs[0][1], [(day, calendars.at(seq)) for day, seq in rows])

    def _stays(self, period: Period, subjects: Collection[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Day, subject, stays, tenths of a second; and day, subject, bin, stays; both by day."""
        rows = run(self._database, _of(BINS, subjects), *_days(period)).fetchall()
        sums = np.array([row[:4] for row in rows], dtype=np.int64).reshape(-1, 4)
        held, bins, counts = spread_of([row[4] for row in rows])
        return sums, np.stack([*np.repeat(sums[:, :2], held, axis=0).T, bins, counts], axis=1)

    def _rows(self, sql: str, *values: int) -> NDArray[np.int64]:
        width = sql[: sql.index(" FROM")].count(",") + 1
        return np.array(run(self._database, sql, *values).fetchall(), dtype=np.int64).reshape(-1, width)


def _days(period: Period) -> tuple[int, int]:
    return day_number(period.first), day_number(period.last)


def _of(sql: str, subjects: Collection[int]) -> str:
    return sql.format(", ".join(str(int(subject)) for subject in subjects))
