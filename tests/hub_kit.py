"""A hub's store on either database, a device that re-sends and revises as it likes, and figures counted by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
from shipment_kit import DEVICE, EPOCH, shipment

from edge.core.shipment import Corrections, Crossings, Notices, Visits, ZoneStays, column
from edge.core.timekeeping import from_ms, to_ms
from edge.storage.hub import figures, levels, spread
from edge.storage.hub.registry import Newcomer, Registry
from edge.storage.hub.store import HubStore

if TYPE_CHECKING:
    from random import Random

    from edge.core.shipment import Shipment

NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
SITE, ZONE = "Main street", "Europe/Berlin"
KINDS = ("crossings", "visits", "zone_stays", "corrections", "notices")
TABLES = dict(zip(KINDS, ("crossing", "visit", "zone_stay", "correction", "notice"), strict=True))
# Places in SUBJECTS.
LINES, CAMERA, TILL = (0, 1), 2, 3


def opened(url: str, zone: str = ZONE, day_starts_h: int = 0, devices: tuple[str, ...] = (DEVICE,)) -> HubStore:
    """A store that knows a site with these devices."""
    store = HubStore.open(url)
    registry = Registry(store)
    registry.add_site(SITE, zone, day_starts_h, to_ms(NOW))
    for device in devices:
        registry.claim(SITE, "", f"code of {device}", to_ms(NOW))
        registry.enrol(f"code of {device}", Newcomer(device, "", device, "1"), f"token of {device}", to_ms(NOW))
    return store


@dataclass
class Row:
    """A row on the device: ``values`` are the two that its kind has."""

    seq: int
    kind: str
    at_ms: int
    values: tuple[Any, Any]
    version: int = 1


@dataclass
class Box:
    """A device's records, thrown by dice around a moment."""

    dice: Random
    around_ms: int
    spread_ms: int = 3 * 86_400_000
    rows: list[Row] = field(default_factory=list)
    device: str = DEVICE
    epoch: str = EPOCH

    def live(self, rows: int) -> None:
        """Have some more things happen. Numbers are left out, as for what is not sent."""
        seq = self.rows[-1].seq if self.rows else 0
        for _ in range(rows):
            seq += self.dice.choice((1, 1, 1, 2, 5))
            kind = self.dice.choice((*KINDS, "crossings", "crossings"))
            self.rows.append(Row(seq, kind, self._moment(), self._values(kind)))

    def restamp(self) -> tuple[int, int]:
        """Give some rows another time, and so a new version; from which row to which."""
        first, last = sorted(self.dice.sample(range(len(self.rows)), 2))
        shift_ms = self.dice.choice((-1, 1)) * self.dice.randrange(1, 40 * 3_600_000)
        for row in self.rows[first : last + 1]:
            row.at_ms, row.version = row.at_ms + shift_ms, row.version + 1
        return self.rows[first].seq, self.rows[last].seq

    def batch(self, after_seq: int, last_seq: int, *, revised: bool = False) -> Shipment:
        """The rows between, as they are now."""
        mine = [row for row in self.rows if after_seq < row.seq <= last_seq]
        return shipment(
            after_seq, last_seq, revised=revised, device=self.device, epoch=self.epoch,
            crossings=Crossings(*_columns(mine, "crossings")), visits=Visits(*_columns(mine, "visits")),
            zone_stays=ZoneStays(*_columns(mine, "zone_stays")),
            corrections=Corrections(*_columns(mine, "corrections")), notices=_notices(mine),
        )  # fmt: skip

    def _moment(self) -> int:
        return self.around_ms + self.dice.randrange(-self.spread_ms, self.spread_ms)

    def _values(self, kind: str) -> tuple[Any, Any]:
        if kind == "crossings":
            return self.dice.choice(LINES), self.dice.randrange(2)
        if kind in ("visits", "zone_stays"):
            return CAMERA if kind == "visits" else TILL, self.dice.randrange(36_000)
        return (self.dice.randrange(-5, 6), self.dice.randrange(3)) if kind == "corrections" else ("started", "{}")


