"""Looking after the records from outside: what ``acm db check|backup|rebuild`` does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.storage import about
from edge.storage.calendars import calendars_of, go_by
from edge.storage.copies import copy_to
from edge.storage.database import close, connect_reader, empty_log, refuse_damaged, run, schema_of, writing
from edge.storage.derive import differing, remake
from edge.storage.errors import StorageDamagedError, telling
from edge.storage.migrations import refuse_newer
from edge.storage.models import HAPPENED, UNKNOWN_MS
from edge.storage.opening import open_database
from edge.storage.subjects import Subjects

if TYPE_CHECKING:
    from pathlib import Path

    import peewee

    from edge.core.calendar import SiteCalendar
    from edge.storage.models import Happened

MOST_FAULTS = 10


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: sentences about ``faults``, none if all is well; rows by table, and those without a time."""

    faults: tuple[str, ...]
    schema: int
    rows: dict[str, int]
    unset: int
    bytes: int

    @property
    def sound(self) -> bool:
        """Whether there are no faults."""
        return not self.faults


def check(path: Path) -> Checked:
    """Look over the whole file and whether its figures are what its rows say; while it is in use or not.

    Raises ``StorageError`` if it cannot be looked at; a damaged file is a fault, not an error.
    """
    try:
        database = connect_reader(path)
    except StorageDamagedError as error:
        return _damaged(path, error.reason)
    try:
        schema = schema_of(database, path)
        refuse_newer(path, schema)
        faults = _faults(database, path)
        if faults or not schema:
            return Checked(faults, schema, {}, 0, path.stat().st_size)
        with telling(path), database.atomic():
            rows = {str(table._meta.table_name): _count(database, table) for table in HAPPENED}  # noqa: SLF001 - peewee's own way
            unset = sum(_count(database, table, unset=True) for table in HAPPENED)
            differ = differing(database, calendars_of(database), Subjects(database).doors())
        if differ:
            faults = (f"{differ} figures of hours and days are not what the rows say; acm db rebuild mends them.",)
        return Checked(faults, schema, rows, unset, path.stat().st_size)
    except StorageDamagedError as error:
        return _damaged(path, error.reason)
    finally:
        close(database, path)


def backup(path: Path, target: Path | None = None) -> Path:
    """Copy the records while they are in use, by default to ``NAME.copy`` beside them; return where the copy is.

    An older copy is replaced only by a good one. Raises ``StorageError`` and its kinds.
    """
    return copy_to(path, target or path.with_name(f"{path.name}.copy"))


def rebuild(path: Path, calendar: SiteCalendar | None = None) -> int:
    """Make all figures anew from the rows; return how many rows were read. Not while ``acm run`` writes.

    With a ``calendar``, all days are counted by it from the beginning, not each by the one in force then. Raises
    ``StorageError`` and its kinds, and leaves the figures as they were; a damaged file is left alone.
    """
    # Opening a damaged file for writing begins a new one: not what somebody wants who has figures mended.
    refuse_damaged(path)
    opened = open_database(path)
    database = opened.database
    try:
        with writing(database, path):
            if calendar is not None:
                go_by(database, 0, calendar)
            read = remake(database, calendars_of(database), Subjects(database).doors())
            about.note(database, about.STOPPED, about.CLEAN)
        empty_log(database, path)
        return read
    finally:
        close(database, path)
        opened.lock.release()


def _damaged(path: Path, reason: str) -> Checked:
    return Checked((f"the file is damaged: {reason}.",), 0, {}, 0, path.stat().st_size)


def _faults(database: peewee.SqliteDatabase, path: Path) -> tuple[str, ...]:
    with telling(path):
        told = [str(row[0]) for row in run(database, f"PRAGMA integrity_check({MOST_FAULTS})")]
    return () if told == ["ok"] else tuple(f"the file is damaged: {fault}." for fault in told)


def _count(database: peewee.SqliteDatabase, table: type[Happened], *, unset: bool = False) -> int:
    query = table.select()
    if unset:
        query = query.where(table.at_ms.between(UNKNOWN_MS, -1))
    return int(query.count(database))
