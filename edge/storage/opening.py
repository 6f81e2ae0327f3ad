"""Opens the records for writing: sound, of the right schema, by nobody else at the same time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.core.notices import DATABASE_CORRUPT, UNCLEAN_STOP
from edge.storage import about
from edge.storage.database import close, connect_reader, connect_writer, quick_fault, schema_of, writing
from edge.storage.errors import StorageDamagedError, telling
from edge.storage.migrations import bring_up, refuse_newer
from edge.storage.place import MOUNTS, WriterLock, refuse_missing_folder, refuse_network, set_aside

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import peewee

    from edge.core.notice import Fact

EPOCH_BYTES = 8


@dataclass(frozen=True, slots=True)
class Opened:
    """A database open for writing, the lock that goes with it, and what has to be told about it."""

    database: peewee.SqliteDatabase
    lock: WriterLock
    facts: tuple[Fact, ...]


def open_database(path: Path, mounts: Path = MOUNTS, fault: str | None = None) -> Opened:
    """Open the records at ``path``, new ones if there are none.

    After an unclean stop all of the file is checked. A damaged one is set aside and a new one begun; that is among the
    facts. ``fault`` is what was found to be wrong with it after it had been opened. Raises ``StorageError`` and its
    kinds; then nothing is open.
    """
    refuse_missing_folder(path)
    refuse_network(path, mounts)
    lock = WriterLock(path)
    try:
        database, facts = _sound(path) if fault is None else _fresh(path, fault, ())
        try:
            migrated = bring_up(database, path)
            with writing(database, path):
                if about.fact(database, about.EPOCH) is None:
                    about.note(database, about.EPOCH, fresh_epoch())
                about.note(database, about.STOPPED, about.RUNNING)
        except BaseException:  # whatever went wrong, file and lock are let go of; raised again
            close(database, path)
            raise
    except BaseException:  # whatever went wrong, file and lock are let go of; raised again
        lock.release()
        raise
    return Opened(database, lock, (*facts, migrated) if migrated else facts)


def fresh_epoch() -> str:
    """A name for rows that no other database has."""
    return secrets.token_hex(EPOCH_BYTES)


def _sound(path: Path) -> tuple[peewee.SqliteDatabase, tuple[Fact, ...]]:
    """A connection to a file without faults, and what has to be told."""
    facts: list[Fact] = []
    fault = None
    try:
        if path.exists():
            _refuse_foreign(path)
        database = connect_writer(path)
    except StorageDamagedError as error:
        fault = error.reason
    else:
        try:
            if _stopped_uncleanly(database, path):
                facts.append(UNCLEAN_STOP.fact(file=str(path)))
                fault = quick_fault(database, path)
        except StorageDamagedError as error:
            fault = error.reason
        except BaseException:  # whatever went wrong, file and lock are let go of; raised again
            close(database, path)
            raise
        if fault is None:
            return database, tuple(facts)
        close(database, path)
    return _fresh(path, fault, facts)


def _fresh(path: Path, fault: str, facts: Sequence[Fact]) -> tuple[peewee.SqliteDatabase, tuple[Fact, ...]]:
    """New records in the place of damaged ones."""
    aside = set_aside(path)
    return connect_writer(path), (*facts, DATABASE_CORRUPT.fact(file=str(path), reason=fault, aside=str(aside)))


def _refuse_foreign(path: Path) -> None:
    """Refuse a file of a newer version or of another program before anything in it is touched."""
    database = connect_reader(path)
    try:
        refuse_newer(path, schema_of(database, path))
    finally:
        close(database, path)


def _stopped_uncleanly(database: peewee.SqliteDatabase, path: Path) -> bool:
    with telling(path):
        return schema_of(database, path) > 0 and about.fact(database, about.STOPPED) != about.CLEAN
