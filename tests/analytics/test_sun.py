"""Sunrise and sunset against an almanac.

The times were computed by an independent ephemeris (PyEphem 4.2 by the rules of the US Naval Observatory: upper edge
of the sun, 34 minutes of refraction, no air pressure); those of London, New York and Reykjavik are printed in almanacs.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.sun import sun_times

LONDON, NEW_YORK, SYDNEY = (51.5074, -0.1278), (40.7128, -74.006), (-33.8688, 151.2093)
REYKJAVIK, QUITO, TOKYO, APIA = (64.1466, -21.9426), (-0.1807, -78.4678), (35.6895, 139.6917), (-13.83, -171.77)
TROMSO = (69.65, 18.96)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("place", "zone", "day", "rise", "set_"),
    [
        (LONDON, "Europe/London", "2024-12-21", "2024-12-21 08:03:57", "2024-12-21 15:53:39"),
        (LONDON, "Europe/London", "2024-06-20", "2024-06-20 03:43:02", "2024-06-20 20:21:25"),
        (NEW_YORK, "America/New_York", "2024-03-20", "2024-03-20 10:58:31", "2024-03-20 23:08:43"),
        (SYDNEY, "Australia/Sydney", "2024-12-21", "2024-12-20 18:40:50", "2024-12-21 09:05:40"),
        (REYKJAVIK, "Atlantic/Reykjavik", "2024-06-21", "2024-06-21 02:55:25", "2024-06-22 00:03:53"),
        (QUITO, "America/Guayaquil", "2025-01-01", "2025-01-01 11:13:36", "2025-01-01 23:21:42"),
        (TOKYO, "Asia/Tokyo", "2025-10-01", "2025-09-30 20:36:00", "2025-10-01 08:25:22"),
        (APIA, "Pacific/Apia", "2025-04-02", "2025-04-01 17:32:07", "2025-04-02 05:29:06"),
    ],
)
def test_the_sun_keeps_to_the_almanac(
    place: tuple[float, float], zone: str, day: str, rise: str, set_: str
) -> None:
    noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=ZoneInfo(zone))
    times = sun_times(noon, *place)
    assert abs(times.rise - utc(rise)) < timedelta(seconds=20)
    assert abs(times.set - utc(set_)) < timedelta(seconds=20)


def test_where_the_sun_does_not_rise_or_set() -> None:
    dark = sun_times(utc("2024-12-21 11:00"), *TROMSO)
    assert dark.set - dark.rise < timedelta(seconds=1)
    assert abs(dark.rise - utc("2024-12-21 10:42")) < timedelta(minutes=2)
    light = sun_times(utc("2024-06-21 11:00"), *TROMSO)
    assert abs(light.set - light.rise - timedelta(days=1)) < timedelta(seconds=60)
    pole = sun_times(utc("2024-06-21 12:00"), 90.0, 0.0)
    assert pole.set - pole.rise > timedelta(hours=23)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001 - made aware below
    st.floats(-90, 90),
    st.floats(-180, 180),
)
def test_the_day_is_around_the_asked_noon_and_as_long_as_the_other_hemispheres_night(
    asked: datetime, latitude: float, longitude: float
) -> None:
    noon = asked.replace(tzinfo=timezone.utc)
    times = sun_times(noon, latitude, longitude)
    middle = times.rise + (times.set - times.rise) / 2
    assert abs(middle - noon) <= timedelta(hours=12, minutes=15)
    assert timedelta(0) <= times.set - times.rise <= timedelta(hours=24, minutes=2)
    south = sun_times(noon, -latitude, longitude)
    both = (times.set - times.rise) + (south.set - south.rise)
    # Refraction makes days longer everywhere, the more so the flatter the sun's way.
    assert timedelta(hours=23, minutes=59) <= both
    if abs(latitude) < 55:
        assert both < timedelta(hours=24, minutes=32)
