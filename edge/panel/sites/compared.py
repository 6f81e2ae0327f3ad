"""A site's day and week beside others, in a few figures. Pure; everything comes from figures of hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.analytics.periods import Period, Unit, period_of
from edge.analytics.told import CLOCK_HOURS
from edge.analytics.usual import WEEK, WEEKS_BACK, Usual, UsualDay, usual_day
from edge.core.timekeeping import from_ms
from edge.panel.sites.judging import Fault, worst

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from edge.analytics.statistics import Statistics
    from edge.core.calendar import SiteCalendar
    from edge.panel.health import Level

NONE = (0.0,) * CLOCK_HOURS
# Of fewer people a change in percent says nothing.
LEAST = 10


@dataclass(frozen=True, slots=True)
class Compared:
    """How a site's day and week go.

    ``today`` and ``week`` have come in so far; ``before`` had by the same moment of the week before, ``usual`` mostly
    have by this moment of such a day; None where that is not known. ``inside`` now and ``peak`` today, ``stay_s`` the
    mean of this week's stays. ``now`` is the site's own time.
    """

    now: datetime
    today: int
    week: int
    before: float | None
    usual: float | None
    inside: int
    peak: int
    stay_s: float | None

    @property
    def against_before(self) -> float | None:
        """By what part more came this week than by the same moment of the week before."""
        return _change(self.week, self.before)

    @property
    def against_usual(self) -> float | None:
        """By what part more came today than usual."""
        return _change(self.today, self.usual)


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site as it is listed: its figures (None if it has never sent), when it was last heard of, what is wrong."""

    name: str
    devices: int
    seen_ms: int | None
    figures: Compared | None
    faults: tuple[Fault, ...]

    @property
    def level(self) -> Level:
        """The colour of its light."""
        return worst(self.faults)


def compared(told: Statistics, fit: Callable[[date], bool], now_ms: int, week_starts: int) -> Compared | None:
    """The figures of a site; None if it has none."""
    site, known = told.calendar(), told.recorded()
    if known is None:
        return None
    day = site.day_of(now_ms)
    week = period_of(Unit.WEEK, day, week_starts)
    hours = told.by_clock_hour(Period(day - WEEKS_BACK * WEEK, day))
    came = {one: int(sum(row)) for one, row in hours.items()}
    so_far = Period(week.first, day)
    before: float | None = None
    if known.first <= week.first - WEEK:
        before = sum(came.get(one - WEEK, 0) for one in so_far if one != day)
        before += _by_now(hours.get(day - WEEK, NONE), site, now_ms)
    usual = usual_day(day, lambda other: hours.get(other, NONE), fit, known.first)
    (level,) = told.levels(Period(day, day), Unit.DAY)
    return Compared(
        from_ms(now_ms).astimezone(site.zone), came.get(day, 0), sum(came.get(one, 0) for one in so_far), before,
        None if usual is None else usual.by(site, now_ms), level.inside, level.peak, told.stays(so_far).mean_s,
    )  # fmt: skip


def _by_now(hours: tuple[float, ...], site: SiteCalendar, now_ms: int) -> float:
    """How many of a day with these hours had come by the moment that is as far into it as now is into today."""
    return UsualDay(hours, Usual(0.0, 1.0, ())).by(site, now_ms)


def _change(now: float, then: float | None) -> float | None:
    return None if then is None or then < LEAST else now / then - 1
