"""Times as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from edge.config.times import Anchor, Moment, easter, parse_holiday, parse_moment


@pytest.mark.parametrize(
    ("text", "moment", "shown"),
    [
        ("22:00", Moment(Anchor.MIDNIGHT, 1320), "22:00"),
        ("7:05", Moment(Anchor.MIDNIGHT, 425), "07:05"),
        ("24:00", Moment(Anchor.MIDNIGHT, 1440), "24:00"),
        ("sunset", Moment(Anchor.SUNSET, 0), "sunset"),
        ("sunset-00:30", Moment(Anchor.SUNSET, -30), "sunset-00:30"),
        ("sunrise + 1:00", Moment(Anchor.SUNRISE, 60), "sunrise+01:00"),
        ("closing-00:10", Moment(Anchor.CLOSING, -10), "closing-00:10"),
        ("opening", Moment(Anchor.OPENING, 0), "opening"),
    ],
)
def test_a_time_of_day_is_read(text: str, moment: Moment, shown: str) -> None:
    assert parse_moment(text) == moment
    assert str(moment) == shown


@pytest.mark.parametrize("text", ["", "noon", "25:00", "22:60", "22.00", "sunset-30", "22:00+00:10", "24:01"])
def test_no_time_of_day_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no time of day"):
        parse_moment(text)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("2025-12-24", ["2025-12-24"], ["2024-12-24", "2025-12-25"]),
        ("12-25", ["2025-12-25", "2031-12-25"], ["2025-12-24"]),
        ("02-29", ["2024-02-29"], ["2025-02-28", "2025-03-01"]),
        ("2025-08-01..2025-08-15", ["2025-08-01", "2025-08-15"], ["2025-08-16", "2026-08-02"]),
        ("08-01..08-15", ["2025-08-01", "2026-08-15"], ["2026-07-31"]),
        ("12-24..01-02", ["2025-12-24", "2026-01-01", "2026-01-02"], ["2026-01-03", "2025-12-23"]),
        ("easter", ["2025-04-20", "2026-04-05"], ["2025-04-21"]),
        ("easter+1", ["2025-04-21", "2026-04-06"], ["2025-04-20"]),
        ("easter-2", ["2025-04-18"], []),
        ("easter+39", ["2025-05-29", "2026-05-14"], []),
    ],
)
def test_a_holiday_is_read(text: str, inside: list[str], outside: list[str]) -> None:
    holiday = parse_holiday(text)
    assert all(holiday.includes(date.fromisoformat(day)) for day in inside)
    assert not any(holiday.includes(date.fromisoformat(day)) for day in outside)


@pytest.mark.parametrize(
    "text", ["", "christmas", "2025-02-29", "13-01", "2025-01-01..01-05", "12-24..12-25..12-26", "easter+1d"]
)
def test_no_holiday_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no holiday"):
        parse_holiday(text)
    with pytest.raises(ValueError, match="ends before it begins"):
        parse_holiday("2025-08-15..2025-08-01")


def test_easter_is_when_the_church_says() -> None:
    # The earliest and the latest possible, and the exceptions of the rule.
    known = ["1818-03-22", "1943-04-25", "1954-04-18", "1981-04-19", "2000-04-23", "2038-04-25", "2049-04-18"]
    assert [easter(int(day[:4])).isoformat() for day in known] == known
