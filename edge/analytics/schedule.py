"""Which times a shop's times mean: opening hours, holidays, windows that may move with the sun. Pure.

Hours are by the wall clock of the site: on the two days a year that have 23 or 25 hours a window from 22:00 to 06:00
is an hour shorter or longer. A window belongs to the day on which it begins, also when it ends on the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from edge.analytics.sun import sun_times
from edge.config.rules import WEEKDAYS
from edge.config.times import MINUTES_PER_DAY, Anchor, Moment, clock_text

if TYPE_CHECKING:
    from edge.analytics.sun import SunTimes
    from edge.config.rules import RuleTable, ScheduleTable

Kept = TypeVar("Kept")

DAY = timedelta(days=1)
# A shop that is closed for longer has holidays: what ends when it opens ends then.
OPENING_WITHIN = 8 * DAY
# What holds for a day is worked out once; so many days' worth is kept.
KEPT_DAYS = 32
DAY_START, DAY_END = Moment(Anchor.MIDNIGHT, 0), Moment(Anchor.MIDNIGHT, MINUTES_PER_DAY)
LONG_AGO = datetime(1970, 1, 2, tzinfo=timezone.utc)
OPENING_ANCHORS = {Anchor.OPENING, Anchor.CLOSING}


@dataclass(frozen=True, slots=True)
class Between:
    """From one aware moment to another; the end itself is outside."""

    start: datetime
    end: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end


class Calendar:
    """A site's days. ``coordinates`` are latitude and longitude in degrees, or empty."""

    def __init__(
        self, schedule: ScheduleTable, time_zone: str, coordinates: tuple[()] | tuple[float, float] = ()
    ) -> None:
        self._schedule = schedule
        self._holidays = schedule.days_off()
        self._zone = ZoneInfo(time_zone)
        self._coordinates = coordinates
        self._suns: dict[date, SunTimes] = {}
        self._openings: dict[date, list[Between]] = {}

    def local(self, at: datetime) -> datetime:
        """A moment by the site's wall clock."""
        return at.astimezone(self._zone)

    def is_holiday(self, day: date) -> bool:
        """Whether the day is in the list of holidays."""
        return any(holiday.includes(day) for holiday in self._holidays)

    def opening(self, day: date) -> list[Between]:
        """When the shop is open on a day, in order."""
        if day not in self._openings:
            spans = []
            for start, end in self._schedule.opening(day, holiday=self.is_holiday(day)):
                spans.append(Between(self._at(day, start), self._at(day if end > start else day + DAY, end)))
            _keep(self._openings, day, sorted(spans, key=lambda span: span.start))
        return self._openings[day]

    def open_since(self, at: datetime) -> datetime | None:
        """When the shop opened, if it is open at a moment."""
        today = self.local(at).date()
        return next((span.start for day in (today - DAY, today) for span in self.opening(day) if at in span), None)

    def closed_since(self, at: datetime) -> datetime | None:
        """When the shop closed, if it is closed at a moment; a time long ago if it did not open lately."""
        if self.open_since(at) is not None:
            return None
        today = self.local(at).date()
        days = (today - back * DAY for back in range(OPENING_WITHIN // DAY + 1))
        return next((span.end for day in days for span in self.opening(day)[::-1] if span.end <= at), LONG_AGO)

    def moment(self, moment: Moment, day: date) -> datetime | None:
        """When a time of day is on a day; None if the shop does not open on it, for times by its opening hours."""
        away = timedelta(minutes=moment.minutes)
        if moment.anchor is Anchor.MIDNIGHT:
            days, minutes = divmod(moment.minutes, MINUTES_PER_DAY)
            return self._at(day + days * DAY, time(minutes // 60, minutes % 60))
        if moment.anchor in (Anchor.SUNRISE, Anchor.SUNSET):
            sun = self._sun(day)
            return (sun.rise if moment.anchor is Anchor.SUNRISE else sun.set) + away
        spans = self.opening(day)
        if not spans:
            return None
        return (spans[0].start if moment.anchor is Anchor.OPENING else max(span.end for span in spans)) + away

    def _at(self, day: date, clock: time) -> datetime:
        """A wall clock's time on a day, in UTC: only there do differences and comparisons mean what they say."""
        return datetime.combine(day, clock, self._zone).astimezone(timezone.utc)

    def _sun(self, day: date) -> SunTimes:
        if day not in self._suns:
            _keep(self._suns, day, sun_times(self._at(day, time(12)), *(self._coordinates or (0.0, 0.0))))
        return self._suns[day]


def _keep(kept: dict[date, Kept], day: date, what: Kept) -> None:
    """Keep what was worked out for a day, and not that of every day there ever was."""
    if len(kept) >= KEPT_DAYS:
        kept.clear()
    kept[day] = what


class Window:
    """When a rule is in force.

    A window from an evening's time (sunset, closing, or a time after noon) to a morning's one (sunrise, opening, or a
    time before noon) ends on the next day, or, to an opening, when the shop next opens. Two times of the clock do so
    if the second is the earlier one. Any other window whose end comes before its start is shut that day: from sunset
    to closing there is nothing in summer.
    """

    def __init__(self, rule: RuleTable, calendar: Calendar) -> None:
        self._calendar = calendar
        self._days = {WEEKDAYS.index(day) for day in rule.days}
        self._holidays, self._hours = rule.holidays, rule.hours
        start, end = rule.window()
        self._all_day = start is end is None
        self.always = self._all_day and not rule.days and rule.holidays == rule.hours == "any"
        self._start, self._end = start or DAY_START, end or DAY_END
        self._overnight = _overnight(self._start, self._end)
        self._reach = OPENING_WITHIN if {self._start.anchor, self._end.anchor} & OPENING_ANCHORS else DAY

    def since(self, now: datetime) -> datetime | None:
        """When the window that is open at ``now`` began; None if none is."""
        return next((since for day, since in self._covering(now) if self._day_fault(day) is None), None)

    def why_not(self, now: datetime) -> str | None:
        """Why no window is open, told as the second half of a sentence; None if one is."""
        local = self._calendar.local(now)
        is_open = self._calendar.open_since(now) is not None
        faults = [self._day_fault(day) for day, _ in self._covering(now)]
        if None in faults:
            return None
        if faults:
            return faults[0]
        if self._hours == ("closed" if is_open else "open"):
            return "the shop is open" if is_open else "the shop is closed"
        times = " to ".join(self._told(moment, local.date()) for moment in (self._start, self._end))
        return f"it is {local:%H:%M} and the rule is for {times}"

    def _covering(self, now: datetime) -> list[tuple[date, datetime]]:
        """The windows open now, whatever weekday or holiday it is, latest first: the day each belongs to, and since
        when it is open."""  # noqa: D205, D209 - one thought
        today = self._calendar.local(now).date()
        by_hours = self._by_hours(now)
        if by_hours is None:
            return []
        if self._all_day and self._hours != "any":
            # What has no times of its own has those of the shop: a late night belongs to the day before.
            return [(self._calendar.local(by_hours).date() if self._hours == "open" else today, by_hours)]
        days = [today - back * DAY for back in range(self._reach // DAY + 1)]
        spans = [(day, span) for day in days if (span := self._on(day)) is not None and now in span]
        return [(day, max(span.start, by_hours)) for day, span in spans]

    def _by_hours(self, now: datetime) -> datetime | None:
        if self._hours == "any":
            return LONG_AGO
        return self._calendar.open_since(now) if self._hours == "open" else self._calendar.closed_since(now)

    def _day_fault(self, day: date) -> str | None:
        if self._days and day.weekday() not in self._days:
            wanted = ", ".join(WEEKDAYS[number] for number in sorted(self._days))
            return f"it is {WEEKDAYS[day.weekday()]} and the rule is for {wanted}"
        if self._holidays == "only" and not self._calendar.is_holiday(day):
            return "it is no holiday and the rule is for holidays only"
        if self._holidays == "except" and self._calendar.is_holiday(day):
            return "it is a holiday and the rule is not for holidays"
        return None

    def _on(self, day: date) -> Between | None:
        """The window that begins on a day."""
        start = self._calendar.moment(self._start, day)
        if start is None:
            return None
        ends_on = day + DAY if self._overnight else day
        end = self._calendar.moment(self._end, ends_on)
        while end is None and self._overnight and ends_on < day + OPENING_WITHIN:
            ends_on += DAY
            end = self._calendar.moment(self._end, ends_on)
        return Between(start, end) if end is not None and start < end else None

    def _told(self, moment: Moment, day: date) -> str:
        """A time of day, and what it is today if it moves."""
        if moment.anchor is Anchor.MIDNIGHT:
            return clock_text(moment.minutes)
        at = self._calendar.moment(moment, day)
        return f"{moment} ({self._calendar.local(at):%H:%M} today)" if at is not None else f"{moment} (closed today)"


def _overnight(start: Moment, end: Moment) -> bool:
    if start.anchor is end.anchor is Anchor.MIDNIGHT:
        return end.minutes <= start.minutes
    return not _of_morning(start) and _of_morning(end)


def _of_morning(moment: Moment) -> bool:
    if moment.anchor is Anchor.MIDNIGHT:
        return moment.minutes < MINUTES_PER_DAY // 2
    return moment.anchor in (Anchor.SUNRISE, Anchor.OPENING)
