"""Periods as people speak of them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.analytics.periods import DAY, Period, Unit, before, parse_period, parts, period_of, year_before

DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)), ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-W47", date(2026, 11, 16), date(2026, 11, 22)), ("2020-W53", date(2020, 12, 28), date(2021, 1, 3)),
        (" 2026-11-25 ", date(2026, 11, 25), date(2026, 11, 25)),
        ("2026-11-01..2026-11-25", date(2026, 11, 1), date(2026, 11, 25)),
    ],
)  # fmt: skip
def test_read(text: str, first: date, last: date) -> None:
    assert parse_period(text) == Period(first, last)


@pytest.mark.parametrize("text", ["", "26", "2026-13", "2026-W54", "2026-02-30", "2026-02-03..2026-02-01", "week"])
def test_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="is no period; write a year"):
        parse_period(text)


def test_before_and_a_year_ago() -> None:
    march = Period(date(2024, 3, 1), date(2024, 3, 31))
    assert before(march) == Period(date(2024, 2, 1), date(2024, 2, 29))
    assert before(Period(date(2026, 1, 1), date(2026, 3, 31))) == Period(date(2025, 10, 1), date(2025, 12, 31))
    assert year_before(Period(date(2025, 2, 1), date(2025, 2, 28))) == Period(date(2024, 2, 1), date(2024, 2, 29))
    week = period_of(Unit.WEEK, date(2026, 11, 25))
    assert before(week) == Period(date(2026, 11, 16), date(2026, 11, 22))
    assert year_before(week).first == date(2025, 11, 24), "a Monday as well"


@given(DAYS, st.sampled_from(list(Unit)), st.integers(0, 6))
def test_a_day_is_in_its_period(day: date, unit: Unit, week_starts: int) -> None:
    period = period_of(unit, day, week_starts)
    assert day in period
    assert before(period).last == period.first - DAY
    assert period.first.weekday() == week_starts or unit is not Unit.WEEK


@given(DAYS, st.integers(0, 800), st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR]), st.integers(0, 6))
def test_parts_make_the_whole(day: date, length: int, unit: Unit, week_starts: int) -> None:
    period = Period(day, day + length * DAY)
    found = parts(period, unit, week_starts)
    assert [one for part in found for one in part] == list(period)
    assert all(part.last <= period_of(unit, part.first, week_starts).last for part in found)


def test_no_period() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        Period(date(2026, 1, 2), date(2026, 1, 1))
