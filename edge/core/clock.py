"""Time. The only module that reads a clock; everybody else is handed one, or handed the time itself."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Protocol


class Clock(Protocol):
    """What tells the time. It never waits: waiting is done on a ``threading.Event`` by whoever has to stop, too."""

    def monotonic_s(self) -> float:
        """Seconds since some fixed moment; never goes back, whatever is done to the time of day."""

    def utc_now(self) -> datetime:
        """The time of day, aware, in UTC. May jump either way."""


class SystemClock:
    """The machine's own clocks."""

    def monotonic_s(self) -> float:
        """Seconds since some fixed moment, usually the machine's start."""
        return time.monotonic()

    def utc_now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return datetime.now(timezone.utc)


class ManualClock:
    """A clock that stands still until it is moved: for tests and simulations."""

    def __init__(self, monotonic_s: float = 0.0, utc: datetime = datetime(2025, 1, 1, tzinfo=timezone.utc)) -> None:
        if utc.tzinfo is None:
            raise ValueError("the time of day has to be aware of its zone")
        self._monotonic_s = monotonic_s
        self._utc = utc.astimezone(timezone.utc)

    def monotonic_s(self) -> float:
        """Seconds it was moved on altogether, and the seconds it started with."""
        return self._monotonic_s

    def utc_now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return self._utc

    def advance(self, seconds: float) -> None:
        """Let time pass. ``ValueError`` if it should go back, which time does not."""
        if seconds < 0:
            raise ValueError(f"time does not go back ({seconds} s)")
        self._monotonic_s += seconds
        self._utc += timedelta(seconds=seconds)

    def set_utc(self, utc: datetime) -> None:
        """Set the time of day, either way, as a time server does; the monotonic clock takes no notice."""
        if utc.tzinfo is None:
            raise ValueError("the time of day has to be aware of its zone")
        self._utc = utc.astimezone(timezone.utc)


def perf_ns() -> int:
    """Nanoseconds of the finest clock, for measuring how long something takes."""
    return time.perf_counter_ns()
