"""How a device does, judged by what the hub knows of it. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge.panel.health import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from edge.panel.words import Words
    from edge.storage.hub.reader import DeviceStanding

HOUR_S, DAY_S = 3600, 86_400
# A device sends once a minute, if it is not told otherwise. One that has a weak network may be late.
QUIET_S, LOST_S = HOUR_S / 2, 6 * HOUR_S
# A shop makes some thousand rows a day. With more waiting it has been without the hub for long.
MANY_WAITING, OLD_WAITING_S = 5_000, 6 * HOUR_S
BAD_CLOCKS = ("unset", "estimated")
WORST = (Level.BAD, Level.WARN, Level.GOOD)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a light is not green: a key of ``words``, what is filled in, and ``lasting_s`` as ``{lasting}``."""

    level: Level
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    lasting_s: float | None = None

    def sentence(self, words: Words) -> str:
        """The reason in a language."""
        values = {name: words.number(value) if isinstance(value, int) else value for name, value in self.values.items()}
        if self.lasting_s is not None:
            values["lasting"] = lasting(words, self.lasting_s)
        return words.filled(self.key, values)


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device with what is wrong with it, the worst first. ``refused`` rows were not taken, on the whole."""

    device: DeviceStanding
    faults: tuple[Fault, ...]
    refused: int

    @property
    def level(self) -> Level:
        """The colour of its light."""
        return worst(self.faults)


def judged(devices: Sequence[DeviceStanding], zones: Mapping[str, str], now_ms: int) -> list[DeviceRow]:
    """Every device judged. ``zones``: the time zone of each site, by name."""
    newest = max((_order(device.version) for device in devices if not device.revoked), default=())
    found = []
    for device in devices:
        refused = sum(_rows(told) for told in device.told)
        faults = _faults(device, zones.get(device.site, ""), newest, refused, now_ms)
        found.append(DeviceRow(device, tuple(sorted(faults, key=lambda fault: WORST.index(fault.level))), refused))
    return found


def worst(faults: Iterable[Fault]) -> Level:
    """The worst of them; good if there are none."""
    return min((fault.level for fault in faults), key=WORST.index, default=Level.GOOD)


def lasting(words: Words, seconds: float) -> str:
    """How long, for people: days if it is two or more."""
    days = int(seconds // DAY_S)
    return words("sites.days", n=days) if days > 1 else words.lasting(seconds)


def _faults(
    device: DeviceStanding, zone: str, newest: tuple[int, ...], refused: int, now_ms: int
) -> Iterator[Fault]:
    if device.revoked:
        return
    if device.seen_ms is None:
        yield Fault(Level.WARN, "sites.never")
        return
    silent_s = max(0, now_ms - device.seen_ms) // 60_000 * 60.0
    if silent_s > QUIET_S:
        yield Fault(Level.BAD if silent_s > LOST_S else Level.WARN, "sites.silent", lasting_s=silent_s)
    waited_s = (device.seen_ms - device.oldest_ms) / 1000 if device.oldest_ms else 0.0
    if device.waiting > MANY_WAITING or waited_s > OLD_WAITING_S:
        yield Fault(Level.WARN, "sites.waiting", {"rows": device.waiting}, waited_s)
    if device.clock in BAD_CLOCKS:
        yield Fault(Level.WARN, f"sites.clock_{device.clock}")
    if device.zone and zone and device.zone != zone:
        yield Fault(Level.WARN, "sites.zone", {"zone": device.zone, "site": zone})
    if refused:
        yield Fault(Level.WARN, "sites.refused", {"rows": refused})
    if _order(device.version) < newest:
        yield Fault(Level.WARN, "sites.older", {"version": device.version, "newest": ".".join(map(str, newest))})


def _order(version: str) -> tuple[int, ...]:
    """Versions in their order; what is not a number in them does not count."""
    return tuple(int(part) for part in version.partition("+")[0].split(".") if part.isdigit())


def _rows(told: str) -> int:
    """How many rows a notice says were set aside; the notice is what a device wrote."""
    try:
        rows = json.loads(told).get("rows", 0)
    except (ValueError, AttributeError):
        return 0
    return rows if isinstance(rows, int) and rows > 0 else 0
