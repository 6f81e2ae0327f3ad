"""Times as people write them: times of day that may move with the sun or the opening hours, and holidays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

MINUTES_PER_DAY = 24 * 60
CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
MOMENT = re.compile(r"(?:(\d{1,2}:\d{2})|(opening|closing|sunrise|sunset)(?:([+-])(\d{1,2}:\d{2}))?)")
DAY = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})")
EASTER = re.compile(r"easter(?:([+-]\d{1,2}))?")
# Has a 29th of February, for days given without a year.
LEAP_YEAR = 2024


class Anchor(str, Enum):
    """What a time of day is counted from."""

    MIDNIGHT = "midnight"
    OPENING = "opening"
    CLOSING = "closing"
    SUNRISE = "sunrise"
    SUNSET = "sunset"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of day: so many minutes after (or, below 0, before) something that may move from day to day."""

    anchor: Anchor
    minutes: int

    def __str__(self) -> str:
        if self.anchor is Anchor.MIDNIGHT:
            return clock_text(self.minutes)
        sign = "+" if self.minutes > 0 else "-"
        away = f"{sign}{clock_text(abs(self.minutes))}" if self.minutes else ""
        return f"{self.anchor.value}{away}"


@dataclass(frozen=True, slots=True)
class Holiday:
    """One entry of the list of holidays: days from ``first`` to ``last``, in every year if ``yearly``; or a day by
    its distance from Easter Sunday, if ``easter_days`` is given."""  # noqa: D205, D209 - two kinds in one sentence

    first: date = date.min
    last: date = date.min
    yearly: bool = False
    easter_days: int | None = None

    def includes(self, day: date) -> bool:
        """Whether the day is one of these."""
        if self.easter_days is not None:
            return day == easter(day.year) + timedelta(days=self.easter_days)
        if not self.yearly:
            return self.first <= day <= self.last
        first, last, this = ((at.month, at.day) for at in (self.first, self.last, day))
        return first <= this <= last if first <= last else this >= first or this <= last


def clock_text(minutes: int) -> str:
    """Minutes as hours and minutes: 545 is 09:05."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def parse_moment(text: str) -> Moment:
    """Read ``22:00``, ``sunset``, ``opening-00:15`` and the like. ``ValueError`` says what is wrong with it."""
    match = MOMENT.fullmatch(text.replace(" ", ""))
    minutes = _clock_minutes(match[1] or match[4] or "00:00") if match else None
    if match is None or minutes is None:
        raise ValueError(
            f"{text!r} is no time of day; give one such as 22:00, or opening, closing, sunrise or sunset, "
            "with or without a distance, such as sunset-00:30"
        )
    if match[2] is None:
        return Moment(Anchor.MIDNIGHT, minutes)
    return Moment(Anchor(match[2]), -minutes if match[3] == "-" else minutes)


def parse_holiday(text: str) -> Holiday:
    """Read ``2025-12-24``, ``12-25`` (every year), two days with .. between, ``easter`` or ``easter+39``.

    ``ValueError`` says what is wrong with it.
    """
    match = EASTER.fullmatch(text.strip())
    if match:
        return Holiday(easter_days=int(match[1] or 0))
    days = [_day(part.strip()) for part in text.split("..")]
    first, last = days[0], days[-1]
    if len(days) > 2 or first is None or last is None or first[1] is not last[1]:  # noqa: PLR2004 - from and to
        raise ValueError(
            f"{text!r} is no holiday; give a day such as 2025-12-24 or 12-25, two such days with .. between them, "
            "or one by Easter, such as easter+1"
        )
    if not first[1] and last[0] < first[0]:
        raise ValueError(f"{text!r} ends before it begins")
    return Holiday(first[0], last[0], yearly=first[1])


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous rule printed in Nature 13, 1876)."""
    golden, century, of_century = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _clock_minutes(text: str) -> int | None:
    match = CLOCK.fullmatch(text)
    if match is None:
        return None
    minutes = int(match[1]) * 60 + int(match[2])
    return minutes if int(match[2]) < 60 and minutes <= MINUTES_PER_DAY else None  # noqa: PLR2004 - minutes an hour


def _day(text: str) -> tuple[date, bool] | None:
    """A day, and whether it comes every year."""
    match = DAY.fullmatch(text)
    if match is None:
        return None
    try:
        return date(int(match[1] or LEAP_YEAR), int(match[2]), int(match[3])), match[1] is None
    except ValueError:
        return None
