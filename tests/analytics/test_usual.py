"""What is usual by some moment of a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from edge.analytics.usual import Usual, UsualDay, usual, usual_of
from edge.core.calendar import SiteCalendar
from edge.core.timekeeping import to_ms

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 23)
HOURS = tuple(float(hour) for hour in range(24))
DAY = UsualDay(HOURS, Usual(276.0, 10.0, ()))


def at(*when: int) -> int:
    return to_ms(datetime(*when, tzinfo=BERLIN))


@pytest.mark.parametrize(
    ("now_ms", "came"),
    [(at(2026, 11, 25, 0), 0.0), (at(2026, 11, 25, 3), 3.0), (at(2026, 11, 25, 3, 20), 4.0),
     (at(2026, 11, 26) - 1, pytest.approx(276.0, abs=0.001))],
)  # fmt: skip
def test_by_now(now_ms: int, came: float) -> None:
    assert DAY.by(SiteCalendar(BERLIN), now_ms) == pytest.approx(came)


def test_a_bars_night_and_a_day_of_25_hours() -> None:
    bar = SiteCalendar(BERLIN, 5)
    assert DAY.by(bar, at(2026, 11, 25, 5)) == 0
    assert DAY.by(bar, at(2026, 11, 26, 1)) == sum(range(5, 24)), "all of the evening, and nobody from midnight to one"
    site = SiteCalendar(BERLIN)
    assert DAY.by(site, at(2026, 10, 25, 4)) == 0 + 1 + 2 + 3
    assert DAY.by(site, at(2026, 10, 25, 2) + 3_600_000) == 0 + 1 + 1, "the first of the two hours from two to three"


def test_chance_alone_is_spread_enough() -> None:
    found = usual_of([100.0] * 8, [MONDAY] * 8)
    assert found is not None
    assert (found.value, found.spread) == (100.0, 10.0)
    assert usual_of([1.0, 2.0], [MONDAY] * 2) is None


def test_days_that_are_not_fit_and_from_before_the_records_are_left_out() -> None:
    values = {MONDAY - timedelta(weeks=back): float(back) for back in range(1, 13)}
    unfit = {MONDAY - timedelta(weeks=2)}
    found = usual(MONDAY, values, lambda day: day not in unfit, MONDAY - timedelta(weeks=5))
    assert found is not None
    assert found.value == 3.5, "the median of 1, 3, 4 and 5 weeks ago"
    full = usual(MONDAY, values, lambda _: True, date(2000, 1, 1))
    assert full is not None
    assert len(full.days) == 8
    assert full.value == 4.5
