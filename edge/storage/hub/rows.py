"""Rows of a batch on their way into the tables, column by column.

On PostgreSQL they go in by COPY in its binary form, which is laid out here as one array: what each row costs is little
more than the copying of its bytes.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from peewee import BigIntegerField, SmallIntegerField

from edge.storage.hub.models import CorrectionRow, CrossingRow, NoticeRow, VisitRow, ZoneStayRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from edge.core.shipment import Column, Shipment
    from edge.storage.hub.database import HubDatabase
    from edge.storage.hub.models import Table

# The binary form of COPY: signature, flags, no extension; a row is its number of fields and each one's length and
# value, high byte first; -1 fields end it.
COPY_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
COPY_END = b"\xff\xff"


class Place(NamedTuple):
    """Where rows belong: what is the same in all of them."""

    device: int
    epoch: int
    month: int


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one kind. ``values`` has a column for each of the table's that is not in ``Place``."""

    table: type[Table]
    values: dict[str, NDArray[Any]]

    @property
    def seq(self) -> Column:
        """The rows' numbers."""
        return self.values["seq"]

    def __len__(self) -> int:
        return len(self.values["seq"])

    def where(self, mask: NDArray[Any]) -> Block:
        """Those rows only; ``mask`` says of each whether it is one."""
        return Block(self.table, {name: column[mask] for name, column in self.values.items()})


def blocks(shipment: Shipment, numbers: Column) -> Iterator[Block]:
    """A batch's rows, each kind that has any; ``numbers`` are the subjects' in our tables, 0 for rows to leave out."""
    for table, rows, names in (
        (CrossingRow, shipment.crossings, ("subject", "direction")),
        (VisitRow, shipment.visits, ("subject", "stay_ds")),
        (ZoneStayRow, shipment.zone_stays, ("subject", "dwell_ds")),
        (CorrectionRow, shipment.corrections, ("change", "reason")),
        (NoticeRow, shipment.notices, ("event", "told")),
    ):
        if not rows.rows:
            continue
        values = {name: np.asarray(getattr(rows, name)) for name in ("seq", "at_ms", "version")}
        for name in names:
            values[name] = np.asarray(getattr(rows, name), dtype=object if table is NoticeRow else np.int64)
        block = Block(table, values)
        if "subject" in names:
            values["subject"] = numbers[values["subject"]]
            if not values["subject"].all():
                block = block.where(values["subject"] > 0)
        yield block


@contextmanager
def written(database: HubDatabase, block: Block, place: Place) -> Iterator[None]:
    """Put rows in that are not there; they are when it ends. Only within a transaction.

    Meanwhile the server works, so whatever has to be computed may as well be. Nothing may be asked of the database.
    """
    if not len(block):
        yield
        return
    names = database.columns(block.table)
    columns = {**block.values, **place._asdict()}
    if database.on_postgres and block.table is not NoticeRow:
        laid_out = _laid_out(block.table, names, columns, len(block))
        sql = f"COPY {block.table._meta.table_name} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)"  # noqa: SLF001 - as below
        with database.connection().cursor() as cursor, cursor.copy(sql) as copy:
            copy.write(laid_out)
            yield
        return
    lists = [
        [columns[name]] * len(block) if name in Place._fields else columns[name].tolist() for name in names
    ]  # fmt: skip
    database.insert(block.table, list(zip(*lists, strict=True)))
    yield


def write(database: HubDatabase, block: Block, place: Place) -> None:
    """The same at once."""
    with written(database, block, place):
        return


def stored(database: HubDatabase, block: Block, place: Place) -> Block:
    """The rows that are there under the same numbers."""
    names = list(block.values)
    found = database.run(
        f"SELECT {', '.join(names)} FROM {block.table._meta.table_name} "  # noqa: S608, SLF001 - names of ours
        "WHERE device = %s AND epoch = %s AND month = %s AND seq BETWEEN %s AND %s ORDER BY seq",
        *place, int(block.seq.min()), int(block.seq.max()),
    ).fetchall()  # fmt: skip
    columns = zip(*found, strict=True) if found else ([] for _ in names)
    whole = Block(
        block.table,
        {
            name: np.array(list(column), dtype=block.values[name].dtype)
            for name, column in zip(names, columns, strict=True)
        },
    )
    return whole.where(np.isin(whole.seq, block.seq))


def remove(database: HubDatabase, block: Block, place: Place) -> None:
    """Take rows out that are about to be replaced. Only within a transaction."""
    if not len(block):
        return
    sql = (
        f"DELETE FROM {block.table._meta.table_name} WHERE device = %s AND epoch = %s AND month = %s AND seq "  # noqa: S608, SLF001 - as above
    )
    if database.on_postgres:
        database.run(sql + "= ANY(%s)", *place, block.seq.tolist())
        return
    for seq in block.seq.tolist():
        database.run(sql + "= %s", *place, seq)


def _laid_out(table: type[Table], names: list[str], columns: dict[str, Any], count: int) -> bytes:
    """Rows in COPY's binary form."""
    laid_out = np.empty(count, dtype=_layout(table))
    laid_out["fields"] = len(names)
    for name in names:
        laid_out[f"length of {name}"] = laid_out.dtype[name].itemsize
        laid_out[name] = columns[name]
    return b"".join((COPY_HEADER, laid_out.tobytes(), COPY_END))


@lru_cache
def _layout(table: type[Table]) -> np.dtype[Any]:
    parts = [("fields", ">i2")]
    for field in table._meta.sorted_fields:  # noqa: SLF001 - as above
        width = 8 if isinstance(field, BigIntegerField) else 2 if isinstance(field, SmallIntegerField) else 4
        parts += [(f"length of {field.column_name}", ">i4"), (field.column_name, f">i{width}")]
    return np.dtype(parts)
