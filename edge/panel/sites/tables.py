"""Sites and devices as tables: the same for the page, the file and other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.timekeeping import from_ms
from edge.panel.pages.statistics.table import Lasting, Share, Table

if TYPE_CHECKING:
    from edge.panel.sites.judging import DeviceRow, Fault
    from edge.panel.sites.looking import Sites
    from edge.panel.words import Words

SITES = ("site", "today", "against_usual", "week", "against_before", "inside", "peak", "stay", "health", "why", "seen")
DEVICES = (
    "device", "site", "health", "why", "version", "enrolled", "seen", "waiting", "clock", "refused", "uptime", "id",
)  # fmt: skip


def sites_table(sites: Sites, words: Words) -> Table:
    """Every site."""
    rows = []
    for row in sites.rows:
        told = row.figures
        figures: tuple[object, ...] = (None,) * 7
        if told is not None:
            usual, before = _share(told.against_usual), _share(told.against_before)
            stay = None if told.stay_s is None else Lasting(told.stay_s)
            figures = (told.today, usual, told.week, before, told.inside, told.peak, stay)
        seen = None if row.seen_ms is None else from_ms(row.seen_ms)
        rows.append((row.name, *figures, words(f"sites.light_{row.level.value}"), why(words, row.faults), seen))
    return Table(tuple(words(f"sites.column_{name}") for name in SITES), tuple(rows))


def devices_table(sites: Sites, words: Words) -> Table:
    """Every device."""
    rows = tuple(_device(row, words) for row in sites.devices)
    return Table(tuple(words(f"devices.column_{name}") for name in DEVICES), rows)


def why(words: Words, faults: tuple[Fault, ...]) -> str:
    """What is wrong, in sentences, each once."""
    return " ".join(dict.fromkeys(fault.sentence(words) for fault in faults))


def light(row: DeviceRow) -> str:
    """The key of the word for a device's light."""
    return "devices.revoked" if row.device.revoked else f"sites.light_{row.level.value}"


def clock(words: Words, said: str) -> str:
    """How a device came by the time, in words; a kind nobody knows here as it is."""
    key = f"devices.clock_{said}"
    return said if not said or words(key) == key else words(key)


def _device(row: DeviceRow, words: Words) -> tuple[object, ...]:
    device = row.device
    sent = device.seen_ms is not None
    return (
        device.name, device.site, words(light(row)), why(words, row.faults), device.version,
        from_ms(device.enrolled_ms), from_ms(device.seen_ms) if device.seen_ms is not None else None,
        device.waiting if sent else None, clock(words, device.clock), row.refused,
        Lasting(device.uptime_s) if sent else None, device.id,
    )  # fmt: skip


def _share(value: float | None) -> Share | None:
    return None if value is None else Share(value, signed=True)
