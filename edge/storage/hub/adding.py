"""Adds to tables of figures: the same key summed up beforehand, then all rows in one statement on either database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from edge.core.shipment import Column
    from edge.storage.hub.database import HubDatabase

# Of PostgreSQL; those not here are int4.
TYPES = {"clock_hour": "int2", "stay_ds": "int8", "change": "int8", "net": "int8", "rise": "int8"}


@dataclass(frozen=True, slots=True)
class Target:
    """A table of figures of devices: what tells its rows apart beside the device, and what they hold.

    ``merged`` is what becomes of a row that is there; by default amounts are added to it.
    """

    table: str
    key: tuple[str, ...]
    amounts: tuple[str, ...]
    merged: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All columns but the device."""
        return (*self.key, *self.amounts)

    @property
    def conflict(self) -> str:
        """The end of the statement, for rows that are there already."""
        sums = self.merged or ", ".join(f"{name} = {self.table}.{name} + excluded.{name}" for name in self.amounts)
        return f" ON CONFLICT (device, {', '.join(self.key)}) DO UPDATE SET {sums}"


def merge(database: HubDatabase, target: Target, device: int, keys: Column, amounts: Column) -> None:
    """Put rows of a device in, or merge them with those that are there. Each key once. Only within a transaction."""
    if not len(keys):
        return
    columns = [*keys.T.tolist(), *amounts.T.tolist()]
    into = f"INSERT INTO {target.table} (device, {', '.join(target.names)}) "
    if database.on_postgres:
        arrays = ", ".join(f"%s::{TYPES.get(name, 'int4')}[]" for name in target.names)
        database.run(f"{into} SELECT %s, * FROM unnest({arrays}){target.conflict}", device, *columns)  # noqa: S608 - names of ours
        return
    places = ", ".join(["?"] * (1 + len(target.names)))
    rows = [(device, *row) for row in zip(*columns, strict=True)]
    database.connection().executemany(f"{into} VALUES ({places}){target.conflict}", rows)


def added_up(keys: Column, amounts: Column) -> tuple[Column, Column]:
    """The same keys added up, in order; those nothing is left of are left out."""
    if not len(keys):
        return keys, amounts
    order = np.lexsort(keys.T[::-1])
    keys, amounts = keys[order], amounts[order]
    firsts = first_of_each(keys)
    sums = np.add.reduceat(amounts, np.flatnonzero(firsts), axis=0)
    some = sums.any(axis=1)
    return keys[firsts][some], sums[some]


def first_of_each(keys: Column) -> Column:
    """Of keys in order, a mask over those that differ from the one before."""
    first: Column = np.concatenate([[True], (keys[1:] != keys[:-1]).any(axis=1)])
    return first
