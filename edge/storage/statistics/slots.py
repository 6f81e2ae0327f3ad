"""The hours of some days, also those without anybody: 23 or 25 where the clocks change, by the zone of then."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from edge.analytics.told import Slot
from edge.core.calendar import HOUR_MS, day_number, day_of_number
from edge.core.timekeeping import from_ms
from edge.storage.figures import MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from edge.analytics.periods import Period
    from edge.core.calendar import SiteCalendar

DAY_HOURS, HOUR_MIN = 24, 60
HourAt = tuple[int, int, int]
"""Day's number, start in minutes since 1970 UTC, and what the clock showed."""


class DayCalendars:
    """Which calendar each day went by: ``latest``; or with ``days``, numbered and in order, each day's or the last
    one's before it, and ``first`` before all of them."""  # noqa: D205, D209 - one sentence

    def __init__(
        self, latest: SiteCalendar, first: SiteCalendar | None = None, days: Sequence[tuple[int, SiteCalendar]] = ()
    ) -> None:
        self._latest, self._first = latest, first or latest
        self._days, self._of = [day for day, _ in days], [calendar for _, calendar in days]
        self.several = first is not None

    def of(self, day: int) -> SiteCalendar:
        """The calendar of the day of that number."""
        place = bisect_right(self._days, day)
        if place:
            return self._of[place - 1]
        return self._first if self._days else self._latest


def hours_of(calendars: DayCalendars, day: int) -> Iterator[HourAt]:
    """The hours of the day of that number."""
    calendar, date = calendars.of(day), day_of_number(day)
    start_ms, end_ms = calendar.span_ms(date)
    zone = from_ms(start_ms).astimezone(calendar.zone).utcoffset()
    if end_ms - start_ms == DAY_HOURS * HOUR_MS and zone == from_ms(end_ms - 1).astimezone(calendar.zone).utcoffset():
        for hour in range(DAY_HOURS):
            yield day, (start_ms + hour * HOUR_MS) // MINUTE_MS, (calendar.day_starts_h + hour) % DAY_HOURS
        return
    for site_hour in calendar.hours_of(date):
        yield day, site_hour.start_ms // MINUTE_MS, site_hour.clock_hour


def all_hours(calendars: DayCalendars, period: Period, known: Iterable[HourAt]) -> list[HourAt]:
    """Every hour of a period in order, those known included. ``known`` are hours something happened in.

    Where a site moved to another zone, hours of the one that overlap hours of the other are told once.
    """
    first, last = day_number(period.first), day_number(period.last)
    hours = [hour for day in range(first, last + 1) for hour in hours_of(calendars, day)]
    return _apart(hours, set(known)) if calendars.several else hours


def _apart(hours: Iterable[HourAt], known: set[HourAt]) -> list[HourAt]:
    """Hours of several zones in order, without those nothing happened in that overlap others."""
    starts = sorted(start_min for _, start_min, _ in known)
    found: list[HourAt] = []
    for hour in sorted({*hours, *known}):
        start_min = hour[1]
        if hour not in known:
            near = bisect_right(starts, start_min - HOUR_MIN)
            taken = near < len(starts) and starts[near] < start_min + HOUR_MIN
            if taken or (found and start_min < found[-1][1] + HOUR_MIN):
                continue
        found.append(hour)
    return found


def slot_of(hour: HourAt) -> Slot:
    """The hour as it is told."""
    day = day_of_number(hour[0])
    return Slot(day, day, from_ms(hour[1] * MINUTE_MS), hour[2])
