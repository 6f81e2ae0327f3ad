"""What the operating system knows of the board: heat, power, card, memory. Read below a root, so also a made-up one.

Every reader returns None for what this board does not tell; none of them raises.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MB = 1_000_000
KB_A_MB = 1024
SECTOR_BYTES = 512
VCGENCMD = ("vcgencmd", "get_throttled")
VCGENCMD_S = 2.0
# Zones of a board that tell of the processor; others tell of a battery, a radio, or always the same.
PROCESSOR_ZONES = ("cpu", "soc", "x86_pkg", "gpu")
# What cannot be the heat of a processor that runs is a sensor that does not work.
COLDEST_C, HOTTEST_C = -40.0, 130.0
# Bits of the Raspberry Pi's get_throttled that tell of now; 16 above each is the same since the start.
UNDERVOLTED, CAPPED, THROTTLED, SOFT_LIMITED = 1, 2, 4, 8
# The card's own account of its life: in tenths, 0 for untold.
LIFE_TENTHS = 11


@dataclass(frozen=True, slots=True)
class Power:
    """``undervolted``: too little power now. ``slowed``: why the board slows its processor down, "" if it does not."""

    undervolted: bool | None = None
    slowed: str | None = None


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system a path is on, in MB (of a million bytes)."""

    free_mb: float
    total_mb: float
    read_only: bool


class Machine:
    """One board. ``throttled`` asks the Raspberry Pi's firmware; None or "" where there is none."""

    def __init__(self, root: Path = Path("/"), throttled: Callable[[], str | None] | None = None) -> None:
        self._root = root
        self._throttled = Firmware() if throttled is None else throttled

    def celsius(self) -> float | None:
        """The processor's temperature: the hottest of its sensors."""
        zones = [zone for zone in self._thermal_zones() if COLDEST_C < zone[1] < HOTTEST_C]
        ours = [heat for kind, heat in zones if kind.lower().startswith(PROCESSOR_ZONES)]
        return max(ours or [heat for _, heat in zones], default=None)

    def power(self) -> Power:
        """What the board says of its power supply and of slowing itself down."""
        bits = self._throttled_bits()
        if bits is not None:
            return Power(bool(bits & UNDERVOLTED), _slowed(bits))
        return Power(self._alarm(), self._cooling())

    def model(self) -> str:
        """What the board calls itself; "" if it does not."""
        told = self._text("proc/device-tree/model") or self._text("sys/class/dmi/id/product_name") or ""
        return told.strip("\0\n ")

    def boot_id(self) -> str:
        """A name the kernel gives to each start of the machine; "" if it does not."""
        return (self._text("proc/sys/kernel/random/boot_id") or "").strip()

    def own_id(self) -> str:
        """What the system calls this machine for good; "" if it has no name. Not to be shown to others as it is."""
        return (self._text("etc/machine-id") or "").strip()

    def uptime_s(self) -> float | None:
        """Seconds since the machine was started."""
        words = (self._text("proc/uptime") or "").split()
        return _number(words[0]) if words else None

    def rss_mb(self) -> float | None:
        """Memory of this process."""
        return _kilobytes(self._text("proc/self/status"), "VmRSS:")

    def memory_free_mb(self) -> float | None:
        """Memory that can still be had on the machine."""
        return _kilobytes(self._text("proc/meminfo"), "MemAvailable:")

    def written_mb(self) -> float | None:
        """What this process has caused to be written to disks since it was started."""
        told = dict(_pairs(self._text("proc/self/io")))
        written, cancelled = _number(told.get("write_bytes")), _number(told.get("cancelled_write_bytes"))
        return None if written is None else max(0.0, written - (cancelled or 0.0)) / MB

    def disk(self, path: Path) -> Disk | None:
        """The file system of a path."""
        try:
            told = os.statvfs(path)
        except OSError:
            return None
        read_only = bool(told.f_flag & os.ST_RDONLY)
        return Disk(told.f_bavail * told.f_frsize / MB, told.f_blocks * told.f_frsize / MB, read_only)

    def file_system(self, path: Path) -> str:
        """The kind of the file system a path is on, such as ext4; "" if it cannot be told."""
        place, kind = "", ""
        for row in (self._text("proc/self/mounts") or "").splitlines():
            fields = row.split(" ")
            point = fields[1].replace("\\040", " ") if len(fields) > 2 else ""  # noqa: PLR2004 - man 5 fstab
            inside = point == "/" or str(path) == point or str(path).startswith(f"{point}/")
            # Of several mounts at one place the last one is seen.
            if point and inside and len(point) >= len(place):
                place, kind = point, fields[2]
        return kind

    def devices(self, pattern: str) -> list[Path]:
        """Device files whose name below /dev fits."""
        return sorted((self._root / "dev").glob(pattern))

    def card_written_mb(self, device: str) -> float | None:
        """What was written to a whole card since the machine's start; ``device`` as from ``device_of``."""
        card = self._card(device)
        fields = (self._text(f"{card}/stat") or "").split() if card else []
        sectors = _number(fields[6]) if len(fields) > 6 else None  # noqa: PLR2004 - man 5 sysfs-block: sectors written
        return None if sectors is None else sectors * SECTOR_BYTES / MB

    def card_worn(self, device: str) -> float | None:
        """How much of its life a card says is over, 0..1; most SD cards do not say."""
        card = self._card(device)
        tenths = [int(word, 16) for word in (self._text(f"{card}/device/life_time") or "").split() if _is_hex(word)]
        worst = max(tenths, default=0) if card else 0
        return None if not 0 < worst <= LIFE_TENTHS else min(1.0, worst / 10)

    def _thermal_zones(self) -> Iterator[tuple[str, float]]:
        for zone in sorted((self._root / "sys/class/thermal").glob("thermal_zone*")):
            heat = _number(_read(zone / "temp"))
            if heat is not None:
                yield (_read(zone / "type") or "").strip(), heat / 1000

    def _throttled_bits(self) -> int | None:
        told = (self._throttled() or "").strip().removeprefix("throttled=")
        return int(told, 16) if _is_hex(told) else None

    def _alarm(self) -> bool | None:
        """The Pi's own sensor of its supply, which the kernel reads for us."""
        for sensor in sorted((self._root / "sys/class/hwmon").glob("hwmon*")):
            if (_read(sensor / "name") or "").strip() == "rpi_volt":
                alarm = _number(_read(sensor / "in0_lcrit_alarm"))
                return None if alarm is None else alarm > 0
        return None

    def _cooling(self) -> str | None:
        """Whether the kernel slows a processor down for its heat (boards without the Pi's firmware)."""
        states = [
            _number(_read(device / "cur_state"))
            for device in sorted((self._root / "sys/class/thermal").glob("cooling_device*"))
            if "cpufreq" in (_read(device / "type") or "")
        ]
        if not states:
            return None
        return "heat" if any(state for state in states) else ""

    def _card(self, device: str) -> str | None:
        """The folder of a whole card below the root, of a partition's numbers."""
        place = self._root / "sys/dev/block" / device
        if not device or not place.exists():
            return None
        found = place.resolve()
        whole = found.parent if (found / "partition").exists() else found
        return str(whole.relative_to(self._root.resolve()))

    def _text(self, path: str) -> str | None:
        return _read(self._root / path)


