"""The records as statistics: what the panel shows, reports print and the forecast learns from.

Everything is added up from figures by day and hour, which the store keeps up; rows themselves are only read where a day
is looked at closely. So five years of a busy shop are told in less than a third of a second.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from edge.analytics.told import SITE_WIDE
from edge.core.timekeeping import to_ms
from edge.storage.calendars import calendars_of
from edge.storage.queries import Records
from edge.storage.statistics import levels, pictures, quality
from edge.storage.statistics.columns import BoxFigures
from edge.storage.statistics.outages import fit_days
from edge.storage.statistics.told import ToldFromFigures, lines_of, with_weeks_before
from edge.storage.subjects import CAMERA, LINE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    import numpy as np
    from numpy.typing import NDArray

    from edge.analytics.periods import Period
    from edge.analytics.schedule import Calendar
    from edge.analytics.told import Curve, DataQuality, DayDrift
    from edge.analytics.ways import Ways
    from edge.core.calendar import SiteCalendar
    from edge.storage.subjects import Named


class StatisticsReader(ToldFromFigures, Records):
    """The records, open for reading, with figures of any period. Every call sees one state of the records.

    ``fit`` says of a day whether others may be compared with it: no holiday, and the box was on
    (``statistics.quality.fit_days``).
    """

    @contextmanager
    def _source(self) -> Iterator[BoxFigures]:
        with self._reading() as named:
            yield BoxFigures(self._database, named)

    def curve(self, day: date, step_s: int = 300) -> Curve | None:
        """How many were inside over a day, every ``step_s`` seconds; None if nobody came or went."""
        with self._reading() as named:
            doors = [number for number, of in named.items() if of.kind == LINE and of.door]
            return levels.curve(self._database, calendars_of(self._database), doors, day, step_s)

    def quality(self, period: Period, opening: Calendar | None = None) -> DataQuality:
        """How far the figures of a period can be believed. ``opening``: when the shop is open, if that is known."""
        with self._reading():
            return quality.quality(self._database, calendars_of(self._database), period, opening)

    def fit_days(self, period: Period, opening: Calendar | None = None) -> Callable[[date], bool]:
        """Which days of a period, and of the half year before it, may be compared with."""
        return fit_days(self.quality(with_weeks_before(period), opening), opening)

    def drift(self, period: Period) -> list[DayDrift]:
        """The drift ledger, day by day."""
        with self._reading() as named:
            source, doors = BoxFigures(self._database, named), lines_of(named, SITE_WIDE)
            return quality.drift(self._database, calendars_of(self._database), source, period, doors)

    def heat_map(self, camera: str, period: Period) -> NDArray[np.float64] | None:
        """Person-seconds of each cell of a camera's picture, rows x columns; None if there are none."""
        with self._reading() as named:
            site = calendars_of(self._database).latest
            span_ms = (site.start_ms(period.first), site.span_ms(period.last)[1])
            number = _camera(named, camera)
            return None if number is None else pictures.heat(self._database, number, span_ms)

    def ways(self, camera: str, start: datetime, end: datetime) -> Ways:
        """The walks a camera saw begin from ``start`` up to but without ``end``; they are kept for two days."""
        with self._reading() as named:
            return pictures.ways(self._database, _camera(named, camera) or 0, (to_ms(start), to_ms(end)))

    def calendar(self) -> SiteCalendar:
        """Which days the site goes by now."""
        with self._reading():
            return calendars_of(self._database).latest


def _camera(named: dict[int, Named], camera: str) -> int | None:
    return next((number for number, of in named.items() if of.kind == CAMERA and of.camera == camera), None)
