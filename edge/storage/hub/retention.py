"""Letting go of rows and reports that are old enough, month by month; figures stay."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from edge.core.timekeeping import to_ms
from edge.storage.hub import about, purses, reports
from edge.storage.hub.migrations import add_month, lock_tables, part_name
from edge.storage.hub.models import MONTHLY

if TYPE_CHECKING:
    from edge.storage.hub.database import HubDatabase

HOUR_MS = 3_600_000


def month_of(now: datetime) -> int:
    """The month, counted from January 1970."""
    return (now.year - 1970) * 12 + now.month - 1


def let_go(database: HubDatabase, months: int, now: datetime) -> int:
    """Let go of rows and files that came more than ``months`` whole months ago; return how many those were.

    Such a row is not taken again, and what it was counted in is not made anew.
    """
    with database.writing():
        lock_tables(database)
        kept_from = max(about.number(database, about.KEPT_FROM_MONTH), month_of(now) - months)
        latest_ms, rows = about.number(database, about.REBUILT_FROM_MS) - 1, 0
        for table in MONTHLY:
            name = table._meta.table_name  # noqa: SLF001 - peewee's own way
            count, last_ms = database.run(
                f"SELECT count(*), max(at_ms) FROM {name} WHERE month < %s", kept_from  # noqa: S608 - a name of ours
            ).fetchone()
            rows += count
            latest_ms = max(latest_ms, -1 if last_ms is None else min(last_ms, to_ms(now)))
            _empty(database, name, kept_from)
        about.note(database, about.KEPT_FROM_MONTH, kept_from)
        # The first whole hour without such rows; a zone may be half an hour off.
        about.note(database, about.REBUILT_FROM_MS, (latest_ms // HOUR_MS + 2) * HOUR_MS if latest_ms >= 0 else 0)
    return int(rows) + reports.let_go(database, _begins_ms(kept_from))


def _begins_ms(month: int) -> int:
    return to_ms(datetime(1970 + month // 12, month % 12 + 1, 1, tzinfo=timezone.utc))


def look_ahead(database: HubDatabase, now: datetime) -> None:
    """Have a place for rows of this month and the next before they come, and forget who asked long ago."""
    month = month_of(now)
    with database.writing():
        for ahead in (month, month + 1):
            add_month(database, ahead)
    purses.forget(database, to_ms(now))


def _empty(database: HubDatabase, name: str, kept_from: int) -> None:
    if not database.on_postgres:
        database.run(f"DELETE FROM {name} WHERE month < %s", kept_from)  # noqa: S608 - a name of ours
        return
    found = database.run(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = %s::regclass",
        name,
    )
    for (part,) in found.fetchall():
        if part < part_name(name, kept_from):
            database.run(f"DROP TABLE {part}")