class Firmware:
    """Asks the Raspberry Pi's firmware, as long as it answers."""

    def __init__(self, command: tuple[str, ...] = VCGENCMD) -> None:
        self._command: tuple[str, ...] | None = command

    def __call__(self) -> str | None:
        """Its line, such as ``throttled=0x0``; None where there is no such firmware."""
        if self._command is None:
            return None
        try:
            done = subprocess.run(  # noqa: S603 - fixed words, no shell
                self._command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=VCGENCMD_S, check=False
            )
            if done.returncode == 0:
                return done.stdout
        except (OSError, subprocess.TimeoutExpired):
            pass
        # Not a Raspberry Pi, or not from this sandbox; it will not be otherwise later.
        self._command = None
        return None


def device_of(path: Path) -> str:
    """The numbers of the disk a path is on, as ``Machine`` takes them; "" if it is on none."""
    try:
        number = path.stat().st_dev
    except OSError:
        return ""
    return f"{os.major(number)}:{os.minor(number)}" if os.major(number) else ""


def _slowed(bits: int) -> str:
    reasons = ((THROTTLED, "too hot"), (SOFT_LIMITED, "near too hot"), (CAPPED, "too little power"))
    return " and ".join(word for bit, word in reasons if bits & bit)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        # Some sensors are there and answer with an error while they sleep.
        return None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _is_hex(word: str) -> bool:
    try:
        int(word, 16)
    except ValueError:
        return False
    return True


def _pairs(text: str | None) -> Iterator[tuple[str, str]]:
    for row in (text or "").splitlines():
        name, colon, value = row.partition(":")
        if colon:
            yield name.strip(), value.strip()


def _kilobytes(text: str | None, name: str) -> float | None:
    value = dict(_pairs(text)).get(name.rstrip(":"), "").removesuffix("kB")
    number = _number(value.strip() or None)
    return None if number is None else number / KB_A_MB
