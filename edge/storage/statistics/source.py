"""Where the figures of a site lie, and what can be had of them: a box's own records, or a hub's tables."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

import numpy as np

from edge.analytics.stays import Stays
from edge.core.calendar import day_number
from edge.storage.codes import DS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from edge.analytics.periods import Period
    from edge.storage.statistics.slots import DayCalendars
    from edge.storage.subjects import Named


class What(Enum):
    """Columns that can be had of a period and some subjects, added up, in order."""

    DAYS = auto()
    """day, ins, outs, stays, tenths of a second of them"""
    HOURS = auto()
    """day, start in minutes since 1970 UTC, clock hour, ins, outs, stays, tenths of a second of them"""
    CLOCK_HOURS = auto()
    """day, clock hour, ins, outs"""
    WEEKLY = auto()
    """weekday (0 is Monday), clock hour, ins, outs"""
    SUBJECTS = auto()
    """subject, ins, outs"""
    BUSIEST = auto()
    """day, start, clock hour, ins; the first so many hours, the busiest first"""


class Source(Protocol):
    """One state of a site's figures. Days are numbered, the first and the last included."""

    def named(self) -> Mapping[int, Named]:
        """What the subjects' numbers stand for."""
        ...

    def table(self, what: What, period: Period, subjects: Collection[int], *more: int) -> NDArray[np.int64]:
        """Rows as told at ``What``."""
        ...

    def stays(self, cut: Sequence[Period], subjects: Collection[int]) -> list[Stays]:
        """Stays of each of some periods, which are in order and do not overlap, with how they are spread."""
        ...

    def stays_by_subject(self, period: Period, subjects: Collection[int]) -> dict[int, Stays]:
        """Stays of each subject that had any, with how they are spread."""
        ...

    def day_levels(self, period: Period) -> NDArray[np.int64]:
        """Day, the most inside, how many at its end; of days on which that changed, in order."""
        ...

    def hour_levels(self, period: Period) -> NDArray[np.int64]:
        """Day, start, clock hour, the most inside, how many at its end; of hours in which that changed, in order."""
        ...

    def inside_before(self, day: int) -> int:
        """How many were inside when a day began."""
        ...

    def edges(self) -> tuple[int, int] | None:
        """The first and the last day of which there are figures."""
        ...

    def calendars(self, period: Period) -> DayCalendars:
        """Which calendar each day of a period went by."""
        ...


def stays_of(sums: NDArray[np.int64], bins: NDArray[np.int64]) -> Stays:
    """Stays added up. The last two columns of ``sums`` are stays and tenths of a second, of ``bins`` bin and stays."""
    counts = np.bincount(bins[:, -2], weights=bins[:, -1]) if len(bins) else np.zeros(0)
    spread = {int(place): int(counts[place]) for place in np.flatnonzero(counts)}
    return Stays(int(sums[:, -2].sum()), int(sums[:, -1].sum()) / DS, spread)


def of_days(rows: NDArray[np.int64], period: Period) -> NDArray[np.int64]:
    """Those rows of a period; the first column is the day, in order."""
    first, end = rows[:, 0].searchsorted([day_number(period.first), day_number(period.last) + 1])
    return rows[first:end]
