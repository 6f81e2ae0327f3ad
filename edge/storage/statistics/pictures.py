"""Where people stood and walked: heat over the floor, and the ways of the last two days."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from edge.analytics.ways import Ways
from edge.storage.database import run
from edge.storage.packing import CELL, TENTHS, THOUSANDTHS
from edge.storage.statistics.numbers import running, unfolded, unpacked

if TYPE_CHECKING:
    import peewee
    from numpy.typing import NDArray

HEAT = "SELECT columns, cells FROM heat WHERE camera = ? AND at_ms > ? AND at_ms <= ? ORDER BY seq DESC"
WALKS = "SELECT at_ms, points FROM walk WHERE camera = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms"


def heat(database: peewee.SqliteDatabase, camera: int, span_ms: tuple[int, int]) -> NDArray[np.float64] | None:
    """Person-seconds of each cell, rows x columns; None if there are none. Grids unlike the last one are left out.

    A while of heat counts where it ended, so that an hour up to midnight belongs to the day it was.
    """
    shape: tuple[int, int] | None = None
    summed = np.zeros(0)
    for columns, cells in run(database, HEAT, camera, *span_ms):
        tenths = np.frombuffer(zlib.decompress(cells), dtype=CELL)
        if shape is None:
            shape, summed = (columns, len(tenths)), np.zeros(len(tenths))
        if (columns, len(tenths)) == shape:
            summed += tenths
    return None if shape is None else (summed / TENTHS).reshape(-1, shape[0])


def ways(database: peewee.SqliteDatabase, camera: int, span_ms: tuple[int, int]) -> Ways:
    """The walks that began from the first up to but without the second moment."""
    rows = run(database, WALKS, camera, *span_ms).fetchall()
    numbers, held = unpacked([points for _, points in rows])
    steps = held // 3
    after, x, y = (running(unfolded(numbers[axis::3]), steps) for axis in range(3))
    at_ms = np.array([at_ms for at_ms, _ in rows], dtype=np.int64)
    return Ways(at_ms, steps, after / TENTHS, x / THOUSANDTHS, y / THOUSANDTHS)
