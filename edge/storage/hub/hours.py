"""Which hours of a site many moments belong to, all at once.

The same as ``SiteCalendar.hour_of`` gives for each, days of 23 and 25 hours and half-hour zones included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from edge.core.calendar import HOUR_MS, SiteCalendar
from edge.core.timekeeping import from_ms

if TYPE_CHECKING:
    from edge.core.shipment import Column

DAY_MS = 24 * HOUR_MS
MINUTE_MS = 60_000
# Eleven years of hours.
MOST_KNOWN = 100_000


class Hours(NamedTuple):
    """Of each moment: the site's day (days since 1970), the hour's start in minutes since 1970 UTC, what the clock
    showed then."""  # noqa: D205, D209 - one sentence

    day: Column
    start_min: Column
    clock_hour: Column


class SiteHours:
    """Finds hours by a site's calendar; remembers how far the zone is from UTC in each hour of UTC."""

    def __init__(self, calendar: SiteCalendar) -> None:
        self.calendar = calendar
        self._offsets: dict[int, int | None] = {}

    def of(self, at_ms: Column) -> Hours:
        """The hours of these moments."""
        local = at_ms + self._offset_of(at_ms)
        clock_hour = local // HOUR_MS % 24
        day = local // DAY_MS - (clock_hour < self.calendar.day_starts_h)
        return Hours(day, (at_ms - local % HOUR_MS) // MINUTE_MS, clock_hour)

    def _offset_of(self, at_ms: Column) -> Column:
        hours, places = np.unique(at_ms // HOUR_MS, return_inverse=True)
        known = [self._offset_in(hour) for hour in hours.tolist()]
        if None not in known:
            return np.array(known, dtype=np.int64)[places]
        # Some zones change their clocks at half past, or did at one minute past midnight: there, one by one.
        steady = np.array([0 if offset is None else offset for offset in known], dtype=np.int64)[places]
        mixed = np.array([offset is None for offset in known])[places]
        steady[mixed] = [self._offset_ms(int(at)) for at in at_ms[mixed]]
        return steady

    def _offset_in(self, hour: int) -> int | None:
        """How far local time is ahead of UTC in an hour of UTC, in ms; None if that changes within it."""
        if hour not in self._offsets:
            if len(self._offsets) >= MOST_KNOWN:
                self._offsets.clear()
            first = self._offset_ms(hour * HOUR_MS)
            last = self._offset_ms((hour + 1) * HOUR_MS - 1)
            self._offsets[hour] = first if first == last else None
        return self._offsets[hour]

    def _offset_ms(self, at_ms: int) -> int:
        offset = from_ms(at_ms).astimezone(self.calendar.zone).utcoffset()
        if offset is None:
            raise ValueError(f"{self.calendar.zone_name} says nothing of its distance to UTC")
        return round(offset.total_seconds() * 1000)
