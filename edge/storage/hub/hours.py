"""Which hours of a site many moments belong to, all at once.

The same as ``SiteCalendar.hour_of`` gives for each, days of 23 and 25 hours and half-hour zones included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from edge.core.calendar import HOUR_MS, QUARTER_MS, SiteCalendar
from edge.core.timekeeping import from_ms

if TYPE_CHECKING:
    from edge.core.shipment import Column

DAY_MS = 24 * HOUR_MS
MINUTE_MS = 60_000
# Three years of quarters of an hour.
MOST_KNOWN = 100_000


class Hours(NamedTuple):
    """Of each moment: the site's day (days since 1970), the hour's start in minutes since 1970 UTC, what the clock
    showed then."""  # noqa: D205, D209 - one sentence

    day: Column
    start_min: Column
    clock_hour: Column


class SiteHours:
    """Finds hours by a site's calendar; remembers how far the zone is from UTC in each quarter of an hour."""

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
        quarters, places = np.unique(at_ms // QUARTER_MS, return_inverse=True)
        known = [self._offset_in(int(quarter)) for quarter in quarters]
        if None not in known:
            return np.array(known, dtype=np.int64)[places]
        # Some zones changed their clocks at one minute past midnight: there, one by one.
        steady = np.array([0 if offset is None else offset for offset in known], dtype=np.int64)[places]
        mixed = np.array([offset is None for offset in known])[places]
        steady[mixed] = [self._offset_ms(int(at)) for at in at_ms[mixed]]
        return steady

    def _offset_in(self, quarter: int) -> int | None:
        """How far local time is ahead of UTC in a quarter of an hour, in ms; None if that changes within it."""
        if quarter not in self._offsets:
            if len(self._offsets) >= MOST_KNOWN:
                self._offsets.clear()
            first = self._offset_ms(quarter * QUARTER_MS)
            last = self._offset_ms((quarter + 1) * QUARTER_MS - 1)
            self._offsets[quarter] = first if first == last else None
        return self._offsets[quarter]

    def _offset_ms(self, at_ms: int) -> int:
        offset = from_ms(at_ms).astimezone(self.calendar.zone).utcoffset()
        if offset is None:
            raise ValueError(f"{self.calendar.zone_name} says nothing of its distance to UTC")
        return round(offset.total_seconds() * 1000)
