"""Days of 23, 24 and 25 hours, shops open past midnight, zones that are not whole hours away."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.calendar import HOUR_MS, SiteCalendar, day_number, day_of_number
from edge.core.timekeeping import to_ms

steady = settings(derandomize=True, deadline=None, max_examples=150)
BERLIN = SiteCalendar(ZoneInfo("Europe/Berlin"))
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
ODD_ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana", "UTC",
             "Africa/Cairo", "Asia/Beirut", "America/St_Johns", "Pacific/Apia"]  # fmt: skip


def utc(*parts: int) -> int:
    return to_ms(datetime(*parts, tzinfo=timezone.utc))  # type: ignore[misc]


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 7, 1), 24)])
def test_days_have_as_many_hours_as_the_clocks_leave_them(day: date, hours: int) -> None:
    start_ms, end_ms = BERLIN.span_ms(day)
    assert end_ms - start_ms == hours * HOUR_MS
    of_day = list(BERLIN.hours_of(day))
    assert len(of_day) == hours
    assert {hour.day for hour in of_day} == {day}


def test_the_hour_that_is_there_twice_is_two_hours() -> None:
    twice = [hour for hour in BERLIN.hours_of(AUTUMN) if hour.clock_hour == 2]
    assert [hour.start_ms for hour in twice] == [utc(2026, 10, 25, 0), utc(2026, 10, 25, 1)]
    assert BERLIN.hour_of(utc(2026, 10, 25, 0, 59, 59)) == twice[0]
    assert BERLIN.hour_of(utc(2026, 10, 25, 1)) == twice[1]


def test_the_hour_that_is_left_out_is_not_there() -> None:
    assert 2 not in [hour.clock_hour for hour in BERLIN.hours_of(SPRING)]


def test_a_bar_begins_its_day_in_the_morning() -> None:
    bar = SiteCalendar(ZoneInfo("Europe/Berlin"), day_starts_h=5)
    assert bar.day_of(utc(2026, 7, 2, 2, 59, 59)) == date(2026, 7, 1)
    assert bar.day_of(utc(2026, 7, 2, 3)) == date(2026, 7, 2)
    assert bar.span_ms(date(2026, 7, 1)) == (utc(2026, 7, 1, 3), utc(2026, 7, 2, 3))
    assert len(list(bar.hours_of(SPRING - timedelta(days=1)))) == 23, "the night of the change is the evening's"
    assert len(list(bar.hours_of(SPRING))) == 24


def test_hours_begin_where_the_wall_clock_says() -> None:
    kathmandu = SiteCalendar(ZoneInfo("Asia/Kathmandu"))
    hour = kathmandu.hour_of(utc(2026, 7, 1, 6, 30))
    assert (hour.start_ms, hour.clock_hour) == (utc(2026, 7, 1, 6, 15), 12)


def test_a_midnight_that_does_not_exist() -> None:
    beirut = SiteCalendar(ZoneInfo("Asia/Beirut"))
    start_ms, end_ms = beirut.span_ms(date(2026, 3, 29))
    assert end_ms - start_ms == 23 * HOUR_MS
    assert beirut.day_of(start_ms) == date(2026, 3, 29)
    assert beirut.day_of(start_ms - 1) == date(2026, 3, 28)


@steady
@given(
    st.sampled_from(ODD_ZONES), st.integers(0, 23), st.integers(utc(2024, 1, 1), utc(2032, 1, 1))
)
def test_each_moment_lies_in_its_day_and_its_hour(zone: str, starts_h: int, at_ms: int) -> None:
    calendar = SiteCalendar(ZoneInfo(zone), starts_h)
    hour = calendar.hour_of(at_ms)
    assert hour.start_ms <= at_ms < hour.start_ms + HOUR_MS
    start_ms, end_ms = calendar.span_ms(hour.day)
    assert start_ms <= at_ms < end_ms
    assert hour in list(calendar.hours_of(hour.day))


@steady
@given(st.sampled_from(ODD_ZONES), st.integers(0, 23), st.dates(date(2024, 1, 1), date(2031, 12, 31)))
def test_days_follow_each_other_without_gaps(zone: str, starts_h: int, day: date) -> None:
    calendar = SiteCalendar(ZoneInfo(zone), starts_h)
    assert calendar.span_ms(day)[1] == calendar.span_ms(day + timedelta(days=1))[0]
    starts = [hour.start_ms for hour in calendar.hours_of(day)]
    assert all(before < after for before, after in pairwise(starts))
    assert day_of_number(day_number(day)) == day
