"""How many people to expect in the coming days, by the hour, with a band. Pure.

A seasonal median with a trend. Each weekday is expected to be the median of its last eight that can be compared with
(``analytics/usual.py``), carried on by the trend of the last eight weeks: Theil and Sen's slope, the median of the
slopes between all pairs of days, of how far each day was from its weekday's median as a logarithm (Sen, Journal of the
American Statistical Association 63, 1968). Medians, because one festival or one outage must not move what is expected.
The trend is taken at half its value, since a trend carried on in full overshoots more often than not (Gardner and
McKenzie, Management Science 31, 1985). The day is spread over its hours as the median of these days was.

The band holds about four of five days: by how far forecasts made in the same way for each of the last eight weeks were
off (their median distance, made comparable to a standard deviation), and by what chance alone does to a count.
Judged as in Hyndman and Athanasopoulos, Forecasting: Principles and Practice, chapter 5: each week is forecast from
what was known before it, and the error is compared with that of the naive forecast, the same as a week ago.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import exp, log, sqrt
from statistics import median
from typing import TYPE_CHECKING

from edge.analytics.usual import DAYS_COMPARED, SPREAD_OF_MEDIAN, compared_days

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date

DAY, WEEK = timedelta(days=1), timedelta(days=7)
CLOCK_HOURS, DAYS_LEAST = 24, 3
# Four of five days lie within so many standard deviations.
Z_BAND = 1.2816
TREND_PART = 0.5
# No shop grows or shrinks faster for weeks on end; a steeper slope is an opening or a building site.
MOST_TREND_A_DAY = 0.01
# Until so many forecasts can be judged, as far off as a shop's days usually are.
LEAST_JUDGED, USUAL_OFF = 10, 0.2
NO_HOURS = (0.0,) * CLOCK_HOURS


@dataclass(frozen=True, slots=True)
class Expected:
    """How many are expected to come in on a day (``clock_hour`` None) or at an hour of it, and the band about it."""

    day: date
    clock_hour: int | None
    value: float
    low: float
    high: float

    def verdict(self, came: float) -> int:
        """1 if more came than the band holds, -1 if fewer, 0 if it was to be expected."""
        return (came > self.high) - (came < self.low)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Days and their hours. ``off``: how far such forecasts were off, as a part; ``trend``: by what part a week."""

    days: tuple[Expected, ...]
    hours: tuple[Expected, ...]
    off: float
    trend: float

    def together(self, day: date, clock_hours: Collection[int], wider: float = 1.0) -> Expected:
        """What is expected in some hours of a day together, with a band so many times as wide."""
        value = sum(one.value for one in self.hours if one.day == day and one.clock_hour in clock_hours)
        return _expected(day, None, value, self.off, wider)


@dataclass(frozen=True, slots=True)
class History:
    """What is known: the 24 hours of each day on which anybody came, and which days may be learned from.

    ``first`` is the first day of the records. ``closed`` says on which days nobody is expected at all.
    """

    hours: Mapping[date, Sequence[float]]
    fit: Callable[[date], bool]
    first: date
    closed: Callable[[date], bool]

    def total(self, day: date) -> float:
        """How many came in on a day."""
        return sum(self.hours.get(day, NO_HOURS))


@dataclass(frozen=True, slots=True)
class Judged:
    """How forecasts would have done on ``days`` days: the mean error of a day and of an hour, in people.

    The naive forecast is the same as a week ago. ``ratio`` is ours by the naive one's; ``fair_ratio`` the same on those
    days only whose day a week ago was a usual one as well. ``held`` is the share of days within the band.
    """

    days: int
    day_error: float
    naive_day_error: float
    hour_error: float
    naive_hour_error: float
    fair_days: int
    fair_ratio: float | None
    held: float

    @property
    def ratio(self) -> float | None:
        """Below 1: better than the naive forecast. None if that made no error."""
        return self.day_error / self.naive_day_error if self.naive_day_error else None


def forecast(history: History, first: date, days: int = 7) -> Forecast | None:
    """What to expect from ``first`` on, by what was known before; None if there are too few weeks to tell."""
    off = _off(history, first)
    trend = _trend(history, first)
    told = [_day(history, first, first + number * DAY, trend) for number in range(days)]
    found = [hours for hours in told if hours is not None]
    if not found:
        return None
    by_day, by_hour = [], []
    for number, hours in enumerate(told):
        if hours is not None:
            day = first + number * DAY
            by_day.append(_expected(day, None, sum(hours), off))
            by_hour += [_expected(day, hour, value, off) for hour, value in enumerate(hours)]
    return Forecast(tuple(by_day), tuple(by_hour), off, exp(trend * 7) - 1)


