"""Columns of figures as arrays, added up by the database where that is less to carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edge.core.calendar import day_number
from edge.storage.database import run
from edge.storage.models import SITE

if TYPE_CHECKING:
    from collections.abc import Collection

    import peewee
    from numpy.typing import NDArray

    from edge.analytics.periods import Period

# Numbers of subjects are our own, so they may stand in the statement; there is no limit to how many.
DAYS = """SELECT day, sum(ins), sum(outs), sum(stays), sum(stay_ds) FROM day_figure
    WHERE day BETWEEN ? AND ? AND subject IN ({}) GROUP BY day ORDER BY day"""
HOURS = """SELECT day, start_min, clock_hour, sum(ins), sum(outs), sum(stays), sum(stay_ds) FROM hour_figure
    WHERE day BETWEEN ? AND ? AND subject IN ({}) GROUP BY day, start_min, clock_hour ORDER BY day, start_min"""
CLOCK_HOURS = """SELECT day, clock_hour, sum(ins), sum(outs) FROM hour_figure
    WHERE day BETWEEN ? AND ? AND subject IN ({}) GROUP BY day, clock_hour"""
WEEKLY = """SELECT (day + 3) % 7, clock_hour, sum(ins), sum(outs) FROM hour_figure
    WHERE day BETWEEN ? AND ? AND subject IN ({}) GROUP BY 1, 2"""
SUBJECTS = """SELECT subject, sum(ins), sum(outs) FROM day_figure
    WHERE day BETWEEN ? AND ? AND subject IN ({}) GROUP BY subject"""
BUSIEST = """SELECT day, start_min, clock_hour, sum(ins) FROM hour_figure
    WHERE day BETWEEN ? AND ? AND subject IN ({}) GROUP BY day, start_min, clock_hour
    HAVING sum(ins) > 0 ORDER BY 4 DESC, start_min LIMIT ?"""
BINS = "SELECT day, subject, stays, stay_ds, bins FROM day_figure WHERE day BETWEEN ? AND ? AND subject IN ({})"
DAY_LEVELS = "SELECT day, peak, inside FROM day_figure WHERE day BETWEEN ? AND ? AND subject = ? ORDER BY day"
HOUR_LEVELS = """SELECT day, start_min, clock_hour, peak, inside FROM hour_figure
    WHERE day BETWEEN ? AND ? AND subject = ? ORDER BY day, start_min, last_seq"""
LAST_INSIDE = "SELECT inside FROM day_figure WHERE day < ? AND subject = ? ORDER BY day DESC LIMIT 1"
REACH = "SELECT day, max(last_seq) FROM day_figure WHERE day <= ? GROUP BY day ORDER BY day"
EDGES = "SELECT (SELECT min(day) FROM day_figure), (SELECT max(day) FROM day_figure)"


def table(
    database: peewee.SqliteDatabase, sql: str, period: Period, subjects: Collection[int], *more: int
) -> NDArray[np.int64]:
    """The rows of one of the statements above, as an array of whole numbers."""
    rows = run(database, _of(sql, subjects), day_number(period.first), day_number(period.last), *more).fetchall()
    width = sql[: sql.index(" FROM")].count(",") + 1
    return np.array(rows, dtype=np.int64).reshape(-1, width)


def bins(
    database: peewee.SqliteDatabase, period: Period, subjects: Collection[int]
) -> list[tuple[int, int, int, int, bytes]]:
    """Day, subject, stays, all of them together in tenths of a second, and how they are spread."""
    first, last = day_number(period.first), day_number(period.last)
    return run(database, _of(BINS, subjects), first, last).fetchall()


def levels(database: peewee.SqliteDatabase, sql: str, period: Period) -> NDArray[np.int64]:
    """The rows of ``DAY_LEVELS`` or ``HOUR_LEVELS``."""
    return table(database, sql, period, (), SITE)


def inside_before(database: peewee.SqliteDatabase, day: int) -> int:
    """How many were inside when a day began, by the last figure before it."""
    return max(0, next((int(row[0]) for row in run(database, LAST_INSIDE, day, SITE)), 0))


def edges(database: peewee.SqliteDatabase) -> tuple[int, int] | None:
    """The first and the last day of which there are figures."""
    first, last = run(database, EDGES).fetchone()
    return None if first is None else (int(first), int(last))


def _of(sql: str, subjects: Collection[int]) -> str:
    return sql.format(", ".join(str(int(subject)) for subject in subjects))
