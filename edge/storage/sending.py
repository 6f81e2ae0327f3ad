"""How far sending to the hub has come, as it is kept with the rows themselves."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from peewee import fn

from edge.core.shipment import NO_CURSOR
from edge.storage.models import Restamp, SendingRow, SetAsideRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    import peewee


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has come.

    The hub has every row up to ``cursor``, but for those set aside. Changes of rows' times up to the number
    ``revised`` were sent on, and of the next one the rows up to ``revised_seq``. Rows before ``first_seq`` were sent
    under another epoch. ``told`` is the hub's last answer as JSON, empty for none.
    """

    cursor: int = NO_CURSOR
    revised: int = 0
    revised_seq: int = NO_CURSOR
    first_seq: int = 0
    told: str = ""


def progress_of(database: peewee.SqliteDatabase) -> Progress:
    """As it was noted last."""
    row = SendingRow
    columns = (row.cursor, row.revised, row.revised_seq, row.first_seq, row.told)
    found = row.select(*columns).tuples().execute(database)
    return next((Progress(*values) for values in found), Progress())


def note_progress(database: peewee.SqliteDatabase, progress: Progress) -> None:
    """Note it. Only within a transaction."""
    names = ("cursor", "revised", "revised_seq", "first_seq", "told")
    row = {"id": 1, **dict(zip(names, astuple(progress), strict=True))}
    SendingRow.insert(row).on_conflict_replace().execute(database)


def put_aside(database: peewee.SqliteDatabase, rows: Iterable[tuple[int, str]]) -> None:
    """The hub does not take these rows, for these reasons. Only within a transaction."""
    for seq, reason in rows:
        SetAsideRow.insert(seq=seq, reason=reason).on_conflict_replace().execute(database)


def take_up_again(database: peewee.SqliteDatabase, first_seq: int, last_seq: int) -> int:
    """Rows set aside from the first to the last are to be sent again; return how many. Only within a transaction."""
    here = SetAsideRow.seq.between(first_seq, last_seq)
    return int(SetAsideRow.delete().where(here).execute(database))


def unsent_from(database: peewee.SqliteDatabase, progress: Progress) -> int:
    """The first row of which the hub does not have the latest version; those before it may go."""
    changed = Restamp.select(fn.min(Restamp.first_seq)).where(Restamp.id > progress.revised)
    ((first,),) = changed.tuples().execute(database)
    unsent = max(progress.cursor + 1, progress.first_seq)
    return unsent if first is None else min(unsent, int(first))


def forget_before(database: peewee.SqliteDatabase, seq: int) -> None:
    """Rows before this one are gone, so nobody need know that they were set aside. Only within a transaction."""
    SetAsideRow.delete().where(SetAsideRow.seq < seq).execute(database)
