"""How long stays were, day by day: how many there were of each length, kept up with the rows they are counted from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edge.analytics.stays import FINE_BITS, TENTHS
from edge.storage.hub.adding import Target, added_up, merge
from edge.storage.hub.models import VisitRow, ZoneStayRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.core.shipment import Column
    from edge.storage.hub.database import HubDatabase
    from edge.storage.hub.figures import Change
    from edge.storage.hub.hours import SiteHours

SPREAD = Target("stay_figure", ("day", "subject", "bin"), ("stays",))
LENGTHS = {VisitRow: "stay_ds", ZoneStayRow: "dwell_ds"}
# Rows of a rebuild that are in memory at a time.
REBUILD_ROWS = 100_000


def add(database: HubDatabase, device: int, changes: Iterable[Change], hours: SiteHours) -> None:
    """Count stays that come or go. Only within a transaction."""
    parts = [
        (change.sign, change.block.values["at_ms"], change.block.values["subject"], change.block.values[length])
        for change in changes for table, length in LENGTHS.items() if change.block.table is table and len(change.block)
    ]  # fmt: skip
    if not parts:
        return
    keys = [_keys(at_ms, subject, stay_ds, hours) for _, at_ms, subject, stay_ds in parts]
    signs = [np.full((len(at_ms), 1), sign, dtype=np.int64) for sign, at_ms, *_ in parts]
    merge(database, SPREAD, device, *added_up(np.concatenate(keys), np.concatenate(signs)))
    if any(sign < 0 for sign, *_ in parts):
        database.run("DELETE FROM stay_figure WHERE device = %s AND stays = 0", device)


def rebuild(database: HubDatabase, device: int, hours: SiteHours, from_ms: int = 0) -> None:
    """Count a device's stays anew from the first whole day after ``from_ms`` on. Its streams have to be locked."""
    first = int(hours.of(np.array([from_ms]))[0][0]) + 1 if from_ms else -1
    database.run("DELETE FROM stay_figure WHERE device = %s AND day >= %s", device, first)
    for table, length in LENGTHS.items():
        name = table._meta.table_name  # noqa: SLF001 - peewee's own way
        sql = f"SELECT at_ms, subject, {length} FROM {name} WHERE device = %s AND at_ms >= %s"  # noqa: S608 - names of ours
        found = database.run(sql, device, from_ms)
        while rows := found.fetchmany(REBUILD_ROWS):
            whole = np.array(rows, dtype=np.int64)
            keys = _keys(whole[:, 0], whole[:, 1], whole[:, 2], hours)
            keys = keys[keys[:, 0] >= first]
            merge(database, SPREAD, device, *added_up(keys, np.ones((len(keys), 1), dtype=np.int64)))


def bins_of(stay_ds: Column) -> Column:
    """``analytics.stays.bin_of`` of many stays at once."""
    whole_s = stay_ds // TENTHS
    length = np.frexp(whole_s.astype(np.float64))[1].astype(np.int64)
    shift = np.maximum(0, length - FINE_BITS - 1)
    found: Column = (shift << FINE_BITS) + (whole_s >> shift)
    return found


def _keys(at_ms: Column, subject: Column, stay_ds: Column, hours: SiteHours) -> Column:
    return np.stack([hours.of(at_ms).day, subject, bins_of(stay_ds)], axis=1)
