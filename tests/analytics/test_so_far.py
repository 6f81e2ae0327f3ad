"""A day so far against what was expected of it: when something is said, and when nothing can be."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from random import Random
from zoneinfo import ZoneInfo

import pytest

from edge.analytics.forecast import CLOCK_HOURS, History
from edge.analytics.so_far import LEAST, judged
from edge.core.calendar import SiteCalendar

BERLIN = SiteCalendar(ZoneInfo("Europe/Berlin"))
MONDAY = date(2026, 1, 5)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
TODAY = MONDAY + 20 * WEEK
SHARES = dict.fromkeys(range(9, 19), 0.1)


def shop(today: float, people: float = 300.0, noise: float = 0.08, *, fit: bool = True) -> History:
    """A shop with about ``people`` a day, open from nine to seven, not on Sundays; ``today`` is a part of that."""
    dice, hours = Random(7), {}
    for number in range(20 * 7 + 1):
        day = MONDAY + number * DAY
        count = 0.0 if day.weekday() == 6 else people * (today if day == TODAY else 1 + dice.gauss(0, noise))
        hours[day] = [count * SHARES.get(hour, 0.0) for hour in range(CLOCK_HOURS)]
    return History(hours, lambda day: fit or day != TODAY, MONDAY, lambda day: day.weekday() == 6)


def at(clock: int, minute: int = 0, day: date = TODAY) -> datetime:
    return datetime(day.year, day.month, day.day, clock, minute, tzinfo=BERLIN.zone).astimezone(timezone.utc)


@pytest.mark.parametrize(("part", "verdict"), [(0.4, -1), (0.9, 0), (1.1, 0), (1.6, 1)])
def test_a_day_is_quiet_usual_or_busy(part: float, verdict: int) -> None:
    found = judged(shop(part), BERLIN, at(15, 20))
    assert found is not None
    assert found.day == TODAY
    assert found.came == pytest.approx(300 * part * 0.6), "nine to three"
    assert found.expected.value == pytest.approx(180, rel=0.1)
    assert found.part == pytest.approx(part - 1, abs=0.1)
    assert found.verdict == verdict


def test_only_whole_hours_count() -> None:
    early, late = judged(shop(1.0), BERLIN, at(13, 0)), judged(shop(1.0), BERLIN, at(13, 59))
    assert early == late
    assert early is not None
    assert early.came == pytest.approx(120)


def test_nothing_is_said_of_a_handful_of_people_or_before_anybody_can_have_come() -> None:
    assert judged(shop(0.0, people=LEAST), BERLIN, at(18)) is None
    assert judged(shop(0.0), BERLIN, at(9, 30)) is None
    found = judged(shop(0.0), BERLIN, at(11))
    assert found is not None
    assert found.verdict == -1


def test_nothing_is_said_of_a_day_that_cannot_be_compared_or_on_which_the_shop_is_closed() -> None:
    assert judged(shop(0.1, fit=False), BERLIN, at(15)) is None
    assert judged(shop(0.1), BERLIN, at(15, day=TODAY - DAY)) is None, "a Sunday"


def test_usual_days_are_hardly_ever_called_unusual() -> None:
    told = 0
    for seed in range(60):
        dice = Random(seed)
        known = shop(1 + dice.gauss(0, 0.08))
        told += any(found.verdict for clock in range(11, 20) if (found := judged(known, BERLIN, at(clock))) is not None)
    assert told <= 3, "with the forecast's own band it would be every fifth"


def test_the_hour_that_is_there_twice_counts_once_it_is_over() -> None:
    night = SiteCalendar(ZoneInfo("Europe/Berlin"), 12)
    day = date(2026, 10, 24)
    hours = {day - number * DAY: [40.0] * CLOCK_HOURS for number in range(80)}
    known = History(hours, lambda _: True, day - 79 * DAY, lambda _: False)
    first = judged(known, night, datetime(2026, 10, 25, 1, 30, tzinfo=timezone.utc))
    assert first is not None
    assert first.came == 14 * 40, "noon to two; half past two is shown for the second time"
