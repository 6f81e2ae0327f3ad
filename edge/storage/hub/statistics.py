"""Statistics of a site, or of all of them together, from the hub's tables: what ``analytics.statistics`` asks for.

Flows, stays and how full it was come from figures of days and hours, so that five years are told as quickly as a week;
rows themselves are read for one day's curve only. What no device sends is not here: heat and walks.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from edge.analytics.told import SITE_WIDE
from edge.analytics.ways import Ways
from edge.storage.hub import site_day, site_outages
from edge.storage.hub.site_figures import HubFigures
from edge.storage.hub.site_outages import UsualHours
from edge.storage.statistics import quality
from edge.storage.statistics.outages import fit_days, judged
from edge.storage.statistics.told import ToldFromFigures, lines_of, with_weeks_before

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime

    from edge.analytics.periods import Period
    from edge.analytics.schedule import Calendar
    from edge.analytics.told import Curve, DataQuality, DayDrift, Scope, Summary
    from edge.core.calendar import SiteCalendar
    from edge.storage.hub.database import HubDatabase
    from edge.storage.subjects import Named


class SiteStatistics(ToldFromFigures):
    """Figures of some devices together, within ``HubDatabase.one_state``. Made by ``HubReader``.

    ``by_the_clock`` puts hours of several zones together by what their clocks showed.
    """

    def __init__(
        self, database: HubDatabase, devices: Sequence[int], calendar: SiteCalendar, *, by_the_clock: bool = False
    ) -> None:
        self._database, self._devices, self._calendar = database, devices, calendar
        self._by_the_clock = by_the_clock
        self._figures = HubFigures(database, devices, calendar, by_the_clock=by_the_clock)

    @contextmanager
    def _source(self) -> Iterator[HubFigures]:
        yield self._figures

    def subjects(self) -> list[Named]:
        """The cameras, lines and zones that rows were sent of."""
        return list(self._figures.named().values())

    def calendar(self) -> SiteCalendar:
        """Which days the site goes by now."""
        return self._calendar

    def summary(self, period: Period, scope: Scope = SITE_WIDE) -> Summary:
        """A period in a few figures; no peak of several shops together, in which nobody is at once."""
        told = super().summary(period, scope)
        return replace(told, peak=None) if self._by_the_clock else told

    def curve(self, day: date, step_s: int = 300) -> Curve | None:
        """How many were inside over a day, every ``step_s`` seconds; None if nobody came or went."""
        return site_day.curve(self._database, self._figures, self._calendar, day, step_s)

    def quality(self, period: Period, opening: Calendar | None = None) -> DataQuality:
        """How far the figures of a period can be believed. Without ``opening``, by the hours in which people come.

        How the time of rows was come by is not sent. Of several shops together nothing is said: each has its own.
        """
        if self._by_the_clock:
            return judged((), self._calendar, period, None, {})
        hours = opening or UsualHours(self.density(period), self._calendar)
        return judged(site_outages.outages(self._database, self._devices), self._calendar, period, hours, {})

    def fit_days(self, period: Period, opening: Calendar | None = None) -> Callable[[date], bool]:
        """Which days of a period, and of the half year before it, may be compared with."""
        return fit_days(self.quality(with_weeks_before(period), opening), opening)

    def drift(self, period: Period) -> list[DayDrift]:
        """The drift ledger, day by day."""
        right = site_outages.set_right(self._database, self._devices, self._calendar, period)
        return quality.ledger(self._figures, period, lines_of(self._figures.named(), SITE_WIDE), right)

    def heat_map(self, camera: str, period: Period) -> None:  # noqa: ARG002 - asked as of a box
        """None: it stays on the box."""
        return

    def ways(self, camera: str, start: datetime, end: datetime) -> Ways:  # noqa: ARG002 - asked as of a box
        """None: they stay on the box."""
        return Ways.of([])
