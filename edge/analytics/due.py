"""Which report is due: judged by the clock on the shop's wall, once for each day, week or month. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from edge.analytics.periods import DAY, Period, Unit, period_of
from edge.core.timekeeping import from_ms, to_ms

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, time

    from edge.core.calendar import SiteCalendar

# How long after a failure it is tried again: a minute, twice that, and so on up to six hours.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 60.0, 6 * 3600.0
UNITS = (Unit.DAY, Unit.WEEK, Unit.MONTH)


@dataclass(frozen=True, slots=True)
class Round:
    """Something that comes round: once each ``every`` (a day, a week or a month), on the day after it, ``at`` a time.

    ``calendar`` says when the days of the shop begin and end. Weeks begin on ``week_starts``, 0 being Monday.
    """

    every: Unit
    at: time
    calendar: SiteCalendar
    week_starts: int = 0

    def period(self, day: date) -> Period:
        """The period a day is in."""
        return period_of(self.every, day, self.week_starts)

    def due_at(self, period: Period) -> datetime:
        """When the report of a period is due (UTC): never before its last day has ended.

        A time of day that the clocks leave out is taken for the one an hour later, of one that comes twice the first.
        """
        after = period.last + DAY
        local = datetime(after.year, after.month, after.day, self.at.hour, self.at.minute, tzinfo=self.calendar.zone)
        return from_ms(max(to_ms(local), self.calendar.start_ms(after)))

    def latest(self, now: datetime) -> Period:
        """The latest period whose report is due at ``now`` (aware)."""
        period = self.period(self.calendar.day_of(to_ms(now)))
        while self.due_at(period) > now:
            period = self.period(period.first - DAY)
        return period

    def next_at(self, now: datetime) -> datetime:
        """When the next report is due after ``now``."""
        return self.due_at(self.period(self.latest(now).last + DAY))


def due(turn: Round, now: datetime, since: datetime, done: Collection[date]) -> Period | None:
    """The period whose report is to be made at ``now``; None if there is none.

    ``done``: the first days of the periods that were seen to. ``since``: from when on the reports are wanted; one that
    was due before is not made up for. Of several that were missed only the latest is made. Where the clock has gone
    back, none is made that is older than one that was due by now.
    """
    latest = turn.latest(now)
    if turn.due_at(latest) < since or latest.first in done:
        return None
    newer = (first for first in done if first > latest.first)
    return None if any(turn.due_at(turn.period(first)) <= now for first in newer) else latest


def pause_s(tries: int) -> float:
    """How long to wait after so many tries that failed, in seconds."""
    return 0.0 if tries < 1 else float(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(tries - 1, 20)))


def may_try(now: datetime, tries: int, tried_at: datetime | None) -> bool:
    """Whether the pause after the last try is over. A try in the future was noted by a clock that was wrong."""
    if tried_at is None or tried_at > now:
        return True
    return now - tried_at >= timedelta(seconds=pause_s(tries))
