"""The site's own days and hours: which day a moment belongs to, and when a day begins and ends.

Days have 23, 24 or 25 hours where the clocks are changed, and a shop that is open past midnight begins its day in the
morning. Times are milliseconds since 1970 UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING

from edge.core.timekeeping import from_ms, to_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR_MS = 3_600_000
# Offsets of zones from UTC are whole quarters of an hour, and so are changes of the clocks.
QUARTER_MS = HOUR_MS // 4
FIRST_DAY = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class SiteHour:
    """An hour by the clock on the shop's wall.

    ``start_ms``: when it began. ``clock_hour``: what the clock showed then, 0 to 23; on a day of 25 hours one is there
    twice, with another start.
    """

    day: date
    start_ms: int
    clock_hour: int


@dataclass(frozen=True, slots=True)
class SiteCalendar:
    """Days of a site in ``zone`` that begin when its clock shows ``day_starts_h`` (0 to 23)."""

    zone: tzinfo = timezone.utc
    day_starts_h: int = 0

    @property
    def zone_name(self) -> str:
        """What the zone is called, such as Europe/Paris."""
        return str(self.zone)

    def day_of(self, at_ms: int) -> date:
        """The day a moment belongs to."""
        return self._day(self._local(at_ms))

    def hour_of(self, at_ms: int) -> SiteHour:
        """The hour a moment belongs to."""
        local = self._local(at_ms)
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return SiteHour(self._day(local), at_ms - past // timedelta(milliseconds=1), local.hour)

    def start_ms(self, day: date) -> int:
        """When a day begins. If its first moment is left out by the clocks, at the first one there is."""
        return to_ms(datetime(day.year, day.month, day.day, self.day_starts_h, tzinfo=self.zone))

    def span_ms(self, day: date) -> tuple[int, int]:
        """When a day begins and when it has ended."""
        return self.start_ms(day), self.start_ms(day + timedelta(days=1))

    def hours_of(self, day: date) -> Iterator[SiteHour]:
        """Every hour of a day in order: 23, 24 or 25 of them."""
        now_ms, end_ms = self.span_ms(day)
        last = None
        while now_ms < end_ms:
            hour = self.hour_of(now_ms)
            if hour != last:
                yield hour
            last = hour
            now_ms += QUARTER_MS

    def _local(self, at_ms: int) -> datetime:
        return from_ms(at_ms).astimezone(self.zone)

    def _day(self, local: datetime) -> date:
        day = local.date()
        return day - timedelta(days=1) if local.hour < self.day_starts_h else day


def day_number(day: date) -> int:
    """Days since 1970-01-01, by which days are kept."""
    return (day - FIRST_DAY).days


def day_of_number(number: int) -> date:
    """The day of that number."""
    return FIRST_DAY + timedelta(days=number)
