"""What is expected of the coming days: better than the same as last week, and as sure as it says."""

from __future__ import annotations

from datetime import date, timedelta
from math import exp
from random import Random

import pytest

from edge.analytics.forecast import CLOCK_HOURS, Expected, Forecast, History, forecast, judge

MONDAY = date(2026, 1, 5)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
SHARES = {9: 0.2, 12: 0.5, 17: 0.3}
WEEKDAYS = (100, 100, 120, 140, 200, 240, 0)


def shop(
    weeks: int, growth_a_day: float = 0.0, noise: float = 0.0, off: frozenset[date] = frozenset(), seed: int = 1
) -> History:
    """A shop whose Saturdays are its best days, closed on Sundays."""
    dice, hours = Random(seed), {}
    for number in range(weeks * 7):
        day = MONDAY + number * DAY
        count = WEEKDAYS[day.weekday()] * exp(growth_a_day * number + dice.gauss(0, noise))
        hours[day] = [0.0 if day in off else count * SHARES.get(hour, 0.0) for hour in range(CLOCK_HOURS)]
    return History(hours, lambda day: day not in off, MONDAY, lambda day: day.weekday() == 6)


def made(history: History, first: date) -> Forecast:
    found = forecast(history, first)
    assert found is not None
    return found


def test_a_shop_that_never_changes() -> None:
    found = made(shop(10), MONDAY + 10 * WEEK)
    assert [day.value for day in found.days] == pytest.approx(list(WEEKDAYS))
    assert found.trend == 0
    saturday = {hour.clock_hour: hour.value for hour in found.hours if hour.day.weekday() == 5 and hour.value}
    assert saturday == pytest.approx({hour: 240 * share for hour, share in SHARES.items()})
    assert all(day.low <= day.value <= day.high for day in found.days)
    assert (found.days[6].low, found.days[6].high) == (0, 0), "closed"


def test_an_outage_and_a_festival_move_nothing() -> None:
    gap = frozenset({MONDAY + 9 * WEEK, MONDAY + 9 * WEEK + DAY})
    history = shop(10, off=gap)
    festival = dict(history.hours)
    festival[MONDAY + 9 * WEEK + 2 * DAY] = [900.0] * CLOCK_HOURS
    found = made(History(festival, history.fit, MONDAY, history.closed), MONDAY + 10 * WEEK)
    assert [day.value for day in found.days] == pytest.approx(list(WEEKDAYS))


def test_growth_is_carried_on_in_part() -> None:
    growth = 0.004
    history = shop(16, growth)
    first = MONDAY + 16 * WEEK
    found = made(history, first)
    truth = [WEEKDAYS[n] * exp(growth * (16 * 7 + n)) for n in range(6)]
    last = [history.total(first - WEEK + n * DAY) for n in range(6)]
    medians = [WEEKDAYS[n] * exp(growth * (16 * 7 + n - 31.5)) for n in range(6)]
    for number, day in enumerate(found.days[:6]):
        assert medians[number] < day.value < truth[number]
        assert day.value == pytest.approx(last[number], rel=0.06)
    assert found.trend == pytest.approx(exp(growth * 7) - 1, rel=0.05)


def test_better_than_last_week_and_as_sure_as_it_says() -> None:
    """Of independent days the mean error against the median is about 1 / sqrt(2) of that against one day."""
    history = shop(60, noise=0.15)
    found = judge(history, MONDAY + 10 * WEEK, MONDAY + 60 * WEEK - DAY)
    assert found is not None
    assert found.days == 50 * 6
    assert found.ratio == pytest.approx(0.75, abs=0.08)
    assert found.fair_ratio == pytest.approx(found.ratio)
    assert found.held == pytest.approx(0.8, abs=0.07)
    assert found.hour_error == pytest.approx(found.day_error / 3, rel=0.01), "all hours go up and down together"


def test_each_week_is_forecast_from_what_was_known_before_it() -> None:
    history = shop(20, noise=0.2)
    first = MONDAY + 12 * WEEK
    known = {day: hours for day, hours in history.hours.items() if day < first}
    early = History(known, history.fit, MONDAY, history.closed)
    assert made(history, first) == made(early, first)


def test_too_few_weeks_tell_nothing() -> None:
    assert forecast(shop(2), MONDAY + 2 * WEEK, 6) is None
    assert forecast(shop(3), MONDAY + 3 * WEEK, 6) is not None
    assert judge(shop(2), MONDAY + WEEK, MONDAY + 2 * WEEK - 2 * DAY) is None


def test_verdicts() -> None:
    expected = Expected(MONDAY, None, 100.0, 80.0, 120.0)
    assert [expected.verdict(came) for came in (79, 80, 100, 120, 121)] == [-1, 0, 0, 0, 1]


def test_more_than_a_week_ahead() -> None:
    found = forecast(shop(10), MONDAY + 10 * WEEK, 21)
    assert found is not None
    assert [day.value for day in found.days] == pytest.approx(list(WEEKDAYS) * 3)
