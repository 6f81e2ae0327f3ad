"""Opens the database: so that what was acknowledged survives a power cut, and nothing else is ever written to."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

import peewee

from edge.storage.errors import StorageDamagedError, StorageError, StorageWaitError, telling
from edge.storage.packing import added_bins
from edge.storage.place import companions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# "ACM1": tells our files from others.
APPLICATION_ID = 0x41434D31
# A commit writes whole pages. Small ones spare the card: most commits change a row or two on three or four pages.
PAGE_BYTES = 1024
BUSY_S = 5
# The log is copied into the file when it has as many pages, and cut to this length when it was longer.
CHECKPOINT_PAGES = 256
JOURNAL_BYTES = 1024 * 1024
# Whoever writes row after row needs the last pages only. A greater cache fills over hours, as if memory were leaking.
WRITER_CACHE_KIB, READER_CACHE_KIB = 256, 2048
WRITER_PRAGMAS = (
    ("page_size", PAGE_BYTES),
    ("journal_mode", "wal"),
    # FULL, not NORMAL: at a power cut NORMAL loses everything since the last checkpoint.
    ("synchronous", "full"),
    ("wal_autocheckpoint", CHECKPOINT_PAGES),
    ("journal_size_limit", JOURNAL_BYTES),
    ("cache_size", -WRITER_CACHE_KIB),
)
READER_PRAGMAS = (("query_only", 1), ("cache_size", -READER_CACHE_KIB))


def connect_writer(path: Path) -> peewee.SqliteDatabase:
    """Connect for writing; every transaction is begun for writing at once. Raises ``StorageError`` and its kinds."""
    database = peewee.SqliteDatabase(
        str(path),
        pragmas=WRITER_PRAGMAS,
        timeout=BUSY_S,
        lock_type="IMMEDIATE",
        thread_safe=False,
        autoconnect=False,
        # Whichever thread does it, one at a time: the store sees to that.
        check_same_thread=False,
    )
    database.register_function(added_bins, "added_bins", 2, deterministic=True)
    with telling(path):
        database.connect()
    return database


def connect_reader(path: Path) -> peewee.SqliteDatabase:
    """Connect for reading only, beside the writer. Raises ``StorageError`` and its kinds."""
    if not path.is_file():
        raise StorageError(f"{path}: there are no records; start acm run first, or name another file.")
    try:
        return _reader(path, "mode=ro")
    except StorageWaitError:
        log, _ = companions(path)
        if log.exists():
            raise
        # Nobody is writing, and where we may not write, the files that readers share cannot be made.
        return _reader(path, "immutable=1")


def _reader(path: Path, how: str) -> peewee.SqliteDatabase:
    database = peewee.SqliteDatabase(
        f"file:{quote(str(path.absolute()))}?{how}",
        pragmas=READER_PRAGMAS,
        timeout=BUSY_S,
        thread_safe=False,
        autoconnect=False,
        uri=True,
        check_same_thread=False,
    )
    with telling(path):
        database.connect()
        try:
            # Only the first look into the file tells whether it can be read.
            run(database, "SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:  # whatever went wrong, nothing half done stays; raised again
            database.close()
            raise
    return database


def run(database: peewee.SqliteDatabase, sql: str, *values: int | str | bytes) -> sqlite3.Cursor:
    """Run a statement that peewee has no words for."""
    return cast("sqlite3.Cursor", database.execute_sql(sql, values))  # type: ignore[no-untyped-call]


def insert(database: peewee.SqliteDatabase, table: type[peewee.Model], rows: Sequence[tuple[object, ...]]) -> None:
    """Insert whole rows, values in the table's order. Much quicker than peewee's way."""
    meta = table._meta  # noqa: SLF001 - peewee's own way
    columns = [field.column_name for field in meta.sorted_fields]
    places = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {meta.table_name} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - names of ours
    _connection(database).executemany(statement, rows)


@contextmanager
def writing(database: peewee.SqliteDatabase, path: Path) -> Iterator[None]:
    """A transaction for writing: at its end it is on the disk, or undone. Not within another one.

    peewee's own would tell of the undoing that fails, and not of the disk that refused the commit.
    """
    with telling(path):
        database.begin()
        try:
            yield
            database.commit()
        except BaseException:  # whatever went wrong, nothing half done stays; raised again
            # After some faults SQLite has undone it by itself, and then refuses to do so again.
            with suppress(peewee.PeeweeException):
                database.rollback()
            raise


def _connection(database: peewee.SqliteDatabase) -> sqlite3.Connection:
    return cast("sqlite3.Connection", database.connection())  # type: ignore[no-untyped-call]


def schema_of(database: peewee.SqliteDatabase, path: Path) -> int:
    """The schema a file was written by, 0 for an empty one. Refuses a database of another program."""
    with telling(path):
        found, owner = database.pragma("user_version"), database.pragma("application_id")
        tables = run(database, "SELECT count(*) FROM sqlite_master").fetchone()[0]
    if owner != APPLICATION_ID and (tables or found):
        raise StorageError(f"{path}: is a database of another program; name another file for the records.")
    if int(found) < 0:
        raise StorageDamagedError(path, f"its schema is {found}")
    return int(found)


def quick_fault(database: peewee.SqliteDatabase, path: Path) -> str | None:
    """What is wrong with the file, None if nothing is. Reads all of it, so it takes seconds for years of records."""
    try:
        with telling(path):
            rows = run(database, "PRAGMA quick_check(1)").fetchall()
    except StorageDamagedError as error:
        return error.reason
    told = str(rows[0][0])
    return None if told == "ok" else told.replace("\n", " ")


def refuse_damaged(path: Path) -> None:
    """Raise ``StorageDamagedError`` if anything is wrong with the file; it is only read."""
    database = connect_reader(path)
    try:
        fault = quick_fault(database, path)
    finally:
        close(database, path)
    if fault is not None:
        raise StorageDamagedError(path, fault)


def empty_log(database: peewee.SqliteDatabase, path: Path) -> bool:
    """Copy the log into the file and cut it to nothing; False if a reader is in the way. Does not wait for it."""
    with telling(path):
        run(database, "PRAGMA busy_timeout = 0")
        try:
            busy = run(database, "PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            run(database, f"PRAGMA busy_timeout = {BUSY_S * 1000}")
    return not busy


def close(database: peewee.SqliteDatabase, path: Path) -> None:
    """Let go of the file; may be called twice. A disk that is full or gone must not keep a program from ending."""
    try:
        with telling(path):
            database.close()
    except StorageWaitError:
        database.dispose()
