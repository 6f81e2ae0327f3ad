"""When the sun rises and sets.

After the solar calculator of the US National Oceanic and Atmospheric Administration (gml.noaa.gov/grad/solcalc), whose
equations are those of Jean Meeus, Astronomical Algorithms (2nd edition, 1998, chapters 25 and 28). Right to a minute
between 72 degrees north and south in the years 1900 to 2100; hills, houses and the weather make more of a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from math import acos, asin, cos, degrees, radians, sin, tan

UNIX_EPOCH_JULIAN_DAY = 2440587.5
J2000_JULIAN_DAY = 2451545.0
DAYS_PER_CENTURY = 36525.0
SECONDS_PER_DAY = 86400.0
MINUTES_PER_DEGREE = 4.0
# The sun's upper edge is on the horizon: half its breadth and the bending of its light by the air, in degrees.
ZENITH_AT_RISE = 90.833
# At the very poles there are no hours.
HIGHEST_LATITUDE = 89.9
# Each round corrects the sun's place for the time found; two are good for a second.
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class SunTimes:
    """One day's sunrise and sunset, in UTC. A day without sun rises and sets at solar noon; a day without night rises
    at the solar midnight before and sets at the one after."""  # noqa: D205, D209 - one sentence, one thought

    rise: datetime
    set: datetime


def sun_times(noon: datetime, latitude: float, longitude: float) -> SunTimes:
    """Sunrise and sunset of the day whose middle is nearest to ``noon`` (aware).

    ``latitude`` in degrees, north above 0; ``longitude`` in degrees, east above 0.
    """
    latitude = max(-HIGHEST_LATITUDE, min(HIGHEST_LATITUDE, latitude))
    noon = noon.astimezone(timezone.utc)
    for _ in range(ROUNDS):
        noon += _to_solar_noon(noon, longitude)
    rise = set_ = noon
    for _ in range(ROUNDS):
        rise = _solar_noon_of(rise, noon) - _half_day(rise, latitude)
        set_ = _solar_noon_of(set_, noon) + _half_day(set_, latitude)
    return SunTimes(rise, set_)


def _to_solar_noon(at: datetime, longitude: float) -> timedelta:
    """From a moment to the nearest solar noon."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    _, equation_min = _sun(at)
    away = midnight + timedelta(minutes=720 - MINUTES_PER_DEGREE * longitude - equation_min) - at
    return timedelta(seconds=(away.total_seconds() + SECONDS_PER_DAY / 2) % SECONDS_PER_DAY - SECONDS_PER_DAY / 2)


def _solar_noon_of(at: datetime, noon: datetime) -> datetime:
    """This day's solar noon by the equation of time at another moment of the day."""
    _, there_min = _sun(at)
    _, here_min = _sun(noon)
    return noon + timedelta(minutes=here_min - there_min)


def _half_day(at: datetime, latitude: float) -> timedelta:
    """Half the time the sun is up, if it stood all day as it does at this moment."""
    declination, _ = _sun(at)
    wide = radians(latitude)
    cosine = cos(radians(ZENITH_AT_RISE)) / (cos(wide) * cos(declination)) - tan(wide) * tan(declination)
    return timedelta(minutes=MINUTES_PER_DEGREE * degrees(acos(max(-1.0, min(1.0, cosine)))))


def _sun(at: datetime) -> tuple[float, float]:
    """The sun's declination in radians, and by how many minutes a sundial is ahead of a clock."""
    days = at.timestamp() / SECONDS_PER_DAY + UNIX_EPOCH_JULIAN_DAY - J2000_JULIAN_DAY
    t = days / DAYS_PER_CENTURY
    mean_longitude = radians((280.46646 + t * (36000.76983 + t * 0.0003032)) % 360)
    anomaly = radians(357.52911 + t * (35999.05029 - t * 0.0001537))
    eccentricity = 0.016708634 - t * (0.000042037 + t * 0.0000001267)
    centre = (
        sin(anomaly) * (1.914602 - t * (0.004817 + t * 0.000014))
        + sin(2 * anomaly) * (0.019993 - t * 0.000101)
        + sin(3 * anomaly) * 0.000289
    )
    node = radians(125.04 - 1934.136 * t)
    apparent = mean_longitude + radians(centre - 0.00569 - 0.00478 * sin(node))
    seconds = 21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))
    obliquity = radians(23 + (26 + seconds / 60) / 60 + 0.00256 * cos(node))
    y = tan(obliquity / 2) ** 2
    equation = (
        y * sin(2 * mean_longitude)
        - 2 * eccentricity * sin(anomaly)
        + 4 * eccentricity * y * sin(anomaly) * cos(2 * mean_longitude)
        - y * y / 2 * sin(4 * mean_longitude)
        - 1.25 * eccentricity**2 * sin(2 * anomaly)
    )
    return asin(sin(obliquity) * sin(apparent)), MINUTES_PER_DEGREE * degrees(equation)
