"""What statistics can be asked, whoever keeps the records: a box about its shop, a hub about each of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from edge.analytics.told import SITE_WIDE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    import numpy as np
    from numpy.typing import NDArray

    from edge.analytics.periods import Period, Unit
    from edge.analytics.schedule import Calendar
    from edge.analytics.stays import Stays
    from edge.analytics.told import (
        BusyHour,
        ClockHourLevel,
        Comparison,
        Curve,
        DataQuality,
        DayDrift,
        Density,
        Flow,
        Level,
        LineCount,
        Place,
        Scope,
        StayPart,
        Summary,
    )
    from edge.analytics.usual import NotableDay, UsualDay
    from edge.analytics.ways import Ways
    from edge.core.calendar import SiteCalendar


def any_day(_: date) -> bool:
    """Every day is fit to compare with."""
    return True


class Statistics(Protocol):
    """The figures of one site. Days are its own; every call sees one state of the records.

    ``fit`` says of a day whether others may be compared with it. What each figure is, is told in ``analytics/told.py``.
    Raises the kinds of ``AcmError`` of who keeps the records, if they cannot be read.
    """

    def recorded(self) -> Period | None:
        """The days of which there are figures, from the first to the last; None if there are none."""
        ...

    def calendar(self) -> SiteCalendar:
        """Which days the site goes by now."""
        ...

    def flow(self, period: Period, unit: Unit, scope: Scope = SITE_WIDE, week_starts: int = 0) -> list[Flow]:
        """In and out of each hour, day, week, month or year of a period, also of those without anybody."""
        ...

    def lines(self, period: Period) -> list[LineCount]:
        """In and out of each line that was crossed, doors first."""
        ...

    def summary(self, period: Period, scope: Scope = SITE_WIDE) -> Summary:
        """A period in a few figures."""
        ...

    def compare(self, period: Period, fit: Callable[[date], bool] = any_day, scope: Scope = SITE_WIDE) -> Comparison:
        """A period beside the one before, the same one a year ago, and what is usual for its weekdays."""
        ...

    def daily(self, period: Period, scope: Scope = SITE_WIDE) -> dict[date, float]:
        """How many came in on each day on which anybody did."""
        ...

    def by_clock_hour(self, period: Period, scope: Scope = SITE_WIDE) -> dict[date, tuple[float, ...]]:
        """How many came in at each of the 24 hours of the clock, of each day on which anybody crossed a line."""
        ...

    def usual_day(
        self, day: date, fit: Callable[[date], bool] = any_day, scope: Scope = SITE_WIDE
    ) -> UsualDay | None:
        """How many usually come on such a weekday, by hour and in all; None if there are too few days to tell."""
        ...

    def notable(
        self, period: Period, fit: Callable[[date], bool] = any_day, scope: Scope = SITE_WIDE
    ) -> list[NotableDay]:
        """Days far from usual, the farthest first."""
        ...

    def density(self, period: Period, scope: Scope = SITE_WIDE) -> Density:
        """In and out in each hour of the week."""
        ...

    def busiest(self, period: Period, number: int = 10, scope: Scope = SITE_WIDE) -> list[BusyHour]:
        """The hours in which most came in, the busiest first."""
        ...

    def levels(self, period: Period, unit: Unit, week_starts: int = 0) -> list[Level]:
        """How many were inside in each part of a period: the most, and at its end."""
        ...

    def clock_hour_levels(self, period: Period) -> list[ClockHourLevel]:
        """How full it is at each hour of the clock at which anybody came or went."""
        ...

    def curve(self, day: date, step_s: int = 300) -> Curve | None:
        """How many were inside over a day, every ``step_s`` seconds; None if nobody came or went."""
        ...

    def stays(self, period: Period, scope: Scope = SITE_WIDE) -> Stays:
        """Visits of the site or as a camera saw them end, or stays in a zone, with how they are spread."""
        ...

    def stay_parts(
        self, period: Period, unit: Unit, scope: Scope = SITE_WIDE, week_starts: int = 0
    ) -> list[StayPart]:
        """The same for each part of a period."""
        ...

    def places(self, period: Period) -> list[Place]:
        """Stays in each zone, and visits by the camera that saw them end."""
        ...

    def quality(self, period: Period, opening: Calendar | None = None) -> DataQuality:
        """How far the figures of a period can be believed. ``opening``: when the shop is open, if that is known."""
        ...

    def fit_days(self, period: Period, opening: Calendar | None = None) -> Callable[[date], bool]:
        """Which days of a period, and of the half year before it, may be compared with."""
        ...

    def drift(self, period: Period) -> list[DayDrift]:
        """The drift ledger, day by day."""
        ...

    def heat_map(self, camera: str, period: Period) -> NDArray[np.float64] | None:
        """Person-seconds of each cell of a camera's picture, rows x columns; None if there are none."""
        ...

    def ways(self, camera: str, start: datetime, end: datetime) -> Ways:
        """The walks a camera saw begin from ``start`` up to but without ``end``; they are kept for two days."""
        ...
