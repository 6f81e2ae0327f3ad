"""The figures of the day: how many came and went by the hour, against the same weekday's usual."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge.core.model import Direction
from edge.core.timekeeping import to_ms
from edge.storage.records import Crossing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from edge.analytics.usual import UsualDay
    from edge.core.calendar import SiteCalendar
    from edge.storage.queries import LineFigure, Records

ARRIVALS = 6
LOOKED_AT = 60
# Below a twentieth it is as usual.
ALIKE = 0.05


@dataclass(frozen=True, slots=True)
class HourOfDay:
    """An hour by the shop's clock. ``usual`` is how many mostly come in, None if there is nothing to compare with."""

    clock_hour: int
    ins: int
    outs: int
    usual: float | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody came in."""

    at: datetime
    camera: str
    line: str


@dataclass(frozen=True, slots=True)
class Today:
    """A day so far.

    ``usual`` is how many have mostly come in by this time, None if there is nothing to compare with. ``peak`` and
    ``peak_hour``: most people at once, and in the hour from when. ``stay_s``: mean of ``visits`` that ended.
    """

    day: date
    entered: int
    left: int
    usual: float | None
    hours: tuple[HourOfDay, ...]
    peak: int
    peak_hour: int | None
    stay_s: float | None
    visits: int
    arrivals: tuple[Arrival, ...]
    inside: int

    def timeless(self, status: Mapping[str, Any] | None) -> bool:
        """Whether people came whose times are not known, as the box has not heard the time yet; by what it tells."""
        if status is None:
            return False
        return bool(status["in"] > self.entered and status["records"]["clock"] == "unset")

    @property
    def busiest(self) -> HourOfDay | None:
        """The hour in which most people came in; None before anybody did."""
        best = max(self.hours, key=lambda hour: hour.ins, default=None)
        return best if best is not None and best.ins else None

    @property
    def agreed(self) -> float | None:
        """How far in and out agree, those still inside left out: a free meter of accuracy. None before anybody came."""
        if not self.entered:
            return None
        return max(0.0, 1 - abs(self.entered - self.left - self.inside) / self.entered)

    @property
    def against_usual(self) -> float | None:
        """How many more came in than usual, as a part of the usual; 0 for about as many."""
        if self.usual is None or self.usual < 1:
            return None
        share = self.entered / self.usual - 1
        return 0.0 if abs(share) < ALIKE else share


def today(records: Records, calendar: SiteCalendar, now: datetime, usual: UsualDay | None = None) -> Today:
    """The figures of the day ``now`` is in, against a usual one if it is known what that is."""
    day = calendar.day_of(to_ms(now))
    doors = [figure for figure in records.lines_by_hour(day, day) if figure.door]
    ins, outs = _by_hour(doors)
    levels = records.levels_by_hour(day, day)
    highest = max(levels, key=lambda level: level.peak, default=None)
    stays = [figure.stays for figure in records.stays_by_day(day, day) if not figure.zone]
    visits, stay_s = sum(stay.count for stay in stays), sum(stay.total_s for stay in stays)
    hours = tuple(
        HourOfDay(hour, ins[hour], outs[hour], usual.hours[hour] if usual else None) for hour in _clock(calendar)
    )
    return Today(
        day, sum(ins.values()), sum(outs.values()), usual.by(calendar, to_ms(now)) if usual else None, hours,
        highest.peak if highest else 0, highest.when.clock_hour if highest else None,
        stay_s / visits if visits else None, visits, _arrivals(records, calendar, day),
        levels[-1].inside if levels else 0,
    )  # fmt: skip


def _clock(calendar: SiteCalendar) -> list[int]:
    """The hours of a day in order, from the one in which it begins."""
    return [(calendar.day_starts_h + number) % 24 for number in range(24)]


def _by_hour(figures: list[LineFigure]) -> tuple[dict[int, int], dict[int, int]]:
    ins: dict[int, int] = defaultdict(int)
    outs: dict[int, int] = defaultdict(int)
    for figure in figures:
        hour = figure.when.clock_hour or 0
        ins[hour] += figure.ins
        outs[hour] += figure.outs
    return ins, outs


def _arrivals(records: Records, calendar: SiteCalendar, day: date) -> tuple[Arrival, ...]:
    found = []
    for kept in records.latest(LOOKED_AT, (Crossing,)):
        crossing = kept.record
        if not isinstance(crossing, Crossing) or crossing.direction is not Direction.IN or not crossing.door:
            continue
        if kept.at is None or calendar.day_of(to_ms(kept.at)) != day:
            continue
        found.append(Arrival(kept.at.astimezone(calendar.zone), crossing.camera, crossing.line))
    return tuple(found[:ARRIVALS])
