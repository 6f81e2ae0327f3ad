"""Figures of a site told by period and unit, wherever they lie. Everything is added up from days and hours."""

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
from edge.core.timekeeping import from_ms
from edge.storage.figures import MINUTE_MS
from edge.storage.statistics import levels, staying
from edge.storage.statistics.slots import all_hours, slot_of
from edge.storage.statistics.source import What
from edge.storage.subjects import LINE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date

    from edge.analytics.stays import Stays
    from edge.analytics.told import ClockHourLevel, Level, Place, Scope, StayPart
    from edge.analytics.usual import NotableDay, UsualDay
    from edge.storage.statistics.source import Source
    from edge.storage.subjects import Named


class ToldFromFigures:
    """What ``analytics.statistics.Statistics`` asks for and figures of days and hours can tell."""

    def _source(self) -> AbstractContextManager[Source]:
        """One state of the figures for everything inside; may be asked for within itself."""
        raise NotImplementedError

    def recorded(self) -> Period | None:
        """The days of which there are figures, from the first to the last; None if there are none."""
        with self._source() as source:
            found = source.edges()
        return None if found is None else Period(day_of_number(found[0]), day_of_number(found[1]))

    def flow(self, period: Period, unit: Unit, scope: Scope = SITE_WIDE, week_starts: int = 0) -> list[Flow]:
        """In and out of each hour, day, week, month or year of a period, also of those without anybody."""
        with self._source() as source:
            lines = lines_of(source.named(), scope)
            if unit is Unit.HOUR:
                return _hourly(source, period, lines)
            rows = source.table(What.DAYS, period, lines)
        days, ins, outs = (rows[:, place] for place in range(3))
        found = []
        for part in parts(period, unit, week_starts):
            here = slice(*days.searchsorted([day_number(part.first), day_number(part.last) + 1]))
            found.append(Flow(Slot(part.first, part.last), int(ins[here].sum()), int(outs[here].sum())))
        return found

    def lines(self, period: Period) -> list[LineCount]:
        """In and out of each line that was crossed, doors first."""
        with self._source() as source:
            named = source.named()
            every = [number for number, of in named.items() if of.kind == LINE]
            rows = source.table(What.SUBJECTS, period, every).tolist()
        # Several numbers may stand for one: a box was replaced by another at the same door.
        counts: dict[tuple[str, str, bool], tuple[int, int]] = {}
        for number, ins, outs in rows:
            key = (named[number].camera, named[number].name, named[number].door)
            before_ins, before_outs = counts.get(key, (0, 0))
            counts[key] = (before_ins + ins, before_outs + outs)
        found = [LineCount(*key, ins, outs) for key, (ins, outs) in counts.items()]
        return sorted(found, key=lambda line: (not line.door, line.camera, line.line))

    def summary(self, period: Period, scope: Scope = SITE_WIDE) -> Summary:
        """A period in a few figures."""
        with self._source() as source:
            lines = lines_of(source.named(), scope)
            rows = source.table(What.DAYS, period, lines)
            busiest = _busiest(source, period, lines, 1)
            stays = staying.together(source, period, staying.places_of(source.named(), scope))
            peak = levels.peak(source, period) if scope == SITE_WIDE else None
        ins, outs = int(rows[:, 1].sum()), int(rows[:, 2].sum())
        with_people = int(((rows[:, 1] > 0) | (rows[:, 2] > 0)).sum())
        return Summary(period, ins, outs, peak, stays, busiest[0] if busiest else None, with_people)

    def compare(self, period: Period, fit: Callable[[date], bool] = any_day, scope: Scope = SITE_WIDE) -> Comparison:
        """A period beside the one before, the same one a year ago, and what is usual for its weekdays."""
        with self._source():
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
        with self._source() as source:
            rows = source.table(What.DAYS, period, lines_of(source.named(), scope))
        return {day_of_number(row[0]): float(row[1]) for row in rows.tolist()}

    def by_clock_hour(self, period: Period, scope: Scope = SITE_WIDE) -> dict[date, tuple[float, ...]]:
        """How many came in at each of the 24 hours of the clock, of each day on which anybody crossed a line."""
        with self._source() as source:
            rows = source.table(What.CLOCK_HOURS, period, lines_of(source.named(), scope)).tolist()
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
        with self._source() as source:
            rows = source.table(What.WEEKLY, period, lines_of(source.named(), scope)).tolist()
        ins, outs = ([[0] * CLOCK_HOURS for _ in range(WEEKDAYS)] for _ in range(2))
        for weekday, clock_hour, came, went in rows:
            ins[weekday][clock_hour], outs[weekday][clock_hour] = came, went
        weeks, rest = divmod(len(period), WEEKDAYS)
        more = {(period.first.weekday() + place) % WEEKDAYS for place in range(rest)}
        days = tuple(weeks + (weekday in more) for weekday in range(WEEKDAYS))
        return Density(tuple(map(tuple, ins)), tuple(map(tuple, outs)), days)

    def busiest(self, period: Period, number: int = 10, scope: Scope = SITE_WIDE) -> list[BusyHour]:
        """The hours in which most came in, the busiest first."""
        with self._source() as source:
            return _busiest(source, period, lines_of(source.named(), scope), number)

    def levels(self, period: Period, unit: Unit, week_starts: int = 0) -> list[Level]:
        """How many were inside in each part of a period: the most, and at its end."""
        with self._source() as source:
            if unit is Unit.HOUR:
                return levels.by_hour(source, period)
            return levels.by_days(source, period, parts(period, unit, week_starts))

    def clock_hour_levels(self, period: Period) -> list[ClockHourLevel]:
        """How full it is at each hour of the clock at which anybody came or went."""
        with self._source() as source:
            return levels.by_clock_hour(source, period)

    def stays(self, period: Period, scope: Scope = SITE_WIDE) -> Stays:
        """Visits of the site or as a camera saw them end, or stays in a zone, with how they are spread."""
        with self._source() as source:
            return staying.together(source, period, staying.places_of(source.named(), scope))

    def stay_parts(
        self, period: Period, unit: Unit, scope: Scope = SITE_WIDE, week_starts: int = 0
    ) -> list[StayPart]:
        """The same for each part of a period."""
        with self._source() as source:
            places = staying.places_of(source.named(), scope)
            if unit is Unit.HOUR:
                return staying.by_hour(source, period, places)
            return staying.by_days(source, parts(period, unit, week_starts), places)

    def places(self, period: Period) -> list[Place]:
        """Stays in each zone, and visits by the camera that saw them end."""
        with self._source() as source:
            return staying.by_place(source, period)


def with_weeks_before(period: Period) -> Period:
    """A period and the weeks before it that tell what is usual."""
    return Period(period.first - WEEKS_BACK * WEEKDAYS * DAY, period.last)


def lines_of(named: Mapping[int, Named], scope: Scope) -> list[int]:
    """The numbers of the lines that a scope counts."""
    return [
        number
        for number, of in named.items()
        if of.kind == LINE
        and scope.camera in (None, of.camera)
        and (of.door if scope.line is None else of.name == scope.line)
    ]


def _hourly(source: Source, period: Period, lines: Sequence[int]) -> list[Flow]:
    rows = source.table(What.HOURS, period, lines).tolist()
    counts = {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}
    hours = all_hours(source.calendars(period), period, counts)
    return [Flow(slot_of(hour), *counts.get(hour, (0, 0))) for hour in hours]


def _busiest(source: Source, period: Period, lines: Sequence[int], number: int) -> list[BusyHour]:
    rows = source.table(What.BUSIEST, period, lines, number).tolist()
    return [
        BusyHour(day_of_number(day), from_ms(start_min * MINUTE_MS), clock_hour, ins)
        for day, start_min, clock_hour, ins in rows
    ]
