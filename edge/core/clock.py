"""Time. The only module that reads a clock; everybody else is handed one, or handed the time itself."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Protocol

# Two clocks cannot be read at once; of a few tries the one with the shortest pause between them counts.
READING_TRIES = 3


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


@dataclass(frozen=True, slots=True)
class ClockReading:
    """Both clocks at one moment: ``uptime_s`` of the monotonic one, ``utc`` the time of day (aware).

    ``synced``: whether the operating system says that a time server is being heard, or a person vouches for the time.
    """

    uptime_s: float
    utc: datetime
    synced: bool


def read_clock(clock: Clock, *, synced: bool) -> ClockReading:
    """Read both clocks as nearly at once as can be."""
    tries = [(clock.monotonic_s(), clock.utc_now(), clock.monotonic_s()) for _ in range(READING_TRIES)]
    before_s, utc, after_s = min(tries, key=lambda tried: tried[2] - tried[0])
    return ClockReading((before_s + after_s) / 2, utc, synced)


def perf_ns() -> int:
    """Nanoseconds of the finest clock, for measuring how long something takes."""
    return time.perf_counter_ns()
