"""Brings the hub's database to the schema this version knows, each step in one transaction.

Several processes may start at once: one does it, the others wait. A newer schema is not touched. A change of the tables
is a function at the end of ``UPGRADES``, besides the change of the models: what it makes of an old database has to be
what ``create`` makes of nothing.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import peewee

from edge.core.calendar import SiteCalendar
from edge.storage.hub import about, levels, spread
from edge.storage.hub.errors import HubNewerError
from edge.storage.hub.hours import SiteHours
from edge.storage.hub.models import MONTHLY, TABLES, LevelFigure, ReportFile, StayFigure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.storage.hub.database import HubDatabase

    Upgrade = Callable[[HubDatabase], None]

# "ACMH": whoever makes or alters tables holds this lock until the end of the transaction.
TABLES_LOCK = 0x41434D48
SECRET_BYTES = 32


def _spread_and_levels(database: HubDatabase) -> None:
    """Schema 2: how stays are spread and how the hours rose, counted from the rows that are there."""
    _make(database, (StayFigure, LevelFigure))
    from_ms = about.number(database, about.REBUILT_FROM_MS)
    sql = "SELECT d.number, s.zone, s.day_starts_h FROM device d JOIN site s ON s.number = d.site ORDER BY 1"
    for device, zone, starts_h in database.run(sql).fetchall():
        hours = SiteHours(SiteCalendar(ZoneInfo(zone), starts_h))
        spread.rebuild(database, device, hours, from_ms)
        levels.rebuild(database, device, hours, from_ms)


def _report_files(database: HubDatabase) -> None:
    """Schema 3: a place for the reports that devices send."""
    _make(database, (ReportFile,))


# The first leads from schema 1 to 2, and so on. Each is called within a transaction.
UPGRADES: tuple[Upgrade, ...] = (_spread_and_levels, _report_files)


def bring_up(database: HubDatabase, upgrades: Sequence[Upgrade] = UPGRADES) -> int:
    """Make the tables, or alter them to what this version knows; return the schema found, 0 for none.

    Raises ``HubNewerError`` before anything is touched.
    """
    known = 1 + len(upgrades)
    first = None
    while True:
        with database.using():
            found = schema_of(database)
        refuse_newer(database, found, known)
        first = found if first is None else first
        if found == known:
            return first
        with database.writing():
            lock_tables(database)
            _step(database, schema_of(database), known, upgrades)


def _step(database: HubDatabase, found: int, known: int, upgrades: Sequence[Upgrade]) -> None:
    """One schema further; none if another process was quicker."""
    if found == 0:
        create(database)
        about.note(database, about.SECRET, secrets.token_hex(SECRET_BYTES))
        about.note(database, about.SCHEMA, known)
    elif found < known:
        upgrades[found - 1](database)
        about.note(database, about.SCHEMA, found + 1)


def refuse_newer(database: HubDatabase, found: int, known: int) -> None:
    """Raise ``HubNewerError`` if the tables are of a schema this version does not know."""
    if found > known:
        raise HubNewerError(
            f"{database.place}: was made by a newer version (schema {found}, this one knows {known}); install that "
            "version, or name another database."
        )


def schema_of(database: HubDatabase) -> int:
    """The schema of the tables, 0 if there are none."""
    if not database.peewee.table_exists("about"):
        return 0
    return about.number(database, about.SCHEMA)


def lock_tables(database: HubDatabase) -> None:
    """Have nobody else make or alter tables before this transaction ends."""
    if database.on_postgres:
        database.run("SELECT pg_advisory_xact_lock(%s)", TABLES_LOCK)


def create(database: HubDatabase) -> None:
    """Make all tables. Only within a transaction."""
    _make(database, TABLES)


def _make(database: HubDatabase, tables: Sequence[type[peewee.Model]]) -> None:
    for table in tables:
        manager = peewee.SchemaManager(table, database=database.peewee)
        made, _ = manager._create_table(safe=False).query()  # type: ignore[attr-defined] # noqa: SLF001 - peewee has no words for what follows
        database.run(made + _ending(database, table))
        manager.create_indexes(safe=False)


def _ending(database: HubDatabase, table: type[peewee.Model]) -> str:
    if database.on_postgres:
        return " PARTITION BY RANGE (month)" if table in MONTHLY else ""
    composite = isinstance(table._meta.primary_key, peewee.CompositeKey)  # noqa: SLF001 - as above
    return " STRICT, WITHOUT ROWID" if composite else " STRICT"


def add_month(database: HubDatabase, month: int) -> None:
    """Have a place for rows of a month. Only within a transaction; costs one look once it is there."""
    if not database.on_postgres:
        return
    names = [table._meta.table_name for table in MONTHLY]  # noqa: SLF001 - peewee's own way
    if database.run("SELECT to_regclass(%s)", part_name(names[-1], month)).fetchone()[0] is not None:
        return
    lock_tables(database)
    for name in names:
        database.run(
            f"CREATE TABLE IF NOT EXISTS {part_name(name, month)} PARTITION OF {name} "
            f"FOR VALUES FROM ({month}) TO ({month + 1})"
        )


def part_name(table: str, month: int) -> str:
    """What a month of a table is called, such as crossing_2026_11."""
    return f"{table}_{1970 + month // 12}_{month % 12 + 1:02d}"
