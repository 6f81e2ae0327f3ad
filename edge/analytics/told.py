"""What statistics are told as: plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from edge.analytics.occupancy import CorrectionReason
    from edge.analytics.periods import Period
    from edge.analytics.stays import Stays
    from edge.core.timekeeping import Quality

WEEKDAYS, CLOCK_HOURS = 7, 24
LONG_STAYS = 0.9


@dataclass(frozen=True, slots=True)
class Scope:
    """What figures are about: the whole site, or one camera, line or zone by name.

    Without a line, those who came and went are counted at doors; a line that is none is counted when it is named.
    Stays are visits as seen by the camera, or with a zone, stays in it.
    """

    camera: str | None = None
    line: str | None = None
    zone: str | None = None


SITE_WIDE = Scope()


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of a period: an hour that began at ``start`` (aware), with what the clock showed then; or some days."""

    first: date
    last: date
    start: datetime | None = None
    clock_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """How many came in and went out."""

    slot: Slot
    ins: int
    outs: int


@dataclass(frozen=True, slots=True)
class Level:
    """The most people inside at once, and how many at the end."""

    slot: Slot
    peak: int
    inside: int


@dataclass(frozen=True, slots=True)
class StayPart:
    """Stays that ended in a part of a period; of hours only number and mean are known."""

    slot: Slot
    stays: Stays


@dataclass(frozen=True, slots=True)
class Place:
    """Stays in one zone, or (``zone`` empty) visits that a camera saw the end of."""

    camera: str
    zone: str
    stays: Stays


@dataclass(frozen=True, slots=True)
class LineCount:
    """In and out of one line. ``door``: whether that changed how many were inside."""

    camera: str
    line: str
    door: bool
    ins: int
    outs: int


@dataclass(frozen=True, slots=True)
class BusyHour:
    """An hour and how many came in."""

    day: date
    start: datetime
    clock_hour: int
    ins: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A period in a few figures. ``busiest`` is the hour in which most came in; None if nobody did.

    ``peak`` is None for a part of the site: how many are inside is known of the whole only.
    """

    period: Period
    ins: int
    outs: int
    peak: int | None
    stays: Stays
    busiest: BusyHour | None
    days_with_people: int

    @property
    def drift(self) -> float | None:
        """``|in - out| / in``, a free meter of accuracy; None if nobody came in."""
        return abs(self.ins - self.outs) / self.ins if self.ins else None

    @property
    def long_stay_s(self) -> float | None:
        """What nine of ten stays do not exceed, in seconds."""
        return self.stays.quantile_s(LONG_STAYS)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A period beside others: the one before, and the same one a year ago.

    They are None where the records do not go back to their beginning. ``usual`` is what the period's days usually bring
    together, by the weekday; ``usual_days`` of its days had enough weeks before them to tell, and ``usual_ins`` came in
    on these days, to compare with it.
    """

    now: Summary
    before: Summary | None
    year_before: Summary | None
    usual: float | None
    usual_ins: int
    usual_days: int

    def change_to(self, other: Summary | None) -> float | None:
        """By what part more (or, below 0, less) came in than in the other; None if that cannot be told."""
        return self.now.ins / other.ins - 1 if other is not None and other.ins else None

    @property
    def change_to_usual(self) -> float | None:
        """The same against what is usual."""
        return self.usual_ins / self.usual - 1 if self.usual else None


@dataclass(frozen=True, slots=True)
class Density:
    """How many came in and went out in each hour of the week: rows are Monday to Sunday, columns the clock's hours.

    ``days`` of each weekday are in the period, so ``ins[2][17] / days[2]`` is a usual Wednesday from five to six.
    """

    ins: tuple[tuple[int, ...], ...]
    outs: tuple[tuple[int, ...], ...]
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ClockHourLevel:
    """How full it is at an hour of the clock: the mean of the days' peaks, and the highest, over ``days`` days."""

    clock_hour: int
    mean_peak: float
    most: int
    days: int


@dataclass(frozen=True, slots=True)
class Curve:
    """How many were inside at moments ``step_s`` apart, from ``start`` (aware) on.

    ``mean`` is weighted by time over the whole of it.
    """

    start: datetime
    step_s: int
    inside: tuple[int, ...]
    mean: float


@dataclass(frozen=True, slots=True)
class DayDrift:
    """A day of the drift ledger. ``corrections`` are changes of the number inside, by their reason."""

    day: date
    ins: int
    outs: int
    corrections: dict[CorrectionReason, int] = field(default_factory=dict)

    @property
    def drift(self) -> float | None:
        """``|in - out| / in``; None if nobody came in."""
        return abs(self.ins - self.outs) / self.ins if self.ins else None


@dataclass(frozen=True, slots=True)
class Gap:
    """When nothing was counted: the whole box (``camera`` empty) or one camera. ``open_s``: of it, opening hours.

    Without known opening hours all of it counts as open.
    """

    start: datetime
    end: datetime
    camera: str
    open_s: float

    @property
    def lasted_s(self) -> float:
        """How long it was."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class DataQuality:
    """How far a period's figures can be believed.

    ``gaps`` in which nothing was counted, ``unfit_days`` on which that took more than a tenth of the opening hours (so
    they are left out where days are compared), ``clock`` how the time of the rows was come by, as shares of 1.
    """

    gaps: tuple[Gap, ...]
    unfit_days: frozenset[date]
    clock: dict[Quality, float]
