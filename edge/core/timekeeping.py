"""What the time of day is, and how far it can be believed, on a machine that may have no clock of its own.

Such a machine wakes up somewhere in the past and learns the time minutes or weeks later. Only the seconds since it was
started can be relied upon. So everything is noted by those, and the time of day is ``uptime + offset`` with one offset
for each stretch of time. Pure: readings of the clocks come as arguments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edge.core.clock import ClockReading

# A smaller change of the offset is a pause between reading two clocks, not a step of one of them.
STEP_MS = 500
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Quality(IntEnum):
    """How a time of day was come by; more is better."""

    UNSET = 0
    """Nothing is known but the seconds since the machine was started."""
    ESTIMATED = 1
    """A best guess made afterwards, for a start of the machine that ended before the time was known."""
    HOLDOVER = 2
    """Carried on from the last good time. Since this start: off by seconds. From before it: by as long as it was dark,
    unless the machine has a clock with a battery."""
    SYNCED = 3
    """From a time server that was being heard."""

    @property
    def word(self) -> str:
        """The name people see."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class TimeChange:
    """From now on, ``utc_ms = uptime_ms + offset_ms``.

    With ``restamp`` the same holds for everything since the machine's start: what was noted without the time, or by a
    time carried over from before the start, is to be given the new one.
    """

    quality: Quality
    offset_ms: int
    restamp: bool


class Timekeeper:
    """Keeps the offset of one start of the machine (a boot), from readings every few seconds.

    ``floor_ms``: the latest time of day on record from earlier boots; now cannot be before it. ``offset_ms`` and
    ``certain`` go on where an earlier run of the program in this boot ended: its offset, and whether a time server had
    been heard by then.
    """

    def __init__(self, floor_ms: int | None = None, offset_ms: int | None = None, *, certain: bool = False) -> None:
        self._floor_ms = floor_ms
        self.offset_ms = offset_ms
        self.quality = Quality.UNSET if offset_ms is None else Quality.HOLDOVER
        self._certain = certain and offset_ms is not None

    @property
    def certain(self) -> bool:
        """Whether a time server was heard since the machine's start, so that the offset only drifts."""
        return self._certain

    def see(self, reading: ClockReading) -> TimeChange | None:
        """Take a reading of the clocks; return what it changes, if anything.

        A synchronised clock is believed, steps either way included. One that is not is believed only before any
        time server was heard: later the offset known is better than a clock somebody has set.
        """
        offset_ms = to_ms(reading.utc) - uptime_ms(reading.uptime_s)
        if reading.synced:
            return self._synced(offset_ms)
        if self._certain:
            return self._changed(Quality.HOLDOVER, self.offset_ms, restamp=False)
        if self._floor_ms is None:
            return None
        return self._changed(Quality.HOLDOVER, max(offset_ms, self._floor_ms), restamp=True)

    def at_ms(self, uptime_s: float) -> int | None:
        """The time of day in ms since 1970 UTC at a time of this boot; None while nothing is known."""
        return None if self.offset_ms is None else self.offset_ms + uptime_ms(uptime_s)

    def at(self, uptime_s: float) -> datetime | None:
        """The same as an aware time."""
        at_ms = self.at_ms(uptime_s)
        return None if at_ms is None else from_ms(at_ms)

    def _synced(self, offset_ms: int) -> TimeChange | None:
        first = not self._certain
        self._certain = True
        return self._changed(Quality.SYNCED, offset_ms, restamp=first)

    def _changed(self, quality: Quality, offset_ms: int | None, *, restamp: bool) -> TimeChange | None:
        if offset_ms is None:
            return None
        if self.offset_ms is not None and abs(offset_ms - self.offset_ms) < STEP_MS:
            if quality is self.quality:
                return None
            offset_ms = self.offset_ms
        self.quality, self.offset_ms = quality, offset_ms
        return TimeChange(quality, offset_ms, restamp)


def estimated_offsets(boots: Iterable[tuple[int, int | None]], next_start_ms: int) -> Iterator[int]:
    """The offset of each of some boots in which no time server was heard, latest first.

    ``boots``: how long each is known to have run in ms, and its offset if one was assumed. ``next_start_ms``: when the
    boot after them began, ms since 1970 UTC. An offset stays if the boot can have ended by then. Otherwise it is a best
    guess: that it ended just when the next began, since power is mostly away for a minute, not for a month.
    """
    for ran_ms, offset_ms in boots:
        latest_ms = next_start_ms - ran_ms
        next_start_ms = latest_ms if offset_ms is None or offset_ms > latest_ms else offset_ms
        yield next_start_ms


def uptime_ms(uptime_s: float) -> int:
    """Whole milliseconds of the monotonic clock."""
    return round(uptime_s * 1000)


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970 UTC of an aware time."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def from_ms(at_ms: int) -> datetime:
    """The aware time in UTC, from milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=at_ms)
