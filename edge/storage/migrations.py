"""Brings a database to the schema this version knows: each step in one transaction, after a copy of the whole.

A newer schema is not touched. A change of the tables is a function at the end of ``UPGRADES``, besides the change of
the models: what it makes of an old database has to be what ``create`` makes of nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import peewee

from edge.core.notices import DATABASE_MIGRATED
from edge.storage.copies import copy_to
from edge.storage.database import APPLICATION_ID, run, schema_of, writing
from edge.storage.errors import StorageNewerError
from edge.storage.models import TABLES, SendingRow, SetAsideRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from edge.core.notice import Fact

    Upgrade = Callable[[peewee.SqliteDatabase], None]


def _add_sending(database: peewee.SqliteDatabase) -> None:
    """Schema 2: how far sending to the hub has come."""
    for table in (SendingRow, SetAsideRow):
        peewee.SchemaManager(table, database=database).create_all(safe=False)


# The first leads from schema 1 to 2, and so on. Each is called within a transaction.
UPGRADES: tuple[Upgrade, ...] = (_add_sending,)


def bring_up(database: peewee.SqliteDatabase, path: Path, upgrades: Sequence[Upgrade] = UPGRADES) -> Fact | None:
    """Make the tables, or alter them to what this version knows; return what is to be told about it.

    Raises ``StorageNewerError`` before anything is touched, and ``StorageWaitError`` if there is no room for the copy.
    """
    found, known = schema_of(database, path), 1 + len(upgrades)
    refuse_newer(path, found, known)
    if found == known:
        return None
    if found == 0:
        with writing(database, path):
            create(database)
            _sign(database, known)
        return None
    copy_to(path, path.with_name(f"{path.name}.schema-{found}"))
    for number in range(found, known):
        with writing(database, path):
            upgrades[number - 1](database)
            _sign(database, number + 1)
    return DATABASE_MIGRATED.fact(file=str(path), found=found, known=known)


def refuse_newer(path: Path, found: int, known: int = 1 + len(UPGRADES)) -> None:
    """Raise ``StorageNewerError`` if a file has a schema this version does not know."""
    if found > known:
        raise StorageNewerError(path, found, known)


def create(database: peewee.SqliteDatabase) -> None:
    """Make all tables. Only within a transaction."""
    for table in TABLES:
        peewee.SchemaManager(table, database=database).create_all(safe=False)


def _sign(database: peewee.SqliteDatabase, schema: int) -> None:
    run(database, f"PRAGMA application_id = {APPLICATION_ID}")
    run(database, f"PRAGMA user_version = {schema}")
