"""The records as statistics: what the panel shows, reports print and the forecast learns from.

Everything is added up from figures by day and hour, which the store keeps up; rows themselves are only read where a day
is looked at closely. So five years of a busy shop are told in less than a third of a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.periods import DAY, Period, Unit, before, parts, year_before
from edge.analytics.statistics import any_day
from edge.analytics.told import (
    CLOCK_HOURS,
    SITE_WIDE,
    WEEKDAYS,
    BusyHour,
    Comparison,
    Density,
    Flow,
    LineCount,
    Slot,
    Summary,
)
from edge.analytics.usual import WEEKS_BACK, notable_days, usual, usual_day
from edge.core.calendar import day_number, day_of_number
from edge.core.timekeeping import from_ms, to_ms
from edge.storage.calendars import calendars_of
from edge.storage.figures import MINUTE_MS
from edge.storage.queries import Records
from edge.storage.statistics import columns, levels, pictures, quality, staying
from edge.storage.statistics.slots import DayCalendars, all_hours, slot_of
from edge.storage.subjects import CAMERA, LINE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    import numpy as np
    from numpy.typing import NDArray

    from edge.analytics.schedule import Calendar
    from edge.analytics.stays import Stays
    from edge.analytics.told import ClockHourLevel, Curve, DataQuality, DayDrift, Level, Place, Scope, StayPart
    from edge.analytics.usual import NotableDay, UsualDay
    from edge.analytics.ways import Ways
    from edge.core.calendar import SiteCalendar
    from edge.storage.subjects import Named


class StatisticsReader(Records):
    """The records, open for reading, with figures of any period. Every call sees one state of the records.

    ``fit`` says of a day whether others may be compared with it: no holiday, and the box was on
    (``statistics.quality.fit_days``).
    """

    def recorded(self) -> Period | None:
        """The days of which there are figures, from the first to the last; None if there are none."""
        with self._reading():
            found = columns.edges(self._database)
        return None if found is None else Period(day_of_number(found[0]), day_of_number(found[1]))

    def flow(self, period: Period, unit: Unit, scope: Scope = SITE_WIDE, week_starts: int = 0) -> list[Flow]:
        """In and out of each hour, day, week, month or year of a period, also of those without anybody."""
        with self._reading() as named:
            lines = lines_of(named, scope)
            if unit is Unit.HOUR:
                return self._hourly(period, lines)
            rows = columns.table(self._database, columns.DAYS, period, lines)
        days, ins, outs = (rows[:, place] for place in range(3))
        found = []
        for part in parts(period, unit, week_starts):
            here = slice(*days.searchsorted([day_number(part.first), day_number(part.last) + 1]))
            found.append(Flow(Slot(part.first, part.last), int(ins[here].sum()), int(outs[here].sum())))
        return found

    def lines(self, period: Period) -> list[LineCount]:
        """In and out of each line that was crossed, doors first."""
        with self._reading() as named:
            every = [number for number, of in named.items() if of.kind == LINE]
            rows = columns.table(self._database, columns.SUBJECTS, period, every).tolist()
        found = [LineCount(named[s].camera, named[s].name, named[s].door, ins, outs) for s, ins, outs in rows]
        return sorted(found, key=lambda line: (not line.door, line.camera, line.line))

    def summary(self, period: Period, scope: Scope = SITE_WIDE) -> Summary:
        """A period in a few figures."""
        with self._reading() as named:
            lines = lines_of(named, scope)
            rows = columns.table(self._database, columns.DAYS, period, lines)
            busiest = self._busiest(period, lines, 1)
            stays = staying.together(self._database, period, staying.places_of(named, scope))
            peak = levels.peak(self._database, period) if scope == SITE_WIDE else None
        ins, outs = int(rows[:, 1].sum()), int(rows[:, 2].sum())
        with_people = int(((rows[:, 1] > 0) | (rows[:, 2] > 0)).sum())
        return Summary(period, ins, outs, peak, stays, busiest[0] if busiest else None, with_people)

    def compare(self, period: Period, fit: Callable[[date], bool] = any_day, scope: Scope = SITE_WIDE) -> Comparison:
        """A period beside the one before, the same one a year ago, and what is usual for its weekdays."""
        with self._reading():
            known = self.recorded()
            now = self.summary(period, scope)
            others = [
                self.summary(other, scope) if known is not None and other.first >= known.first else None
                for other in (before(period), year_before(period))
            ]
            counts = self.daily(with_weeks_before(period), scope)
        first = period.first if known is None else known.first
        usuals = [(day, usual(day, counts, fit, first)) for day in period]
        told = [(day, what) for day, what in usuals if what is not None]
        expected = sum(what.value for _, what in told) if told else None
        came = sum(int(counts.get(day, 0.0)) for day, _ in told)
        return Comparison(now, others[0], others[1], expected, came, len(told))

    def daily(self, period: Period, scope: Scope = SITE_WIDE) -> dict[date, float]:
        """How many came in on each day on which anybody did."""
        with self._reading() as named:
            rows = columns.table(self._database, columns.DAYS, period, lines_of(named, scope))
        return {day_of_number(row[0]): float(row[1]) for row in rows.tolist()}

    def by_clock_hour(self, period: Period, scope: Scope = SITE_WIDE) -> dict[date, tuple[float, ...]]:
        """How many came in at each of the 24 hours of the clock, of each day on which anybody crossed a line."""
        with self._reading() as named:
            rows = columns.table(self._database, columns.CLOCK_HOURS, period, lines_of(named, scope)).tolist()
        found: dict[int, list[float]] = {}
        for day, clock_hour, ins, _ in rows:
            found.setdefault(day, [0.0] * CLOCK_HOURS)[clock_hour] += ins
        return {day_of_number(day): tuple(hours) for day, hours in found.items()}

    def usual_day(
        self, day: date, fit: Callable[[date], bool] = any_day, scope: Scope = SITE_WIDE
    ) -> UsualDay | None:
        """How many usually come on such a weekday, by hour and in all; None if there are too few days to tell."""
        known = self.recorded()
        if known is None:
            return None
        hours = self.by_clock_hour(with_weeks_before(Period(day, day)), scope)
        return usual_day(day, lambda other: hours.get(other, (0.0,) * CLOCK_HOURS), fit, known.first)

    def notable(
        self, period: Period, fit: Callable[[date], bool] = any_day, scope: Scope = SITE_WIDE
    ) -> list[NotableDay]:
        """Days far from usual, the farthest first."""
        known = self.recorded()
        if known is None:
            return []
        counts = self.daily(with_weeks_before(period), scope)
        days = (day for day in period if day in known)
        return notable_days(days, counts, fit, known.first)

    def density(self, period: Period, scope: Scope = SITE_WIDE) -> Density:
        """In and out in each hour of the week."""
        with self._reading() as named:
            rows = columns.table(self._database, columns.WEEKLY, period, lines_of(named, scope)).tolist()
        ins, outs = ([[0] * CLOCK_HOURS for _ in range(WEEKDAYS)] for _ in range(2))
        for weekday, clock_hour, came, went in rows:
            ins[weekday][clock_hour], outs[weekday][clock_hour] = came, went
        weeks, rest = divmod(len(period), WEEKDAYS)
        more = {(period.first.weekday() + place) % WEEKDAYS for place in range(rest)}
        days = tuple(weeks + (weekday in more) for weekday in range(WEEKDAYS))
        return Density(tuple(map(tuple, ins)), tuple(map(tuple, outs)), days)

    def busiest(self, period: Period, number: int = 10, scope: Scope = SITE_WIDE) -> list[BusyHour]:
        """The hours in which most came in, the busiest first."""
        with self._reading() as named:
            return self._busiest(period, lines_of(named, scope), number)

    def levels(self, period: Period, unit: Unit, week_starts: int = 0) -> list[Level]:
        """How many were inside in each part of a period: the most, and at its end."""
        with self._reading():
            if unit is Unit.HOUR:
                calendars = DayCalendars(self._database, calendars_of(self._database), period)
                return levels.by_hour(self._database, calendars, period)
            return levels.by_days(self._database, period, parts(period, unit, week_starts))

    def clock_hour_levels(self, period: Period) -> list[ClockHourLevel]:
        """How full it is at each hour of the clock at which anybody came or went."""
        with self._reading():
            return levels.by_clock_hour(self._database, period)

    def curve(self, day: date, step_s: int = 300) -> Curve | None:
        """How many were inside over a day, every ``step_s`` seconds; None if nobody came or went."""
        with self._reading() as named:
            doors = [number for number, of in named.items() if of.kind == LINE and of.door]
            return levels.curve(self._database, calendars_of(self._database), doors, day, step_s)

    def stays(self, period: Period, scope: Scope = SITE_WIDE) -> Stays:
        """Visits of the site or as a camera saw them end, or stays in a zone, with how they are spread."""
        with self._reading() as named:
            return staying.together(self._database, period, staying.places_of(named, scope))

    def stay_parts(
        self, period: Period, unit: Unit, scope: Scope = SITE_WIDE, week_starts: int = 0
    ) -> list[StayPart]:
        """The same for each part of a period."""
        with self._reading() as named:
            places = staying.places_of(named, scope)
            if unit is Unit.HOUR:
                calendars = DayCalendars(self._database, calendars_of(self._database), period)
                return staying.by_hour(self._database, calendars, period, places)
            return staying.by_days(self._database, period, parts(period, unit, week_starts), places)

    def places(self, period: Period) -> list[Place]:
        """Stays in each zone, and visits by the camera that saw them end."""
        with self._reading() as named:
            return staying.by_place(self._database, period, named)

    def quality(self, period: Period, opening: Calendar | None = None) -> DataQuality:
        """How far the figures of a period can be believed. ``opening``: when the shop is open, if that is known."""
        with self._reading():
            return quality.quality(self._database, calendars_of(self._database), period, opening)

    def fit_days(self, period: Period, opening: Calendar | None = None) -> Callable[[date], bool]:
        """Which days of a period, and of the half year before it, may be compared with."""
        return quality.fit_days(self.quality(with_weeks_before(period), opening), opening)

    def drift(self, period: Period) -> list[DayDrift]:
        """The drift ledger, day by day."""
        with self._reading() as named:
            return quality.drift(self._database, calendars_of(self._database), period, lines_of(named, SITE_WIDE))

    def heat_map(self, camera: str, period: Period) -> NDArray[np.float64] | None:
        """Person-seconds of each cell of a camera's picture, rows x columns; None if there are none."""
        with self._reading() as named:
            site = calendars_of(self._database).latest
            span_ms = (site.start_ms(period.first), site.span_ms(period.last)[1])
            number = _camera(named, camera)
            return None if number is None else pictures.heat(self._database, number, span_ms)

    def ways(self, camera: str, start: datetime, end: datetime) -> Ways:
        """The walks a camera saw begin from ``start`` up to but without ``end``; they are kept for two days."""
        with self._reading() as named:
            return pictures.ways(self._database, _camera(named, camera) or 0, (to_ms(start), to_ms(end)))

    def calendar(self) -> SiteCalendar:
        """Which days the site goes by now."""
        with self._reading():
            return calendars_of(self._database).latest

    def _hourly(self, period: Period, lines: Sequence[int]) -> list[Flow]:
        rows = columns.table(self._database, columns.HOURS, period, lines).tolist()
        counts = {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}
        calendars = DayCalendars(self._database, calendars_of(self._database), period)
        return [Flow(slot_of(hour), *counts.get(hour, (0, 0))) for hour in all_hours(calendars, period, counts)]

    def _busiest(self, period: Period, lines: Sequence[int], number: int) -> list[BusyHour]:
        rows = columns.table(self._database, columns.BUSIEST, period, lines, number).tolist()
        return [
            BusyHour(day_of_number(day), from_ms(start_min * MINUTE_MS), clock_hour, ins)
            for day, start_min, clock_hour, ins in rows
        ]


def with_weeks_before(period: Period) -> Period:
    """A period and the weeks before it that tell what is usual."""
    return Period(period.first - WEEKS_BACK * WEEKDAYS * DAY, period.last)


def _camera(named: dict[int, Named], camera: str) -> int | None:
    return next((number for number, of in named.items() if of.kind == CAMERA and of.camera == camera), None)


def lines_of(named: dict[int, Named], scope: Scope) -> list[int]:
    """The numbers of the lines that a scope counts."""
    return [
        number
        for number, of in named.items()
        if of.kind == LINE
        and scope.camera in (None, of.camera)
        and (of.door if scope.line is None else of.name == scope.line)
    ]
