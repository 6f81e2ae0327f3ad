"""What every part of a report is read from: which days it is about, and what others they are compared with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edge.analytics.periods import DAY, Period, Unit, before, year_before
from edge.analytics.usual import WEEK, WEEKS_BACK, usual
from edge.core.errors import InputError
from edge.core.timekeeping import to_ms

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from edge.analytics.statistics import Statistics
    from edge.analytics.told import DataQuality, Summary
    from edge.analytics.usual import Usual
    from edge.core.calendar import SiteCalendar
    from edge.reports.asked import Asked

# Longer ones are told hour by hour in no form: nobody reads ten thousand rows.
HOURLY_DAYS = 400
# If the box was off for long on more of the days, they are no measure for others.
DOUBT_PART = 0.05
# Up to so many days a first look is by day, then by week, by month, by year.
UNITS = ((1, Unit.HOUR), (45, Unit.DAY), (200, Unit.WEEK), (2200, Unit.MONTH))


@dataclass(frozen=True, slots=True)
class Beside:
    """What a period is compared with; None where the records do not go back so far.

    ``off_days``: on how many days of which of them (``before``, ``year``), or of the period itself (``now``), the box
    was off for long; only where that is enough to make a comparison say little.
    """

    before: Summary | None
    year: Summary | None
    off_days: dict[str, int]


@dataclass(frozen=True, slots=True)
class Books:
    """The records as one report reads them.

    ``period`` are the days it is about, ``known`` those of which there are figures. ``counts`` says how many came on
    each day of the period and the half year before it: in at the doors, or with a zone, stayed in it.
    """

    source: Statistics
    asked: Asked
    site: SiteCalendar
    known: Period
    period: Period
    quality: DataQuality
    fit: Callable[[date], bool]
    counts: dict[date, float]

    @property
    def by_zone(self) -> bool:
        """Whether it is about who stayed in a zone, not about who came in."""
        return self.asked.scope.zone is not None

    @property
    def whole_site(self) -> bool:
        """Whether it is about all of it, so that it is known how many are inside."""
        scope = self.asked.scope
        return scope.camera is scope.line is scope.zone is None

    @property
    def lead(self) -> str:
        """The column that says how many came."""
        return "stays" if self.by_zone else "ins"

    @property
    def unit(self) -> Unit:
        """By what a first look is told."""
        return next((unit for days, unit in UNITS if len(self.period) <= days), Unit.YEAR)

    def usual(self, day: date) -> Usual | None:
        """How many usually come on such a day."""
        return usual(day, self.counts, self.fit, self.known.first)

    def came(self, some: Summary) -> int:
        """How many came."""
        return some.stays.count if self.by_zone else some.ins

    def other(self, what: Callable[[Period], Period]) -> Period | None:
        """The period before or a year before; None if the records do not go back so far.

        Beside what is not over yet it is cut to as many days.
        """
        found = what(self.asked.period)
        if self.period != self.asked.period:
            found = Period(found.first, min(found.last, found.first + (len(self.period) - 1) * DAY))
        return found if found.first >= self.known.first else None

    def beside(self) -> Beside:
        """The period just before, and the same one a year ago if that is another one."""
        periods = {"before": self.other(before), "year": self.other(year_before)}
        if periods["year"] == periods["before"]:
            periods["year"] = None
        known = {which: period for which, period in periods.items() if period is not None}
        unfit = {"now": (len(self.quality.unfit_days), len(self.period))}
        for which, some in known.items():
            unfit[which] = (len(self.source.quality(some, self.asked.opening).unfit_days), len(some))
        off_days = {which: days for which, (days, of) in unfit.items() if days > DOUBT_PART * of}
        told = {which: self.source.summary(some, self.asked.scope) for which, some in known.items()}
        return Beside(told.get("before"), told.get("year"), off_days)


def opened(source: Statistics, asked: Asked) -> Books:
    """What a report is read from. ``InputError`` if there is nothing of these days."""
    known, site = source.recorded(), source.calendar()
    if known is None:
        raise InputError("Nobody has been counted yet, so there is nothing to report.")
    period = _over(asked.period, site.day_of(to_ms(asked.now)))
    if asked.period.last < known.first:
        raise InputError(
            f"There are no records of {asked.period.first} to {asked.period.last}: they begin on {known.first}; "
            "name a later period."
        )
    reach = Period(period.first - WEEKS_BACK * WEEK, period.last)
    fit, quality = source.fit_days(period, asked.opening), _quality(source, asked, period)
    return Books(source, asked, site, known, period, quality, fit, _counts(source, asked, reach))


def _quality(source: Statistics, asked: Asked, period: Period) -> DataQuality:
    """How far figures can be believed; what other cameras did is none of a camera's report."""
    found, camera = source.quality(period, asked.opening), asked.scope.camera
    return replace(found, gaps=tuple(gap for gap in found.gaps if camera is None or gap.camera in ("", camera)))


def _over(period: Period, today: date) -> Period:
    """The days of a period that are over; of one that began today, what there is of it."""
    if period.first > today:
        raise InputError(f"{period.first} is still to come; name a period that has begun.")
    return Period(period.first, min(period.last, max(period.first, today - DAY)))


def _counts(source: Statistics, asked: Asked, reach: Period) -> dict[date, float]:
    if asked.scope.zone is None:
        return source.daily(reach, asked.scope)
    return {
        part.slot.first: float(part.stays.count)
        for part in source.stay_parts(reach, Unit.DAY, asked.scope)
        if part.stays.count
    }
