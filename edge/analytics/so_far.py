"""Whether a day is unusually quiet or busy so far. Pure.

Asked once an hour while the shop is open: those who came in the whole hours behind it are held against what was
expected of these hours (``analytics/forecast.py``). The band is twice as wide as the forecast's, because it is looked
at ten times a day: with that of four days in five, somebody would be told something on most days. Nothing is said of a
day on which box or cameras were off for long, and while fewer than ``LEAST`` were to be expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.analytics.forecast import NO_HOURS, forecast
from edge.analytics.history import history
from edge.analytics.periods import DAY, Period
from edge.analytics.usual import WEEKS_BACK
from edge.core.calendar import HOUR_MS
from edge.core.timekeeping import to_ms

if TYPE_CHECKING:
    from datetime import date, datetime

    from edge.analytics.forecast import Expected, History
    from edge.analytics.schedule import Calendar
    from edge.analytics.statistics import Statistics
    from edge.core.calendar import SiteCalendar

WIDER = 2.0
# Of a handful of people chance alone makes any difference.
LEAST = 20.0
# Longer than this nothing may have been counted today, in all.
MOST_MISSED_S = 1800.0
# What is usual is told by half a year; how far forecasts were off, by the weeks before.
KNOWN_DAYS = (WEEKS_BACK + 16) * 7


@dataclass(frozen=True, slots=True)
class SoFar:
    """How many ``came`` in the whole hours of a day so far, and what was ``expected`` of them, with the wide band."""

    day: date
    came: float
    expected: Expected

    @property
    def verdict(self) -> int:
        """1 for unusually busy, -1 for unusually quiet, 0 for neither."""
        return self.expected.verdict(self.came)

    @property
    def part(self) -> float:
        """By what part more came than expected; below 0, fewer."""
        return self.came / self.expected.value - 1


def so_far(source: Statistics, site: SiteCalendar, opening: Calendar | None, now: datetime) -> SoFar | None:
    """The day that ``now`` is in, by the records. ``opening``: when the shop is open, if that is known.

    None if the shop is closed, or nothing can be said.
    """
    if opening is not None and opening.open_since(now) is None:
        return None
    recorded, today = source.recorded(), site.day_of(to_ms(now))
    if recorded is None or not recorded.first < today:
        return None
    if sum(gap.open_s for gap in source.quality(Period(today, today), opening).gaps) > MOST_MISSED_S:
        return None
    known = Period(max(recorded.first, today - KNOWN_DAYS * DAY), today)
    return judged(history(source, opening, known), site, now)


def judged(known: History, site: SiteCalendar, now: datetime) -> SoFar | None:
    """The same, of what is known. None if the day cannot be compared, or too few were to be expected."""
    today = site.day_of(to_ms(now))
    made = forecast(known, today, 1) if known.fit(today) else None
    if made is None:
        return None
    behind = {hour.clock_hour for hour in site.hours_of(today) if hour.start_ms + HOUR_MS <= to_ms(now)}
    # On the day of 25 hours the one that is there twice counts once it is behind both times.
    behind -= {hour.clock_hour for hour in site.hours_of(today) if hour.start_ms + HOUR_MS > to_ms(now)}
    expected = made.together(today, behind, WIDER)
    if expected.value < LEAST:
        return None
    hours = known.hours.get(today, NO_HOURS)
    return SoFar(today, sum(hours[clock_hour] for clock_hour in behind), expected)