def _columns(rows: list[Row], kind: str) -> list[np.ndarray[Any, Any]]:
    mine = [(row.seq, row.version, row.at_ms, *row.values) for row in rows if row.kind == kind]
    return [column(*values) for values in zip(*mine, strict=True)] if mine else [column()] * 5


def _notices(rows: list[Row]) -> Notices:
    mine = [row for row in rows if row.kind == "notices"]
    numbers = [column(*(getattr(row, name) for row in mine)) for name in ("seq", "version", "at_ms")]
    return Notices(*numbers, tuple(row.values[0] for row in mine), tuple(row.values[1] for row in mine))


def kept(store: HubStore, device: str = DEVICE) -> dict[int, tuple[str, int, int]]:
    """Every row of a device's the hub has: kind, version, time by number. One that is there twice is an error."""
    found: dict[int, tuple[str, int, int]] = {}
    with store.database.using():
        for kind, table in TABLES.items():
            named = f"{table} r JOIN device d ON d.number = r.device"
            sql = f"SELECT r.seq, r.version, r.at_ms FROM {named} WHERE d.id = %s"  # noqa: S608 - ours
            for seq, version, at_ms in store.database.run(sql, device).fetchall():
                assert seq not in found, f"row {seq} is there twice"
                found[seq] = (kind, version, at_ms)
    return found


def wanted(box: Box) -> dict[int, tuple[str, int, int]]:
    """The same as the device has it."""
    return {row.seq: (row.kind, row.version, row.at_ms) for row in box.rows}


def figures_kept(store: HubStore, device: int = 1) -> list[tuple[int, ...]]:
    """The figures as they are."""
    with store.database.using():
        return figures.kept(store.database, device)


def figures_remade(store: HubStore, device: int = 1) -> list[tuple[int, ...]]:
    """The figures as a rebuild would have them."""
    with store.database.using():
        made = figures.remade(store.database, device, store.hours_of(device))
    return [tuple(row) for row in np.concatenate([made.keys, made.amounts], axis=1).tolist()]


def closer_kept(store: HubStore, device: int = 1) -> list[list[tuple[int, ...]]]:
    """How stays are spread and how hours rose, as they are."""
    closer = (
        ("stay_figure", "day, subject, bin, stays"), ("level_figure", "day, start_min, clock_hour, net, rise")
    )  # fmt: skip
    with store.database.using():
        return [
            store.database.run(f"SELECT {names} FROM {table} WHERE device = %s ORDER BY 1, 2, 3", device).fetchall()  # noqa: S608 - ours
            for table, names in closer
        ]


def closer_remade(store: HubStore, device: int = 1) -> list[list[tuple[int, ...]]]:
    """The same as a rebuild has them, which also leaves them so."""
    with store.database.writing():
        for kind in (spread, levels):
            kind.rebuild(store.database, device, store.hours_of(device))
    return closer_kept(store, device)


def counted_by_hand(box: Box, zone: str = ZONE, day_starts_h: int = 0) -> Counter[tuple[Any, ...]]:
    """Crossings and stays by day, clock hour and what, by the plainest way there is."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for row in box.rows:
        local = from_ms(row.at_ms).astimezone(ZoneInfo(zone))
        day = to_ms(datetime(local.year, local.month, local.day, tzinfo=timezone.utc)) // 86_400_000
        when = (day - (local.hour < day_starts_h), local.hour)
        if row.kind == "crossings":
            counts[(*when, "out" if row.values[1] else "in")] += 1
        elif row.kind in ("visits", "zone_stays"):
            counts[(*when, "stay_ds")] += row.values[1]
        elif row.kind == "corrections":
            counts[(*when, "change")] += row.values[0]
    return Counter({key: count for key, count in counts.items() if count})


def counted_by_hub(store: HubStore, device: int = 1) -> Counter[tuple[Any, ...]]:
    """The same from the hub's figures."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for day, _, clock_hour, _, ins, outs, _, stay_ds, change, _ in figures_kept(store, device):
        for what, count in (("in", ins), ("out", outs), ("stay_ds", stay_ds), ("change", change)):
            counts[day, clock_hour, what] += count
    return Counter({key: count for key, count in counts.items() if count})


