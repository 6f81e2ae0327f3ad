"""Stretches of days as people speak of them: a week, a month, the one before, the same one a year ago. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = timedelta(days=1)
# The same weekdays, a year ago: 52 weeks.
YEAR_OF_WEEKS = timedelta(days=364)
MONTHS = 12
FORMS = (
    re.compile(r"(?P<year>\d{4})"), re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})"),
    re.compile(r"(?P<year>\d{4})-W(?P<week>\d{2})"), re.compile(r"(?P<first>\d{4}-\d{2}-\d{2})"),
    re.compile(r"(?P<first>\d{4}-\d{2}-\d{2})\.\.(?P<last>\d{4}-\d{2}-\d{2})"),
)  # fmt: skip


class Unit(str, Enum):
    """By what figures are told."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """Days of a site, from the first to the last, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a period cannot end on {self.last} before it begins on {self.first}")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __len__(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        """The days, in order."""
        return (self.first + number * DAY for number in range(len(self)))

    @property
    def whole_months(self) -> int:
        """How many months it is if it is nothing but whole ones, else 0."""
        if self.first.day != 1 or (self.last + DAY).day != 1:
            return 0
        return (self.last.year - self.first.year) * MONTHS + self.last.month - self.first.month + 1


def period_of(unit: Unit, day: date, week_starts: int = 0) -> Period:
    """The day, week, month or year a day is in. Weeks begin on ``week_starts``, 0 being Monday."""
    if unit is Unit.WEEK:
        first = day - (day.weekday() - week_starts) % 7 * DAY
        return Period(first, first + 6 * DAY)
    if unit is Unit.MONTH:
        return _months(day.year, day.month, 1)
    if unit is Unit.YEAR:
        return _months(day.year, 1, MONTHS)
    return Period(day, day)


def parts(period: Period, unit: Unit, week_starts: int = 0) -> list[Period]:
    """A period cut into days, weeks, months or years; the first and the last may be cut short."""
    found, first = [], period.first
    while first <= period.last:
        last = min(period.last, period_of(unit, first, week_starts).last)
        found.append(Period(first, last))
        first = last + DAY
    return found


def before(period: Period) -> Period:
    """The period just before: as many months before whole months, else as many days."""
    months = period.whole_months
    if months:
        return _shifted(period, months)
    return Period(period.first - len(period) * DAY, period.first - DAY)


def year_before(period: Period) -> Period:
    """The same period a year ago: the same months for whole months; else 52 weeks ago, so that weekdays are alike."""
    if period.whole_months:
        return _shifted(period, MONTHS)
    return Period(period.first - YEAR_OF_WEEKS, period.last - YEAR_OF_WEEKS)


def parse_period(text: str) -> Period:
    """Read ``2026``, ``2026-11``, ``2026-W47``, ``2026-11-25`` or ``2026-11-01..2026-11-25``.

    ``ValueError`` says what is wrong with it.
    """
    for form in FORMS:
        match = form.fullmatch(text.strip())
        if match is not None:
            try:
                return _read(match.groupdict())
            except ValueError:
                break
    raise ValueError(
        f"{text!r} is no period; write a year (2026), a month (2026-11), a week (2026-W47), a day (2026-11-25) or "
        "two days (2026-11-01..2026-11-25)"
    )


def _read(part: dict[str, str]) -> Period:
    if "first" in part:
        first = date.fromisoformat(part["first"])
        return Period(first, date.fromisoformat(part.get("last", part["first"])))
    year = int(part["year"])
    if "week" in part:
        first = date.fromisocalendar(year, int(part["week"]), 1)
        return Period(first, first + 6 * DAY)
    if "month" in part:
        return period_of(Unit.MONTH, date(year, int(part["month"]), 1))
    return period_of(Unit.YEAR, date(year, 1, 1))


def _shifted(period: Period, months: int) -> Period:
    """Whole months, some months earlier."""
    year, month = divmod(period.first.year * MONTHS + period.first.month - 1 - months, MONTHS)
    return _months(year, month + 1, period.whole_months)


def _months(year: int, month: int, number: int) -> Period:
    end_year, end_month = divmod(year * MONTHS + month - 1 + number - 1, MONTHS)
    last = date(end_year, end_month + 1, monthrange(end_year, end_month + 1)[1])
    return Period(date(year, month, 1), last)
