"""A site's figures in the hub's tables, as a box has them of itself: added up by the database, in arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edge.analytics.periods import Period
from edge.core.calendar import day_number
from edge.storage.statistics.slots import DayCalendars
from edge.storage.statistics.source import What, of_days, stays_of
from edge.storage.subjects import Named

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from edge.analytics.stays import Stays
    from edge.core.calendar import SiteCalendar
    from edge.storage.hub.database import HubDatabase

# A subject is told apart from those of other devices by this many times its device's number; a device has fewer.
APART = 16_384
SUBJECTS = "SELECT device * 16384 + number, kind, camera, name, door FROM subject WHERE device IN ({devices})"
OF = (
    "FROM hour_figure WHERE device IN ({devices}) AND day BETWEEN %s AND %s "
    "AND device * 16384 + subject IN ({subjects})"
)
FLOWS = "CAST(sum(ins) AS BIGINT), CAST(sum(outs) AS BIGINT)"
STAYS = "CAST(sum(stays) AS BIGINT), CAST(sum(stay_ds) AS BIGINT)"
MOST_FIRST = "GROUP BY 1, 2, 3 HAVING sum(ins) > 0 ORDER BY 4 DESC, 2 LIMIT %s"
TABLES = {
    What.DAYS: (5, f"SELECT day, {FLOWS}, {STAYS} {OF} GROUP BY day ORDER BY day"),
    What.HOURS: (7, f"SELECT day, {{start}}, clock_hour, {FLOWS}, {STAYS} {OF} GROUP BY 1, 2, 3 ORDER BY 1, 2"),
    What.CLOCK_HOURS: (4, f"SELECT day, clock_hour, {FLOWS} {OF} GROUP BY day, clock_hour"),
    What.WEEKLY: (4, f"SELECT (day + 3) % 7, clock_hour, {FLOWS} {OF} GROUP BY 1, 2"),
    What.SUBJECTS: (3, f"SELECT device * 16384 + subject, {FLOWS} {OF} GROUP BY 1 HAVING sum(ins) + sum(outs) > 0"),
    What.BUSIEST: (4, f"SELECT day, {{start}}, clock_hour, CAST(sum(ins) AS BIGINT) {OF} {MOST_FIRST}"),
}  # fmt: skip
SUBJECT_SUMS = f"SELECT device * 16384 + subject, {STAYS} {OF} GROUP BY 1 HAVING sum(stays) > 0"
SPREAD = f"CAST(sum(stays) AS BIGINT) {OF.replace('hour_figure', 'stay_figure')}"
BINS = f"SELECT bin, {SPREAD} GROUP BY bin"
DAY_BINS = f"SELECT day, bin, {SPREAD} GROUP BY day, bin ORDER BY day"
SUBJECT_BINS = f"SELECT device * 16384 + subject, bin, {SPREAD} GROUP BY 1, 2"
# Of so many parts it is quicker to have each added up by the database than to carry all days.
FEW = 100
LEVELS = ("SELECT device, day, {start}, clock_hour, net, rise FROM level_figure WHERE device IN ({devices}) "
          "AND day BETWEEN %s AND %s ORDER BY day, 3, device")  # fmt: skip
BEFORE = ("SELECT CAST(coalesce(sum(net), 0) AS BIGINT) FROM level_figure WHERE device IN ({devices}) AND day < %s")
# Each device by itself, so that the key is looked up and not gone through.
EDGES = "SELECT min(day), max(day) FROM hour_figure WHERE device = %s"
# Hours of shops in several zones are put together by what their clocks showed.
ONE_ZONE, BY_THE_CLOCK = "start_min", "day * 1440 + clock_hour * 60"


class HubFigures:
    """The figures of some devices together: a ``Source``. Only within one state of the tables.

    ``by_the_clock``: hours are those of each device's own clock, and begin as if that were UTC.
    """

    def __init__(
        self, database: HubDatabase, devices: Sequence[int], calendar: SiteCalendar, *, by_the_clock: bool = False
    ) -> None:
        self._database, self.devices, self._calendar = database, devices, calendar
        # Of a hub without any device nothing is found, by the same statements.
        self._words = {"devices": ", ".join(map(str, devices)) or "-1"}
        self._words["start"] = BY_THE_CLOCK if by_the_clock else ONE_ZONE
        self._named: dict[int, Named] | None = None

    def named(self) -> Mapping[int, Named]:
        """What the subjects' numbers stand for."""
        if self._named is None:
            rows = self._database.run(SUBJECTS.format(**self._words)).fetchall()
            self._named = {number: Named(kind, camera, name, bool(door)) for number, kind, camera, name, door in rows}
        return self._named

    def table(self, what: What, period: Period, subjects: Collection[int], *more: int) -> NDArray[np.int64]:
        """Rows as told at ``What``."""
        width, sql = TABLES[what]
        return self._rows(width, sql, subjects, *_days(period), *more)

    def stays(self, cut: Sequence[Period], subjects: Collection[int]) -> list[Stays]:
        """Stays of each of some periods, which are in order, with how they are spread."""
        whole = Period(cut[0].first, cut[-1].last)
        days = self.table(What.DAYS, whole, subjects)
        if len(cut) <= FEW:
            bins = [self._rows(2, BINS, subjects, *_days(part)) for part in cut]
        else:
            rows = self._rows(3, DAY_BINS, subjects, *_days(whole))
            bins = [of_days(rows, part) for part in cut]
        return [stays_of(of_days(days, part), some) for part, some in zip(cut, bins, strict=True)]

    def stays_by_subject(self, period: Period, subjects: Collection[int]) -> dict[int, Stays]:
        """Stays of each subject that had any, with how they are spread."""
        sums, bins = (self._rows(3, sql, subjects, *_days(period)) for sql in (SUBJECT_SUMS, SUBJECT_BINS))
        return {one: stays_of(sums[sums[:, 0] == one], bins[bins[:, 0] == one]) for one in sums[:, 0].tolist()}

    def day_levels(self, period: Period) -> NDArray[np.int64]:
        """Day, the most inside, how many at its end; of days on which that changed, in order."""
        rows = self.hour_levels(period)
        if not len(rows):
            return np.empty((0, 3), dtype=np.int64)
        firsts = np.flatnonzero(np.concatenate([[True], rows[1:, 0] != rows[:-1, 0]]))
        lasts = np.concatenate([firsts[1:], [len(rows)]]) - 1
        return np.stack([rows[firsts, 0], np.maximum.reduceat(rows[:, 3], firsts), rows[lasts, 4]], axis=1)

    def hour_levels(self, period: Period) -> NDArray[np.int64]:
        """Day, start, clock hour, the most inside, how many at its end; of hours in which that changed, in order.

        Several devices may have been at their most at different moments of an hour: then there were so many at most.
        """
        rows = self._rows(6, LEVELS, (), *_days(period))
        if not len(rows):
            return np.empty((0, 5), dtype=np.int64)
        keys = rows[:, 1:4]
        firsts = np.flatnonzero(np.concatenate([[True], (keys[1:] != keys[:-1]).any(axis=1)]))
        alone = np.diff(np.concatenate([firsts, [len(rows)]])) == 1
        net, rise = np.add.reduceat(rows[:, 4], firsts), np.add.reduceat(np.maximum(0, rows[:, 5]), firsts)
        rise[alone] = rows[firsts[alone], 5]
        inside = self.net_before(day_number(period.first)) + np.cumsum(net)
        return np.concatenate([keys[firsts], np.stack([np.maximum(0, inside - net + rise), inside], axis=1)], axis=1)

    def inside_before(self, day: int) -> int:
        """How many were inside when a day began."""
        return max(0, self.net_before(day))

    def net_before(self, day: int) -> int:
        """The same by the ledger, which may be below 0."""
        return int(self._database.run(BEFORE.format(**self._words), day).fetchone()[0])

    def edges(self) -> tuple[int, int] | None:
        """The first and the last day of which there are figures."""
        found = [self._database.run(EDGES, device).fetchone() for device in self.devices]
        known = [(int(first), int(last)) for first, last in found if first is not None]
        return (min(first for first, _ in known), max(last for _, last in known)) if known else None

    def calendars(self, period: Period) -> DayCalendars:  # noqa: ARG002 - where a box has had others before
        """The site's calendar: its hours are counted anew when it goes by another one."""
        return DayCalendars(self._calendar)

    def _rows(self, width: int, sql: str, subjects: Collection[int], *values: int) -> NDArray[np.int64]:
        listed = ", ".join(str(int(subject)) for subject in subjects) or "-1"
        statement = sql.format(**self._words, subjects=listed)
        # The driver of PostgreSQL reads a percent sign that is none of a value as two.
        words = statement.replace("% 7", "%% 7") if self._database.on_postgres else statement
        return np.array(self._database.run(words, *values).fetchall(), dtype=np.int64).reshape(-1, width)


def _days(period: Period) -> tuple[int, int]:
    return day_number(period.first), day_number(period.last)
