"""What the database alone needs for rows that are there already: the measure the hub is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.storage.hub.models import CrossingRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.storage.hub.database import HubDatabase

BARE = "acm_bare_copy"


@dataclass(frozen=True, slots=True)
class BareCopy:
    """So many rows took ``seconds``, from the first byte to the end of the transaction."""

    rows: int
    seconds: float


def bare_copy(database: HubDatabase, device: str, now_ns: Callable[[], int]) -> BareCopy:
    """Copy all crossings of a device once more, by one COPY, into a table of the same columns and key.

    PostgreSQL only. The table is new and gone afterwards; making it is not measured.
    """
    table = CrossingRow._meta.table_name  # noqa: SLF001 - peewee's own way
    names = ", ".join(database.columns(CrossingRow))
    with database.using():
        connection = database.connection()
        number = int(database.run("SELECT number FROM device WHERE id = %s", device).fetchone()[0])
        sql = f"COPY (SELECT {names} FROM {table} WHERE device = {number}) TO STDOUT"  # noqa: S608 - names of ours
        with connection.cursor() as cursor, cursor.copy(sql) as out:
            told = b"".join(bytes(part) for part in out)
        with database.writing():
            database.run(f"DROP TABLE IF EXISTS {BARE}")
            database.run(f"CREATE TABLE {BARE} (LIKE {table} INCLUDING ALL)")
        start = now_ns()
        with database.writing(), connection.cursor() as cursor:
            with cursor.copy(f"COPY {BARE} ({names}) FROM STDIN") as copy:
                copy.write(told)
            rows = cursor.rowcount
        taken = now_ns() - start
        with database.writing():
            database.run(f"DROP TABLE {BARE}")
    return BareCopy(int(rows), taken / 1e9)
