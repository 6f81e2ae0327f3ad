"""When a rule is in force."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.schedule import Calendar, Window
from edge.config.rules import RuleTable, ScheduleTable

PARIS = "Europe/Paris"
WEEK = ScheduleTable(
    mon=("09:00-12:30", "14:00-18:30"), tue=("09:00-18:30",), wed=("09:00-18:30",), thu=("09:00-18:30",),
    fri=("20:00-02:00",), sat=("10:00-17:00",), holidays=("12-25", "easter+1"), holiday_hours=(),
)  # fmt: skip


def at(text: str, zone: str = PARIS) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def window(place: tuple[float, float] = (48.86, 2.35), zone: str = PARIS, **rule: object) -> Window:
    table = RuleTable.model_validate({"name": "r", "on": "arrival", "chime": "bell", **rule})
    return Window(table, Calendar(WEEK, zone, place))


def opens(shut: Window, *times: str, zone: str = PARIS) -> list[bool]:
    return [shut.since(at(time, zone)) is not None for time in times]


def test_without_any_condition_it_is_always_open() -> None:
    assert window().always
    assert opens(window(), "2025-01-01 00:00", "2025-01-01 23:59:59") == [True, True]
    assert not window(days=["mon"]).always


def test_hours_across_midnight_belong_to_the_day_they_begin_on() -> None:
    late = window(**{"from": "22:00", "to": "06:00", "days": ["fri"]})
    friday = ["2025-06-06 21:59:59", "2025-06-06 22:00", "2025-06-07 05:59:59", "2025-06-07 06:00"]
    assert opens(late, *friday) == [False, True, True, False]
    assert opens(late, "2025-06-06 03:00", "2025-06-07 22:30") == [False, False]
    assert late.since(at("2025-06-07 01:00")) == at("2025-06-06 22:00")


def test_only_one_end_reaches_to_midnight() -> None:
    assert opens(window(**{"from": "22:00"}), "2025-06-06 21:59", "2025-06-06 23:59", "2025-06-07 00:00") == [
        False, True, False,
    ]  # fmt: skip
    assert opens(window(to="06:00"), "2025-06-06 00:00", "2025-06-06 06:00") == [True, False]


def test_opening_hours_with_a_midday_break_and_a_late_night() -> None:
    when_open, when_closed = window(hours="open"), window(hours="closed")
    times = {
        "2025-06-02 08:59": False, "2025-06-02 09:00": True, "2025-06-02 13:00": False, "2025-06-02 18:29": True,
        "2025-06-06 19:59": False, "2025-06-06 23:00": True, "2025-06-07 01:59": True, "2025-06-07 02:00": False,
        "2025-06-08 12:00": False, "2025-12-25 12:00": False, "2025-04-21 10:00": False,
    }  # fmt: skip
    assert opens(when_open, *times) == list(times.values())
    assert opens(when_closed, *times) == [not is_open for is_open in times.values()]
    assert when_open.since(at("2025-06-07 01:00")) == at("2025-06-06 20:00")
    assert when_closed.since(at("2025-06-02 13:00")) == at("2025-06-02 12:30")
    assert when_closed.since(at("2025-06-09 03:00")) == at("2025-06-07 17:00")
    assert opens(window(hours="open", days=["fri"]), "2025-06-07 01:00", "2025-06-07 11:00") == [True, False]


def test_holidays() -> None:
    assert opens(window(holidays="only"), "2025-12-25 12:00", "2025-12-24 12:00") == [True, False]
    assert opens(window(holidays="except"), "2025-12-25 12:00", "2025-12-24 12:00") == [False, True]


def test_from_opening_and_to_closing_with_distances() -> None:
    heating = window(**{"from": "opening-01:00", "to": "closing-00:30"})
    assert opens(heating, "2025-06-02 07:59", "2025-06-02 08:00", "2025-06-02 13:00", "2025-06-02 18:00") == [
        False, True, True, False,
    ]  # fmt: skip
    # From eight in the evening until two at night, whatever the date.
    assert opens(heating, "2025-06-06 19:30", "2025-06-07 01:29", "2025-06-07 01:30") == [True, True, False]
    assert opens(heating, "2025-06-08 12:00", "2025-12-25 12:00") == [False, False]


def test_from_closing_to_opening_lasts_over_days_on_which_it_stays_closed() -> None:
    alarm = window(**{"from": "closing+00:15", "to": "opening"})
    times = ["2025-06-07 17:14", "2025-06-07 17:15", "2025-06-08 12:00", "2025-06-09 08:59", "2025-06-09 09:00"]
    assert opens(alarm, *times) == [False, True, True, True, False]
    assert alarm.since(at("2025-06-09 08:00")) == at("2025-06-07 17:15")


def test_the_sun_moves_the_window_and_a_window_the_wrong_way_round_is_shut() -> None:
    lit = window(**{"from": "sunset-00:30", "to": "closing"})
    # Sunset in Paris: 17:05 on 2 January, 21:57 on 26 June.
    assert opens(lit, "2025-01-02 16:30", "2025-01-02 16:36", "2025-01-02 18:29", "2025-01-02 18:30") == [
        False, True, True, False,
    ]  # fmt: skip
    assert opens(lit, "2025-06-26 12:00", "2025-06-26 21:45", "2025-06-26 23:00", "2025-06-27 03:00") == [False] * 4
    sign = window(**{"from": "sunset", "to": "sunrise"})
    assert opens(sign, "2025-06-26 21:56", "2025-06-26 21:59", "2025-06-27 05:47", "2025-06-27 05:51") == [
        False, True, True, False,
    ]  # fmt: skip


def test_polar_night_is_all_night_and_midnight_sun_is_all_day() -> None:
    dark = window(place=(69.65, 18.96), zone="Europe/Oslo", **{"from": "sunset", "to": "sunrise"})
    hours = [f"2024-12-21 {hour:02d}:30" for hour in range(24)]
    assert opens(dark, *hours, zone="Europe/Oslo") == [True] * 24
    assert opens(dark, *(hour.replace("12-21", "06-21") for hour in hours), zone="Europe/Oslo") == [False] * 24


@pytest.mark.parametrize(
    ("rule", "time", "why"),
    [
        ({"from": "22:00", "to": "06:00"}, "2025-06-06 14:05", "it is 14:05 and the rule is for 22:00 to 06:00"),
        ({"from": "22:00"}, "2025-06-06 14:05", "it is 14:05 and the rule is for 22:00 to 24:00"),
        ({"days": ["mon", "tue"]}, "2025-06-06 14:05", "it is fri and the rule is for mon, tue"),
        ({"holidays": "only"}, "2025-06-06 14:05", "it is no holiday and the rule is for holidays only"),
        ({"holidays": "except"}, "2025-12-25 14:05", "it is a holiday and the rule is not for holidays"),
        ({"hours": "open"}, "2025-06-06 14:05", "the shop is closed"),
        ({"hours": "closed"}, "2025-06-03 14:05", "the shop is open"),
        (
            {"from": "sunset-00:30", "to": "closing"},
            "2025-01-02 14:05",
            "it is 14:05 and the rule is for sunset-00:30 (16:35 today) to closing (18:30 today)",
        ),
        (
            {"from": "opening", "to": "closing"},
            "2025-06-08 14:05",
            "it is 14:05 and the rule is for opening (closed today) to closing (closed today)",
        ),
        ({"from": "12:00"}, "2025-06-06 14:05", None),
    ],
)
def test_it_says_why_not(rule: dict[str, object], time: str, why: str | None) -> None:
    assert window(**rule).why_not(at(time)) == why


def test_days_of_23_and_25_hours() -> None:
    night = window(**{"from": "22:00", "to": "06:00"})
    for evening, hours in (("2025-03-29", 7), ("2025-10-25", 9), ("2025-06-01", 8)):
        start = at(f"{evening} 22:00").astimezone(ZoneInfo("UTC"))
        minutes = [start + timedelta(minutes=n) for n in range(-60, 700)]
        assert sum(night.since(minute) is not None for minute in minutes) == hours * 60
    hour = window(**{"from": "02:00", "to": "03:00"})
    start = at("2025-10-26 00:00").astimezone(ZoneInfo("UTC"))
    assert sum(hour.since(start + timedelta(minutes=n)) is not None for n in range(1440)) == 120


clock = st.integers(0, 1439).map(lambda n: f"{n // 60:02d}:{n % 60:02d}")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(clock, clock, st.integers(0, 60 * 24 * 365))
def test_two_windows_that_meet_cover_every_moment_once(start: str, end: str, minute: int) -> None:
    now = at("2025-01-01 00:00") + timedelta(minutes=minute)
    one, other = window(**{"from": start, "to": end}), window(**{"from": end, "to": start})
    if start != end:
        assert (one.since(now) is None) != (other.since(now) is None)
    for shut in (one, other):
        assert (shut.why_not(now) is None) == (shut.since(now) is not None)
