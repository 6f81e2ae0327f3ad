"""Facts about the database itself, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.storage.models import About

if TYPE_CHECKING:
    import peewee

# A random number in hex, made with the file: tells rows of this database from those of one before it.
EPOCH = "epoch"
# "running" from opening on, "clean" after a proper stop.
STOPPED = "stopped"
RUNNING, CLEAN = "running", "clean"
# Numbers of rows are never used again, even when all rows with higher ones are gone.
NEXT_SEQ = "next_seq"
# Rows before this one were let go of, and how many were inside just before it.
KEPT_FROM_SEQ, KEPT_INSIDE = "kept_from_seq", "kept_inside"
# Bytes this file cost the card so far, up to the last clean stop or upkeep.
WRITTEN_BYTES = "written_bytes"


def fact(database: peewee.SqliteDatabase, key: str) -> str | None:
    """A fact, None if it was never noted."""
    row = About.select(About.value).where(About.key == key).tuples().execute(database)
    return next((str(value) for (value,) in row), None)


def number(database: peewee.SqliteDatabase, key: str) -> int:
    """A fact that is a number, 0 if it was never noted."""
    return int(fact(database, key) or 0)


def note(database: peewee.SqliteDatabase, key: str, value: str | int) -> None:
    """Note a fact, over what was noted before."""
    row = {"key": key, "value": str(value)}
    About.insert(row).on_conflict_replace().execute(database)
