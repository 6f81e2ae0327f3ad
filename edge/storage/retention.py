"""How long what is kept, and letting go of the rest. Figures of hours and days are kept for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.storage import about
from edge.storage.derive import inside_before
from edge.storage.models import COUNTED, UNKNOWN_MS, Boot, HeatRow, NoticeRow, WalkRow, latest
from edge.storage.sending import forget_before

if TYPE_CHECKING:
    from collections.abc import Collection

    import peewee

    from edge.storage.models import Happened
    from edge.storage.today import Standpoint

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
# No more than this many days go at once: a clock that runs ahead by years must not take years with it over night.
MOST_DAYS = 31


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long rows are kept: what is counted, walks, heat, notices. 0 days keep for ever.

    ``until_sent``: rows that the hub takes are kept until it has them, however old they are.
    """

    counted_days: int = 1830
    walks_h: int = 48
    heat_days: int = 400
    notices_days: int = 400
    until_sent: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """How many rows were let go of; ``held``: those that are too old and are kept because the hub has not got them."""

    counted: int = 0
    walks: int = 0
    heat: int = 0
    notices: int = 0
    held: int = 0


def let_go(  # noqa: PLR0913 - of what, for whom, when, how long, and what must stay
    database: peewee.SqliteDatabase,
    doors: Collection[int],
    here: Standpoint,
    keeping: Keeping,
    *,
    certain: bool,
    unsent_from: int | None = None,
) -> Gone:
    """Let go of what is too old at ``here``. Only within a transaction.

    Without a ``certain`` time of day only walks go, by the time since the machine's start. Rows from ``unsent_from`` on
    are held until the hub has them, but for walks and heat, which it does not get.
    """
    walks = _let_go_walks(database, here, keeping.walks_h * HOUR_MS)
    if not certain or here.offset_ms is None:
        return Gone(walks=walks)
    now_ms = here.offset_ms + here.uptime_ms
    heat = _let_go_before(database, HeatRow, now_ms, keeping.heat_days)
    before = latest(database)[0] + 1 if unsent_from is None else unsent_from
    held = _held(database, before, now_ms, keeping)
    notices = _let_go_before(database, NoticeRow, now_ms, keeping.notices_days, before)
    first_kept = _first_kept(database, COUNTED, now_ms, keeping.counted_days)
    counted = _let_go_counted(database, doors, here, first_kept, before)
    forget_before(database, about.number(database, about.KEPT_FROM_SEQ))
    return Gone(counted, walks, heat, notices, held)


def _let_go_walks(database: peewee.SqliteDatabase, here: Standpoint, keep_ms: int) -> int:
    """Two days are promised to people, so they hold without a clock, too."""
    oldest_ms = here.uptime_ms - keep_ms
    old = WalkRow.at_ms.between(UNKNOWN_MS, UNKNOWN_MS + oldest_ms - 1)
    if oldest_ms > 0:
        # By now what an earlier start left behind is older than this one.
        first = Boot.select(Boot.first_seq).where(Boot.id == here.boot)
        old |= (WalkRow.at_ms < 0) & (WalkRow.seq < first)
    if here.offset_ms is not None:
        # Those of the day after tomorrow were written by a clock that ran ahead.
        now_ms = here.offset_ms + here.uptime_ms
        old |= WalkRow.at_ms.between(0, now_ms - keep_ms - 1) | (WalkRow.at_ms > now_ms + DAY_MS)
    return int(WalkRow.delete().where(old).execute(database))


def _held(database: peewee.SqliteDatabase, before: int, now_ms: int, keeping: Keeping) -> int:
    """How many rows would go if the hub had them."""
    held = 0
    for tables, days in (((NoticeRow,), keeping.notices_days), (COUNTED, keeping.counted_days)):
        seq = _first_kept(database, tables, now_ms, days)
        if seq is not None and seq > before:
            held += sum(table.select().where(table.seq.between(before, seq - 1)).count(database) for table in tables)
    return held


def _let_go_before(
    database: peewee.SqliteDatabase, table: type[Happened], now_ms: int, days: int, before: int | None = None
) -> int:
    seq = _first_kept(database, (table,), now_ms, days)
    if seq is None:
        return 0
    first = seq if before is None else min(seq, before)
    return int(table.delete().where(table.seq < first).execute(database))


def _let_go_counted(
    database: peewee.SqliteDatabase, doors: Collection[int], here: Standpoint, first_kept: int | None, before: int
) -> int:
    if first_kept is None:
        return 0
    seq = min(first_kept, before)
    if seq <= about.number(database, about.KEPT_FROM_SEQ):
        return 0
    inside = inside_before(database, doors, seq)
    about.note(database, about.NEXT_SEQ, here.next_seq)
    about.note(database, about.KEPT_FROM_SEQ, seq)
    about.note(database, about.KEPT_INSIDE, inside)
    return sum(int(table.delete().where(table.seq < seq).execute(database)) for table in COUNTED)


def _first_kept(
    database: peewee.SqliteDatabase, tables: tuple[type[Happened], ...], now_ms: int, days: int
) -> int | None:
    """The first row that is not too old, in any of these tables; None if nothing is to go."""
    if not days:
        return None
    firsts = [
        row
        for table in tables
        for row in table.select(table.seq, table.at_ms).order_by(table.seq).limit(1).tuples().execute(database)
    ]
    if not firsts:
        return None
    oldest_seq, oldest_ms = min(firsts)
    limit_ms = min(now_ms - days * DAY_MS, max(0, oldest_ms) + MOST_DAYS * DAY_MS)
    kept = [
        seq
        for table in tables
        for (seq,) in table.select(table.seq)
        .where((table.at_ms >= limit_ms) | (table.at_ms < 0))
        .order_by(table.seq)
        .limit(1)
        .tuples()
        .execute(database)
    ]
    first = min(kept, default=latest(database)[0] + 1)
    return first if first > oldest_seq else None
