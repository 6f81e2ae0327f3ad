"""Facts about the hub's database itself, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.storage.hub.models import About

if TYPE_CHECKING:
    from edge.storage.hub.database import HubDatabase

# Which schema the tables are of.
SCHEMA = "schema"
# Proves that a nonce was made by a hub on this database; hex.
SECRET = "secret"  # noqa: S105 - a name
# Rows that arrived before this month were let go of, and figures that began before this time may rest on such rows.
KEPT_FROM_MONTH, REBUILT_FROM_MS = "kept_from_month", "rebuilt_from_ms"


def fact(database: HubDatabase, key: str) -> str | None:
    """A fact, None if it was never noted."""
    row = database.run("SELECT value FROM about WHERE key = %s", key).fetchone()
    return None if row is None else str(row[0])


def number(database: HubDatabase, key: str) -> int:
    """A fact that is a number, 0 if it was never noted."""
    return int(fact(database, key) or 0)


def note(database: HubDatabase, key: str, value: str | int) -> None:
    """Note a fact, over what was noted before."""
    row = {"key": key, "value": str(value)}
    query = About.insert(row).on_conflict(conflict_target=[About.key], preserve=[About.value])
    query.execute(database.peewee)
