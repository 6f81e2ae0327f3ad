"""How the machine is, what of it is worth a notice, and how far to slow down when it is hot.

Reading is ``Machine``'s; deciding is pure: readings and time are arguments, so that a summer can be tested in a moment.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from edge.core import notices
from edge.host.clock_sync import clock_synced
from edge.host.machine import Disk, Machine, Power, device_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge.core.notice import Fact

# What part of the pictures is looked at: as wanted, when hot, when hotter still.
PARTS = (1.0, 0.6, 0.3)
# The first is the limit itself; each further step is taken this much above it, and taken back this much below.
STEP_C, BACK_C = 4.0, 8.0
# Heat is slow, its sensors are not: up a step after so long above, down a step after so long below.
UP_S, DOWN_S = 10.0, 60.0
# A state has to last to be news; a supply that flickers is bad until it has been good for a minute.
GOOD_FOR_S = 60.0
ROOM_AGAIN = 1.25
DAY_S = 86400.0
WORN = 0.8
UNTOLD = Power()


@dataclass(frozen=True, slots=True)
class Health:
    """One look at the machine; None is what it does not tell. MB as people count them: of disks a million bytes."""

    celsius: float | None = None
    power: Power = UNTOLD
    disk: Disk | None = None
    written_mb: float | None = None
    card_written_mb: float | None = None
    card_worn: float | None = None
    rss_mb: float | None = None
    memory_free_mb: float | None = None
    synced: bool | None = None
    uptime_s: float | None = None
    boot_id: str = ""

    def words(self) -> dict[str, object]:
        """For ``acm status`` and other programs: plain values by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class HealthLimits:
    """From where on it is news; see ``[health]`` of the settings."""

    hot_c: float = 78.0
    disk_low_mb: float = 300.0
    written_mb_a_day: float = 200.0
    memory_low_mb: float = 60.0


def read_health(machine: Machine, records: Path, synced: Callable[[], bool | None] = clock_synced) -> Health:
    """Look at the machine; ``records`` is the folder the records are in, whose disk it is about."""
    device = device_of(records)
    return Health(
        celsius=machine.celsius(),
        power=machine.power(),
        disk=machine.disk(records),
        written_mb=machine.written_mb(),
        card_written_mb=machine.card_written_mb(device),
        card_worn=machine.card_worn(device),
        rss_mb=machine.rss_mb(),
        memory_free_mb=machine.memory_free_mb(),
        synced=synced(),
        uptime_s=machine.uptime_s(),
        boot_id=machine.boot_id(),
    )


class Slowdown:
    """What part of the pictures to look at, for the processor's heat, so that the board need not throttle itself.

    Slowing down in good time keeps the spacing of pictures even; a board that throttles itself does it by halves.
    """

    def __init__(self, hot_c: float) -> None:
        self._hot_c = hot_c
        self._level = 0
        self._since_s: float | None = None

    @property
    def part(self) -> float:
        """The part of the pictures to look at, 1 when cool."""
        return PARTS[self._level]

    def see(self, celsius: float | None, now_s: float) -> int:
        """Take a reading; return +1 or -1 when it goes a step hotter or cooler, else 0. None counts as cool."""
        way, pause_s = self._way(celsius)
        if way == 0:
            self._since_s = None
            return 0
        if self._since_s is None:
            self._since_s = now_s
        if now_s - self._since_s < pause_s:
            return 0
        self._level += way
        self._since_s = now_s
        return way

    def _way(self, celsius: float | None) -> tuple[int, float]:
        """Which way a reading pushes, and how long it has to."""
        up_c = self._hot_c + STEP_C * self._level
        if celsius is not None and celsius >= up_c and self._level < len(PARTS) - 1:
            return 1, UP_S
        if self._level and (celsius is None or celsius <= up_c - STEP_C - BACK_C):
            return -1, DOWN_S
        return 0, 0.0