def judge(history: History, first: date, last: date) -> Judged | None:
    """How forecasts made at the beginning of each week would have done, on days fit to be learned from."""
    rows: list[tuple[date, float, float, float, float, int]] = []
    start = first
    while start <= last:
        made = forecast(history, start)
        for expected in made.days if made is not None else ():
            day = expected.day
            if day <= last and history.fit(day) and not history.closed(day):
                hours = [hour.value for hour in made.hours if hour.day == day] if made is not None else []
                rows.append((day, expected.value, *_errors(history, day, hours), expected.verdict(history.total(day))))
        start += WEEK
    return _judged(history, rows) if rows else None


def _errors(history: History, day: date, hours: Sequence[float]) -> tuple[float, float, float]:
    """Of a day: the naive forecast, and the errors of ours and of the naive one summed over its hours."""
    came, ago = (history.hours.get(when, NO_HOURS) for when in (day, day - WEEK))
    ours = sum(abs(one - other) for one, other in zip(hours, came, strict=True))
    naive = sum(abs(one - other) for one, other in zip(ago, came, strict=True))
    return sum(ago), ours, naive


def _judged(history: History, rows: Sequence[tuple[date, float, float, float, float, int]]) -> Judged:
    came = {day: history.total(day) for day, *_ in rows}
    ours = [abs(value - came[day]) for day, value, *_ in rows]
    naive = [abs(ago - came[day]) for day, _, ago, *_ in rows]
    fair = [place for place, row in enumerate(rows) if history.fit(row[0] - WEEK)]
    fair_naive = sum(naive[place] for place in fair)
    open_hours = sum(1 for day, *_ in rows for people in history.hours.get(day, NO_HOURS) if people) or 1
    return Judged(
        len(rows), sum(ours) / len(rows), sum(naive) / len(rows),
        sum(row[3] for row in rows) / open_hours, sum(row[4] for row in rows) / open_hours,
        len(fair), sum(ours[place] for place in fair) / fair_naive if fair_naive else None,
        sum(row[5] == 0 for row in rows) / len(rows),
    )  # fmt: skip


def _day(history: History, known_before: date, day: date, trend: float) -> tuple[float, ...] | None:
    """The hours to expect of a day, by what was known before some day; None if too few days tell."""
    if history.closed(day):
        return NO_HOURS
    back = (day - known_before).days // 7
    days = compared_days(day - back * WEEK, history.fit, history.first)
    if len(days) < DAYS_LEAST:
        return None
    hours = [median(column) for column in zip(*(history.hours.get(other, NO_HOURS) for other in days), strict=True)]
    total = median(history.total(other) for other in days)
    since = sum((day - other).days for other in days) / len(days)
    wanted = total * exp(TREND_PART * trend * since)
    together = sum(hours)
    return tuple(hour * wanted / together for hour in hours) if together else tuple(hours)


def _trend(history: History, first: date) -> float:
    """By how much the logarithm of a day's count grows a day, by the last eight weeks."""
    days = [first - number * DAY for number in range(1, DAYS_COMPARED * 7 + 1)]
    counts = {day: history.total(day) for day in days if day >= history.first and history.fit(day)}
    weekdays: dict[int, list[float]] = {}
    for day, count in counts.items():
        weekdays.setdefault(day.weekday(), []).append(count)
    usual = {weekday: median(some) for weekday, some in weekdays.items()}
    apart = [
        (-(first - day).days, log(count / usual[day.weekday()]))
        for day, count in counts.items()
        if count and usual[day.weekday()]
    ]
    slopes = [
        (other[1] - one[1]) / (other[0] - one[0]) for place, one in enumerate(apart) for other in apart[place + 1 :]
    ]
    if len(apart) < 2 * DAYS_COMPARED:
        return 0.0
    return max(-MOST_TREND_A_DAY, min(MOST_TREND_A_DAY, float(median(slopes))))


def _off(history: History, first: date) -> float:
    """How far forecasts for the last eight weeks, each made before its week, were off: like a standard deviation."""
    apart = []
    for back in range(1, DAYS_COMPARED + 1):
        start = first - back * WEEK
        trend = _trend(history, start)
        for day in (start + number * DAY for number in range(7)):
            hours = _day(history, start, day, trend) if history.fit(day) and day >= history.first else None
            expected, came = sum(hours or NO_HOURS), history.total(day)
            if expected and came:
                apart.append(abs(log(came / expected)))
    return SPREAD_OF_MEDIAN * median(apart) if len(apart) >= LEAST_JUDGED else USUAL_OFF


def _expected(day: date, clock_hour: int | None, value: float, off: float, wider: float = 1.0) -> Expected:
    wide = wider * Z_BAND * sqrt((off * value) ** 2 + value)
    return Expected(day, clock_hour, value, max(0.0, value - wide), value + wide)
