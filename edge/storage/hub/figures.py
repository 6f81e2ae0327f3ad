"""Figures of hours: added to and taken from with the rows they are made of, or made anew from all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from edge.storage.hub.adding import Target, added_up, merge
from edge.storage.hub.models import SITE, CorrectionRow, CrossingRow, HourFigure, NoticeRow, VisitRow, ZoneStayRow
from edge.storage.hub.rows import Block

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edge.core.shipment import Column
    from edge.storage.hub.database import HubDatabase
    from edge.storage.hub.hours import SiteHours

AMOUNTS = ("ins", "outs", "stays", "stay_ds", "change", "counted")
KEY = ("day", "start_min", "clock_hour", "subject")
HOURS = Target("hour_figure", KEY, AMOUNTS)
# Rows of a rebuild that are in memory at a time.
REBUILD_ROWS = 100_000


class Change(NamedTuple):
    """Rows that come in (``sign`` 1) or go (-1)."""

    sign: int
    block: Block


class Figures(NamedTuple):
    """Hours and what is to be added to them, a column each. ``keys`` are (day, start_min, clock_hour, subject)."""

    keys: Column
    amounts: Column


def summed(changes: Iterable[Change], hours: SiteHours) -> Figures:
    """What rows that come and go change in which hours; empty ones left out."""
    keys, amounts = [np.empty((0, len(KEY)), dtype=np.int64)], [np.empty((0, len(AMOUNTS)), dtype=np.int64)]
    for sign, block in changes:
        if block.table is NoticeRow or not len(block):
            continue
        of = hours.of(block.values["at_ms"])
        subject = block.values.get("subject", np.full(len(block), SITE))
        keys.append(np.stack([of.day, of.start_min, of.clock_hour, subject], axis=1))
        amounts.append(sign * _amounts(block))
    return Figures(*added_up(np.concatenate(keys), np.concatenate(amounts)))


def add(database: HubDatabase, device: int, figures: Figures) -> None:
    """Add to a device's hours; those nothing is left of go. Only within a transaction."""
    merge(database, HOURS, device, figures.keys, figures.amounts)
    if (figures.amounts[:, AMOUNTS.index("counted")] < 0).any():
        database.run("DELETE FROM hour_figure WHERE device = %s AND counted = 0", device)


def remade(database: HubDatabase, device: int, hours: SiteHours, from_ms: int = 0) -> Figures:
    """A device's figures, made anew from the rows that are there and happened at ``from_ms`` or later."""
    parts = []
    for table, names in (
        (CrossingRow, ("subject", "direction")), (VisitRow, ("subject", "stay_ds")),
        (ZoneStayRow, ("subject", "dwell_ds")), (CorrectionRow, ("change",)),
    ):  # fmt: skip
        columns = ("seq", "at_ms", *names)
        sql = f"SELECT {', '.join(columns)} FROM {table._meta.table_name} WHERE device = %s AND at_ms >= %s"  # noqa: S608, SLF001 - names of ours
        found = database.run(sql, device, from_ms)
        while rows := found.fetchmany(REBUILD_ROWS):
            whole = np.array(rows, dtype=np.int64)
            block = Block(table, {name: whole[:, place] for place, name in enumerate(columns)})
            parts.append(summed([Change(1, block)], hours))
    return together(parts)


def together(parts: Sequence[Figures]) -> Figures:
    """Figures added up."""
    if len(parts) == 1:
        return parts[0]
    return Figures(*added_up(
        np.concatenate([np.empty((0, len(KEY)), dtype=np.int64), *(part.keys for part in parts)]),
        np.concatenate([np.empty((0, len(AMOUNTS)), dtype=np.int64), *(part.amounts for part in parts)]),
    ))  # fmt: skip


def rebuild(database: HubDatabase, device: int, hours: SiteHours, from_ms: int = 0) -> None:
    """Make a device's figures anew from ``from_ms`` (a whole hour) on. Its streams have to be locked."""
    database.run("DELETE FROM hour_figure WHERE device = %s AND start_min >= %s", device, from_ms // 60_000)
    add(database, device, remade(database, device, hours, from_ms))


def kept(database: HubDatabase, device: int) -> list[tuple[int, ...]]:
    """A device's figures as they are, each ``KEY`` and ``AMOUNTS``, in order."""
    columns = [getattr(HourFigure, name) for name in (*KEY, *AMOUNTS)]
    query = HourFigure.select(*columns).where(HourFigure.device == device).order_by(*columns[: len(KEY)])
    return [tuple(int(value) for value in row) for row in query.tuples().execute(database.peewee)]


def _amounts(block: Block) -> Column:
    amounts = np.zeros((len(block), len(AMOUNTS)), dtype=np.int64)
    amounts[:, AMOUNTS.index("counted")] = 1
    if block.table is CrossingRow:
        amounts[:, AMOUNTS.index("ins")] = block.values["direction"] == 0
        amounts[:, AMOUNTS.index("outs")] = block.values["direction"] == 1
    elif block.table is CorrectionRow:
        amounts[:, AMOUNTS.index("change")] = block.values["change"]
    else:
        amounts[:, AMOUNTS.index("stays")] = 1
        amounts[:, AMOUNTS.index("stay_ds")] = block.values["stay_ds" if block.table is VisitRow else "dwell_ds"]
    return amounts
