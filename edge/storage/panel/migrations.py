"""Brings the panel's database to the schema this version knows, each step in one transaction.

A newer schema is not touched. A change of the tables is a function at the end of ``UPGRADES``, besides the change of
the models: what it makes of an old database has to be what ``create`` makes of nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import peewee

from edge.storage.database import run, writing
from edge.storage.errors import StorageError, StorageNewerError, telling
from edge.storage.panel.models import TABLES, PushRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Upgrade = Callable[[peewee.SqliteDatabase], None]

# "ACMP": tells the panel's file from others.
APPLICATION_ID = 0x41434D50


def _ask_what_is_wanted(database: peewee.SqliteDatabase) -> None:
    """Browsers say of what they want to be told. Before, none could ask for anything."""
    run(database, "DROP TABLE push")
    peewee.SchemaManager(PushRow, database=database).create_all(safe=False)


# The first leads from schema 1 to 2, and so on. Each is called within a transaction.
UPGRADES: tuple[Upgrade, ...] = (_ask_what_is_wanted,)


def bring_up(database: peewee.SqliteDatabase, path: Path, upgrades: Sequence[Upgrade] = UPGRADES) -> None:
    """Make the tables, or alter them to what this version knows.

    Raises ``StorageNewerError``, or ``StorageError`` for a file of another program, before anything is touched.
    """
    known = 1 + len(upgrades)
    found = _schema_of(database, path)
    if found > known:
        raise StorageNewerError(path, found, known)
    if found == 0:
        with writing(database, path):
            create(database)
            _sign(database, known)
        return
    for number in range(found, known):
        with writing(database, path):
            upgrades[number - 1](database)
            _sign(database, number + 1)


def create(database: peewee.SqliteDatabase) -> None:
    """Make all tables. Only within a transaction."""
    for table in TABLES:
        peewee.SchemaManager(table, database=database).create_all(safe=False)


def _schema_of(database: peewee.SqliteDatabase, path: Path) -> int:
    with telling(path):
        found, owner = database.pragma("user_version"), database.pragma("application_id")
        tables = run(database, "SELECT count(*) FROM sqlite_master").fetchone()[0]
    if owner != APPLICATION_ID and (tables or found):
        raise StorageError(f"{path}: is a database of another program; name another folder for the panel.")
    return int(found)


def _sign(database: peewee.SqliteDatabase, schema: int) -> None:
    run(database, f"PRAGMA application_id = {APPLICATION_ID}")
    run(database, f"PRAGMA user_version = {schema}")