class _Alarm:
    """Turns on at once, and off after the reason has been gone for a while."""

    def __init__(self, good_for_s: float = GOOD_FOR_S) -> None:
        self._good_for_s = good_for_s
        self._good_since_s: float | None = None
        self.on = False

    def see(self, bad: bool | None, now_s: float) -> int:  # noqa: FBT001 - a reading, not an option
        """+1 when it turns on, -1 when off, else 0. None (untold) changes nothing."""
        if bad is None:
            return 0
        if bad:
            self._good_since_s = None
            turned = not self.on
            self.on = True
            return int(turned)
        if not self.on:
            return 0
        self._good_since_s = now_s if self._good_since_s is None else self._good_since_s
        if now_s - self._good_since_s < self._good_for_s:
            return 0
        self.on, self._good_since_s = False, None
        return -1


class HealthWatch:
    """Turns looks at the machine into notices: each when something begins or ends, not while it lasts."""

    def __init__(self, limits: HealthLimits, records: Path) -> None:
        self._limits, self._records = limits, records
        self.slowdown = Slowdown(limits.hot_c)
        self._undervolted, self._slowed = _Alarm(), _Alarm(good_for_s=600.0)
        self._disk, self._memory = _Alarm(), _Alarm()
        self._worn = _Alarm()
        self._day: tuple[float, float] | None = None
        self._written_told = False

    def see(self, health: Health, now_s: float) -> list[Fact]:
        """What is news in this look, at the monotonic time ``now_s``. To be called every ten seconds or so."""
        told = [*self._heat(health, now_s), *self._power(health, now_s), *self._card(health, now_s)]
        low = None if health.memory_free_mb is None else health.memory_free_mb < self._limits.memory_low_mb
        if self._memory.see(low, now_s) > 0:
            told.append(notices.MEMORY_LOW.fact(free_mb=health.memory_free_mb or 0.0))
        return told

    def _heat(self, health: Health, now_s: float) -> list[Fact]:
        way = self.slowdown.see(health.celsius, now_s)
        celsius = health.celsius if health.celsius is not None else 0.0
        if way > 0:
            return [notices.HOT.fact(celsius=celsius, part=self.slowdown.part)]
        if way < 0 and self.slowdown.part == 1:
            return [notices.COOL.fact(celsius=celsius)]
        return []

    def _power(self, health: Health, now_s: float) -> list[Fact]:
        told = []
        turned = self._undervolted.see(health.power.undervolted, now_s)
        if turned:
            told.append((notices.UNDERVOLTAGE if turned > 0 else notices.POWER_GOOD).fact())
        slowed = health.power.slowed
        if self._slowed.see(None if slowed is None else bool(slowed), now_s) > 0:
            told.append(notices.THROTTLED.fact(reason=slowed or ""))
        return told

    def _card(self, health: Health, now_s: float) -> list[Fact]:
        told = []
        if health.disk is not None:
            free_mb, least_mb = health.disk.free_mb, self._limits.disk_low_mb
            low = free_mb < (least_mb * ROOM_AGAIN if self._disk.on else least_mb)
            turned = self._disk.see(low, now_s)
            if turned:
                notice = notices.DISK_LOW if turned > 0 else notices.DISK_GOOD
                told.append(notice.fact(file=str(self._records), free_mb=free_mb))
        worn = health.card_worn
        if self._worn.see(None if worn is None else worn >= WORN, now_s) > 0:
            told.append(notices.CARD_WORN.fact(worn=worn or 0.0))
        return told + self._written(health.written_mb, now_s)

    def _written(self, written_mb: float | None, now_s: float) -> list[Fact]:
        """Too much of our own writing within a day, once a day."""
        if written_mb is None:
            return []
        if self._day is None or now_s - self._day[0] >= DAY_S:
            self._day = (now_s, written_mb)
            self._written_told = False
        today_mb = written_mb - self._day[1]
        if self._written_told or today_mb <= self._limits.written_mb_a_day:
            return []
        self._written_told = True
        return [notices.CARD_WRITTEN.fact(written_mb=today_mb, limit_mb=self._limits.written_mb_a_day)]
