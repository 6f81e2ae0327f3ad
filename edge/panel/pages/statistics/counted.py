"""All that is known of the visitors of a period, worked out from the records at once. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.analytics.forecast import forecast
from edge.analytics.history import WEEKS_LEARNED, history
from edge.analytics.periods import DAY, Period, Unit, parts
from edge.analytics.told import CLOCK_HOURS, SITE_WIDE
from edge.analytics.usual import WEEKS_BACK, usual, usual_day
from edge.panel.pages.statistics.chosen import Against

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from edge.analytics.forecast import Forecast
    from edge.analytics.schedule import Calendar
    from edge.analytics.statistics import Statistics
    from edge.analytics.told import BusyHour, Flow, LineCount, Summary
    from edge.analytics.usual import NotableDay
    from edge.panel.pages.statistics.chosen import Chosen

WEEK, HOUR = 7 * DAY, DAY / 24
BUSIEST = 10


@dataclass(frozen=True, slots=True)
class Compared:
    """In and out of days, or of a day's hours, that are over, and of those they are compared with.

    ``period`` and ``other`` are the days; of a day that is not over, ``hours`` of each are taken. ``other`` is None for
    what is usual; ``outs`` are None then, too.
    """

    period: Period
    other: Period | None
    ins: float
    other_ins: float
    outs: float | None = None
    other_outs: float | None = None
    hours: int | None = None

    @property
    def change(self) -> float | None:
        """By what part more came in; None if nobody did before."""
        return self.ins / self.other_ins - 1 if self.other_ins else None

    @property
    def change_out(self) -> float | None:
        """The same of those who went out."""
        return None if self.outs is None or not self.other_outs else self.outs / self.other_outs - 1


@dataclass(frozen=True, slots=True)
class Counted:
    """A period's visitors.

    ``beside`` is what the period's slots are compared with, place by place; ``compared`` both in one number. On the
    days ``missed`` the box or a camera was off for long.
    """

    known: Period | None
    flow: tuple[Flow, ...]
    summary: Summary
    beside: tuple[float | None, ...]
    compared: Compared | None
    coming: Forecast | None
    missed: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class StoodOut:
    """What stood out in a period: its busiest hours, days far from usual; and its lines, of the whole site only."""

    busiest: tuple[BusyHour, ...]
    notable: tuple[NotableDay, ...]
    lines: tuple[LineCount, ...]


def counted(told: Statistics, chosen: Chosen, opening: Calendar | None, now: datetime) -> Counted:
    """What is known of the visitors of the chosen days at a moment."""
    period, scope, today = chosen.period, chosen.scope, chosen.today
    known = told.recorded()
    flow = told.flow(period, chosen.unit, scope, chosen.week_starts)
    summary = told.summary(period, scope)
    over, learned = _over(period, today), _learned(chosen, known)
    # Asked once for all: it is about every start of the box.
    wanted = [days for days in (over, learned) if days is not None] or [Period(today, today)]
    fit = told.fit_days(Period(min(days.first for days in wanted), max(days.last for days in wanted)), opening)
    beside, compared = _compared(told, chosen, flow, fit, now)
    return Counted(
        known, tuple(flow), summary, beside, compared,
        forecast(history(told, opening, learned, scope, fit), today, 8) if learned is not None else None,
        tuple(day for day in over or () if _was_off(day, fit, opening)),
    )  # fmt: skip


def stood_out(told: Statistics, chosen: Chosen, opening: Calendar | None) -> StoodOut:
    """What stood out in the chosen days."""
    period, scope, over = chosen.period, chosen.scope, _over(chosen.period, chosen.today)
    return StoodOut(
        tuple(told.busiest(period, BUSIEST, scope)) if len(period) > 1 else (),
        tuple(told.notable(over, told.fit_days(over, opening), scope)) if over else (),
        tuple(told.lines(period)) if scope == SITE_WIDE else (),
    )


def _was_off(day: date, fit: Callable[[date], bool], opening: Calendar | None) -> bool:
    """Whether a day that cannot be compared with is so because of the box."""
    return not fit(day) and not (opening is not None and opening.is_holiday(day))


def reaches_coming(chosen: Chosen) -> bool:
    """Whether the period reaches into today or the week to come."""
    return chosen.period.last >= chosen.today and chosen.period.first <= chosen.today + WEEK


def _learned(chosen: Chosen, known: Period | None) -> Period | None:
    """The days that tell what to expect of the coming ones; None if those are not looked at or nothing is known."""
    today = chosen.today
    if known is None or known.first >= today or not reaches_coming(chosen):
        return None
    return Period(max(known.first, today - WEEKS_LEARNED * WEEK), today - DAY)


def _over(period: Period, today: date) -> Period | None:
    """The days of a period that are over."""
    last = min(period.last, today - DAY)
    return Period(period.first, last) if last >= period.first else None


def _compared(told: Statistics, chosen: Chosen, flow: Sequence[Flow], fit: Callable[[date], bool],
              now: datetime) -> tuple[tuple[float | None, ...], Compared | None]:  # fmt: skip
    known = told.recorded()
    if known is None or chosen.against is Against.NONE:
        return (), None
    if chosen.against is Against.USUAL:
        return _usual(told, chosen, flow, fit, known.first)
    other = chosen.other
    if other is None or other.last < known.first:
        return (), None
    before = told.flow(other, chosen.unit, chosen.scope, chosen.week_starts)
    values = [float(one.ins) if one.slot.first >= known.first else None for one in before]
    beside = tuple((values + [None] * len(flow))[: len(flow)])
    return beside, _both(told, chosen, flow, before, now) if other.first >= known.first else None


def _both(told: Statistics, chosen: Chosen, flow: Sequence[Flow], before: Sequence[Flow],
          now: datetime) -> Compared | None:  # fmt: skip
    """Both periods in numbers: of one that is not over its whole days, of today the hours that are over."""
    period, other, today = chosen.period, chosen.other, chosen.today
    over = _over(period, today)
    if other is None or period.first > today:
        return None
    if over is None:
        if len(period) > 1:
            return None
        hours = sum(1 for one in flow if one.slot.start is not None and one.slot.start + HOUR <= now)
        sums = [sum(one.ins for one in some[:hours]) for some in (flow, before)]
        out = [sum(one.outs for one in some[:hours]) for some in (flow, before)]
        return Compared(period, other, sums[0], sums[1], out[0], out[1], hours) if hours else None
    if over != period:
        other = Period(other.first, min(other.last, other.first + (len(over) - 1) * DAY))
    both = [_together(told, days, chosen) for days in (over, other)]
    return Compared(over, other, both[0][0], both[1][0], both[0][1], both[1][1])


def _together(told: Statistics, days: Period, chosen: Chosen) -> tuple[int, int]:
    years = told.flow(days, Unit.YEAR, chosen.scope)
    return sum(one.ins for one in years), sum(one.outs for one in years)


def _usual(told: Statistics, chosen: Chosen, flow: Sequence[Flow], fit: Callable[[date], bool],
           first: date) -> tuple[tuple[float | None, ...], Compared | None]:  # fmt: skip
    """What is usual in each slot, and of the days that are over."""
    period, over = chosen.period, _over(chosen.period, chosen.today)
    learned = Period(period.first - WEEKS_BACK * WEEK, period.last)

    def past(day: date) -> bool:
        """A day that is not over must not tell what is usual on those after it."""
        return day < chosen.today and fit(day)

    if chosen.unit is Unit.HOUR:
        beside = _usual_hours(told.by_clock_hour(learned, chosen.scope), flow, past, first)
        counts = told.daily(learned, chosen.scope)
    else:
        counts = told.daily(learned, chosen.scope)
        beside = tuple(
            _sum(_usual_of(day, counts, past, first) for day in part)
            for part in parts(period, chosen.unit, chosen.week_starts)
        )
    days = [(day, what) for day in over or () if (what := _usual_of(day, counts, past, first)) is not None]
    if not days:
        return beside, None
    came = sum(counts.get(day, 0.0) for day, _ in days)
    return beside, Compared(over or period, None, came, sum(what for _, what in days))


def _usual_of(day: date, counts: Mapping[date, float], fit: Callable[[date], bool], first: date) -> float | None:
    found = usual(day, counts, fit, first)
    return None if found is None else found.value


def _usual_hours(hours: Mapping[date, Sequence[float]], flow: Sequence[Flow], fit: Callable[[date], bool],
                 first: date) -> tuple[float | None, ...]:  # fmt: skip
    found = {
        day: usual_day(day, lambda other: hours.get(other, (0.0,) * CLOCK_HOURS), fit, first)
        for day in {one.slot.first for one in flow}
    }
    return tuple(
        None if (what := found[one.slot.first]) is None else what.hours[one.slot.clock_hour or 0] for one in flow
    )


def _sum(values: Iterable[float | None]) -> float | None:
    """The sum; None if one of them is not known: a part of a month is no month."""
    known = list(values)
    return None if None in known else sum(value for value in known if value is not None)
