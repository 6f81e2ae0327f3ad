"""How each hour changed how many are inside, so that the most at once is known without the rows.

Within an hour the ledger runs in the order of rows, as on the device. What an hour adds at most does not depend on how
many were inside before it; so rows that come later, as they mostly do, are put behind those that are there, and only
hours of rows that got another time are gone through again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from edge.storage.hub import about
from edge.storage.hub.adding import Target, first_of_each, merge
from edge.storage.hub.models import CorrectionRow, CrossingRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edge.core.shipment import Column
    from edge.storage.hub.database import HubDatabase
    from edge.storage.hub.figures import Change
    from edge.storage.hub.hours import SiteHours
    from edge.storage.hub.rows import Block

KEY = ("day", "start_min", "clock_hour")
LEVELS = Target(
    "level_figure", KEY, ("net", "rise"),
    "net = level_figure.net + excluded.net, rise = CASE WHEN level_figure.net + excluded.rise > level_figure.rise "
    "THEN level_figure.net + excluded.rise ELSE level_figure.rise END",
)  # fmt: skip
MOVES = (
    "SELECT c.epoch, c.seq, c.at_ms, 1 - 2 * c.direction FROM crossing c "
    "JOIN subject u ON u.device = c.device AND u.number = c.subject "
    "WHERE u.door = 1 AND c.device = %s AND c.at_ms >= %s AND c.at_ms < %s AND c.month >= %s "
    "UNION ALL SELECT epoch, seq, at_ms, change FROM correction "
    "WHERE device = %s AND at_ms >= %s AND at_ms < %s AND month >= %s ORDER BY 1, 2"
)
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
END_MS = 2**62
# Rows of a rebuild that are in memory at a time.
REBUILD_ROWS = 100_000
# Whoever was that far ahead of time sent rows before they happened.
AHEAD_MS = 40 * DAY_MS


class Came(NamedTuple):
    """What came with a batch: new rows, others that come or go, and the numbers of those lines that are doors."""

    fresh: Sequence[Block]
    again: Sequence[Change]
    doors: Column


def follow(database: HubDatabase, device: int, came: Came, hours: SiteHours) -> None:
    """Put rows behind those that are there, and go through the hours of others again. The rows have to be in."""
    moves = _together(came.fresh, came.doors)
    if len(moves):
        moves = moves[np.argsort(moves[:, 0], kind="stable")]
        merge(database, LEVELS, device, *_by_hour(moves[:, 1], moves[:, 2], hours))
    others = _together([change.block for change in came.again], came.doors)
    if not len(others):
        return
    starts = np.unique(hours.of(others[:, 1]).start_min)
    # Hours whose rows may have been let go of stay as they are.
    starts = starts[starts * MINUTE_MS >= about.number(database, about.REBUILT_FROM_MS)]
    if len(starts):
        _go_through(database, device, starts, hours)


def rebuild(database: HubDatabase, device: int, hours: SiteHours, from_ms: int = 0) -> None:
    """Go through all of a device's hours from ``from_ms`` (a whole hour) on. Its streams have to be locked."""
    database.run("DELETE FROM level_figure WHERE device = %s AND start_min >= %s", device, from_ms // MINUTE_MS)
    span = (device, from_ms, END_MS, 0)
    found = database.run(MOVES, *span, *span)
    while rows := found.fetchmany(REBUILD_ROWS):
        whole = np.array(rows, dtype=np.int64)
        merge(database, LEVELS, device, *_by_hour(whole[:, 2], whole[:, 3], hours))


def _go_through(database: HubDatabase, device: int, starts: Column, hours: SiteHours) -> None:
    """Make some hours anew from their rows; an hour by the wall clock may be longer than one by the sun."""
    start_ms, end_ms = int(starts[0]) * MINUTE_MS, int(starts[-1]) * MINUTE_MS + 2 * HOUR_MS
    for start_min in starts.tolist():
        database.run("DELETE FROM level_figure WHERE device = %s AND start_min = %s", device, start_min)
    span = (device, start_ms, end_ms, _month(start_ms - AHEAD_MS))
    rows = np.array(database.run(MOVES, *span, *span).fetchall(), dtype=np.int64).reshape(-1, 4)
    rows = rows[np.isin(hours.of(rows[:, 2]).start_min, starts)]
    merge(database, LEVELS, device, *_by_hour(rows[:, 2], rows[:, 3], hours))


def _together(blocks: Iterable[Block], doors: Column) -> Column:
    found = [_moves(block, doors) for block in blocks if block.table in {CrossingRow, CorrectionRow} and len(block)]
    return np.concatenate(found) if found else np.empty((0, 3), dtype=np.int64)


def _moves(block: Block, doors: Column) -> Column:
    """Of rows that move the number inside: seq, time, by how much."""
    if block.table is CorrectionRow:
        rows = [block.seq, block.values["at_ms"], block.values["change"]]
    else:
        block = block.where(np.isin(block.values["subject"], doors))
        rows = [block.seq, block.values["at_ms"], 1 - 2 * block.values["direction"]]
    return np.stack(rows, axis=1)


def _by_hour(at_ms: Column, moves: Column, hours: SiteHours) -> tuple[Column, Column]:
    """What rows in their order make of each hour."""
    of = hours.of(at_ms)
    keys = np.stack([of.day, of.start_min, of.clock_hour], axis=1)
    if not len(keys):
        return keys, np.empty((0, 2), dtype=np.int64)
    order = np.lexsort(keys.T[::-1])
    keys, moves = keys[order], moves[order]
    firsts = np.flatnonzero(first_of_each(keys))
    sums = np.cumsum(moves)
    net = np.add.reduceat(moves, firsts)
    before = np.concatenate([[0], sums])[firsts]
    rise = np.maximum.reduceat(sums, firsts) - before
    return keys[firsts], np.stack([net, rise], axis=1)


def _month(at_ms: int) -> int:
    """The month a moment is in, counted from January 1970; by UTC, and not after it."""
    return int(np.datetime64(max(0, at_ms), "ms").astype("datetime64[M]").astype(np.int64))
