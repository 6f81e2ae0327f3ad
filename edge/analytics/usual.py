"""What is usual for a weekday, and which days were not usual at all. Pure.

Usual is the median of the last eight of the same weekday that are fit to compare with: no holidays, and none on which
the box was off while the shop was open. Eight weeks are enough that one odd week does not move a median and few enough
that the season does not. Spread is the median distance from that median, made comparable to a standard deviation
(factor 1.4826: Hampel, Journal of the American Statistical Association 69, 1974), and at least what chance alone does
to a count of people that come independently (the root of it).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from math import sqrt
from statistics import median
from typing import TYPE_CHECKING

from edge.core.calendar import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from edge.core.calendar import SiteCalendar

WEEK = timedelta(days=7)
DAYS_COMPARED, DAYS_LEAST = 8, 3
# Holidays and outages may take some weeks away; half a year ago is another season.
WEEKS_BACK = 26
SPREAD_OF_MEDIAN = 1.4826
# One day in eighty by chance alone if days were spread normally; and a difference that a shopkeeper would call one.
NOTABLE_SPREADS, NOTABLE_PART = 2.5, 0.1


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual: ``value`` is the median of ``days``, ``spread`` like a standard deviation of one day."""

    value: float
    spread: float
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class UsualDay:
    """A usual day: each clock hour's median (24 of them), and that of whole days. ``days`` it was taken from."""

    hours: tuple[float, ...]
    total: Usual

    def by(self, site: SiteCalendar, now_ms: int) -> float:
        """How many have usually come by this moment of the day (UTC, ms since 1970), people coming evenly in an hour.

        On the day of 25 hours the one that is there twice brings half its people each time.
        """
        hours = list(site.hours_of(site.day_of(now_ms)))
        often = Counter(hour.clock_hour for hour in hours)
        parts = ((hour.clock_hour, min(1.0, max(0.0, (now_ms - hour.start_ms) / HOUR_MS))) for hour in hours)
        return sum(part * self.hours[clock_hour] / often[clock_hour] for clock_hour, part in parts)


@dataclass(frozen=True, slots=True)
class NotableDay:
    """A day far from usual. ``part`` is by what part it was above (or, below 0, below) the usual day."""

    day: date
    value: float
    usual: Usual

    @property
    def part(self) -> float:
        """0.18 is 18 % above."""
        return self.value / self.usual.value - 1

    @property
    def spreads(self) -> float:
        """How many spreads from usual."""
        return (self.value - self.usual.value) / self.usual.spread


def compared_days(day: date, fit: Callable[[date], bool], first: date) -> tuple[date, ...]:
    """The days that tell what is usual on ``day``, latest first; none before ``first``, when the records begin."""
    back = (day - number * WEEK for number in range(1, WEEKS_BACK + 1))
    return tuple(islice((other for other in back if other >= first and fit(other)), DAYS_COMPARED))


def usual(day: date, values: Mapping[date, float], fit: Callable[[date], bool], first: date) -> Usual | None:
    """What is usual on such a day; None if there are fewer than three days to tell. A day not in ``values`` had 0."""
    days = compared_days(day, fit, first)
    return usual_of([values.get(other, 0.0) for other in days], days)


def usual_of(counts: Sequence[float], days: Sequence[date]) -> Usual | None:
    """What is usual by some counts; None if they are fewer than three."""
    if len(counts) < DAYS_LEAST:
        return None
    value = float(median(counts))
    distances = median(abs(count - value) for count in counts)
    return Usual(value, max(SPREAD_OF_MEDIAN * distances, sqrt(max(value, 1.0))), tuple(days))


def usual_day(
    day: date, hours: Callable[[date], Sequence[float]], fit: Callable[[date], bool], first: date
) -> UsualDay | None:
    """A usual day by clock hour. ``hours`` gives the 24 counts of a day."""
    days = compared_days(day, fit, first)
    table = [hours(other) for other in days]
    total = usual_of([sum(row) for row in table], days)
    if total is None:
        return None
    return UsualDay(tuple(float(median(column)) for column in zip(*table, strict=True)), total)


def notable_days(
    days: Iterable[date], values: Mapping[date, float], fit: Callable[[date], bool], first: date
) -> list[NotableDay]:
    """Days that were neither holidays nor cut short and yet far from usual, the farthest first."""
    found = []
    for day in days:
        what = usual(day, values, fit, first) if fit(day) else None
        if what is None or not what.value:
            continue
        one = NotableDay(day, values.get(day, 0.0), what)
        if abs(one.spreads) >= NOTABLE_SPREADS and abs(one.part) >= NOTABLE_PART:
            found.append(one)
    return sorted(found, key=lambda one: -abs(one.spreads))
