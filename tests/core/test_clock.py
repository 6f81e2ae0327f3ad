"""Clocks: the machine's, and one that only moves when it is told to."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from edge.core.clock import ManualClock, SystemClock, perf_ns

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def test_the_machine_s_clock_is_aware_and_never_goes_back() -> None:
    clock = SystemClock()
    assert clock.utc_now().tzinfo is timezone.utc
    readings = [clock.monotonic_s() for _ in range(100)]
    assert readings == sorted(readings)
    fine = [perf_ns() for _ in range(100)]
    assert fine == sorted(fine)


def test_a_manual_clock_stands_still_until_it_is_moved() -> None:
    clock = ManualClock(5.0, NOON)
    assert (clock.monotonic_s(), clock.utc_now()) == (5.0, NOON)
    clock.advance(90.0)
    assert (clock.monotonic_s(), clock.utc_now()) == (95.0, NOON + timedelta(seconds=90))


def test_setting_the_time_of_day_leaves_the_monotonic_clock_alone() -> None:
    clock = ManualClock(5.0, NOON)
    clock.set_utc(NOON - timedelta(hours=2))
    assert (clock.monotonic_s(), clock.utc_now()) == (5.0, NOON - timedelta(hours=2))


def test_any_zone_is_turned_into_utc() -> None:
    paris = timezone(timedelta(hours=1))
    clock = ManualClock(utc=datetime(2026, 3, 1, 13, tzinfo=paris))
    assert clock.utc_now() == NOON
    assert clock.utc_now().tzinfo is timezone.utc
    clock.set_utc(datetime(2026, 3, 1, 14, tzinfo=paris))
    assert clock.utc_now().tzinfo is timezone.utc


def test_time_does_not_go_back_and_knows_its_zone() -> None:
    clock = ManualClock()
    with pytest.raises(ValueError, match="go back"):
        clock.advance(-0.1)
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="zone"):
        clock.set_utc(naive)
    with pytest.raises(ValueError, match="zone"):
        ManualClock(utc=naive)
