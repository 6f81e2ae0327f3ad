"""Makes figures anew from rows, all of them or those of some days."""

from __future__ import annotations

from heapq import merge
from typing import TYPE_CHECKING

from peewee import Case, fn

from edge.core.model import Direction
from edge.storage import about
from edge.storage.codes import DIRECTIONS
from edge.storage.figures import Counted, Tally
from edge.storage.models import (
    SITE,
    CorrectionRow,
    CrossingRow,
    DayFigure,
    HourFigure,
    VisitRow,
    ZoneStayRow,
    highest_seq,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    import peewee
    from peewee import IntegerField

    from edge.storage.figures import Calendars, DayKey, HourKey

# Rows counted together before they are written down, so that years of them fit into memory.
FLUSH_ROWS = 50_000


def counted_crossing(seq: int, at_ms: int, line: int, direction: int, *, door: bool) -> Counted:
    """What a crossing adds."""
    into = DIRECTIONS[direction] is Direction.IN
    return Counted(seq, at_ms, line, ins=into, outs=not into, moves=(1 if into else -1) if door else None)


def counted_stay(seq: int, at_ms: int, subject: int, stay_ds: int) -> Counted:
    """What a visit or a stay in a zone adds."""
    return Counted(seq, at_ms, subject, stays=1, stay_ds=stay_ds)


def counted_correction(seq: int, at_ms: int, change: int) -> Counted:
    """What a correction adds."""
    return Counted(seq, at_ms, SITE, moves=change)


def rows_between(
    database: peewee.SqliteDatabase, doors: Collection[int], first_seq: int, last_seq: int
) -> Iterator[Counted]:
    """All rows that figures are made of, in order."""
    span = (first_seq, last_seq)
    crossing, visit, stay, fix = CrossingRow, VisitRow, ZoneStayRow, CorrectionRow
    crossings = _rows(database, span, crossing.seq, crossing.at_ms, crossing.line, crossing.direction)
    visits = _rows(database, span, visit.seq, visit.at_ms, visit.camera, visit.stay_ds)
    stays = _rows(database, span, stay.seq, stay.at_ms, stay.zone, stay.dwell_ds)
    fixes = _rows(database, span, fix.seq, fix.at_ms, fix.change)
    return merge(
        (counted_crossing(*row, door=row[2] in doors) for row in crossings),
        (counted_stay(*row) for row in visits),
        (counted_stay(*row) for row in stays),
        (counted_correction(*row) for row in fixes),
        key=lambda row: row.seq,
    )


def remake(
    database: peewee.SqliteDatabase,
    calendars: Calendars,
    doors: Collection[int],
    days: Collection[int] | None = None,
    reach: tuple[int, int] | None = None,
) -> int:
    """Make the figures of some days anew, of all by default; return how many rows were read.

    ``days`` are numbers of days, ``reach`` rows that belong to them besides those their figures tell of. Figures with
    rows that were let go of stay as they are. Only within a transaction.
    """
    kept_from = about.number(database, about.KEPT_FROM_SEQ)
    first, last = _reach(database, days, reach)
    first = max(first, kept_from)
    frozen = set(_keys_before(database, kept_from))
    tally = Tally(calendars, inside_before(database, doors, first), _wanted(days, frozen))
    for table in (HourFigure, DayFigure):
        gone = table.delete().where(table.first_seq >= kept_from)
        (gone if days is None else gone.where(table.day.in_(list(days)))).execute(database)
    read = 0
    for row in rows_between(database, doors, first, last):
        tally.add(row)
        read += 1
        if read % FLUSH_ROWS == 0:
            tally.post(database)
    tally.post(database)
    return read


def differing(database: peewee.SqliteDatabase, calendars: Calendars, doors: Collection[int]) -> int:
    """How many figures are not what the rows say; those with rows that were let go of are taken at their word."""
    kept_from = about.number(database, about.KEPT_FROM_SEQ)
    frozen = set(_keys_before(database, kept_from))
    tally = Tally(calendars, inside_before(database, doors, kept_from), _wanted(None, frozen))
    for row in rows_between(database, doors, kept_from, highest_seq(database)):
        tally.add(row)
    counted: set[tuple[int | bytes, ...]] = {*tally.hour_rows(), *tally.day_rows()}
    return len(counted ^ _noted(database, kept_from))


def inside_before(database: peewee.SqliteDatabase, doors: Collection[int], seq: int) -> int:
    """How many were inside just before a row, by the running ledger."""
    kept_from = about.number(database, about.KEPT_FROM_SEQ)
    since, inside = kept_from - 1, about.number(database, about.KEPT_INSIDE)
    known = (
        DayFigure.select(DayFigure.last_seq, DayFigure.inside)
        .where(DayFigure.subject == SITE, DayFigure.last_seq.between(kept_from, seq - 1))
        .order_by(DayFigure.last_seq.desc())
        .limit(1)
    )
    for known_seq, known_inside in known.tuples().execute(database):
        since, inside = known_seq, known_inside
    return inside + moved_between(database, doors, since + 1, seq - 1)


def moved_between(database: peewee.SqliteDatabase, doors: Collection[int], first_seq: int, last_seq: int) -> int:
    """By how much crossings of doors and corrections changed the number inside."""
    step = Case(None, ((CrossingRow.direction == DIRECTIONS.index(Direction.IN), 1),), -1)
    moves = (
        CrossingRow.select(fn.sum(step)).where(
            CrossingRow.seq.between(first_seq, last_seq), CrossingRow.line.in_(list(doors))
        ),
        CorrectionRow.select(fn.sum(CorrectionRow.change)).where(CorrectionRow.seq.between(first_seq, last_seq)),
    )
    return sum(move or 0 for query in moves for (move,) in query.tuples().execute(database))


def _wanted(days: Collection[int] | None, frozen: set[HourKey | DayKey]) -> Callable[[HourKey | DayKey], bool]:
    return lambda key: (days is None or key[0] in days) and key not in frozen


def _reach(
    database: peewee.SqliteDatabase, days: Collection[int] | None, reach: tuple[int, int] | None
) -> tuple[int, int]:
    """The rows that figures of these days can be made of."""
    if days is None:
        return 0, highest_seq(database)
    spans = [reach] if reach else []
    known = DayFigure.select(DayFigure.first_seq, DayFigure.last_seq).where(DayFigure.day.in_(list(days)))
    spans += known.tuples().execute(database)
    return min((first for first, _ in spans), default=0), max((last for _, last in spans), default=-1)


def _noted(database: peewee.SqliteDatabase, kept_from: int) -> set[tuple[int | bytes, ...]]:
    """The figures of the database as rows, as ``Tally`` gives them."""
    hour, day = HourFigure, DayFigure
    hours = hour.select(hour.day, hour.start_min, hour.subject, hour.clock_hour, *_sums(hour))
    days = day.select(day.day, day.subject, *_sums(day), day.bins)
    found = set(hours.where(hour.first_seq >= kept_from).tuples().execute(database))
    return found | set(days.where(day.first_seq >= kept_from).tuples().execute(database))


def _sums(table: type[HourFigure | DayFigure]) -> tuple[IntegerField[int], ...]:
    return (
        table.ins, table.outs, table.stays, table.stay_ds, table.peak, table.inside, table.first_seq, table.last_seq,
    )  # fmt: skip


def _keys_before(database: peewee.SqliteDatabase, seq: int) -> Iterator[HourKey | DayKey]:
    """Figures in which there is a row from before ``seq``."""
    hour, day = HourFigure, DayFigure
    hours = hour.select(hour.day, hour.start_min, hour.subject, hour.clock_hour).where(hour.first_seq < seq)
    yield from hours.tuples().execute(database)
    yield from day.select(day.day, day.subject).where(day.first_seq < seq).tuples().execute(database)


def _rows(
    database: peewee.SqliteDatabase, span: tuple[int, int], *fields: IntegerField[int]
) -> Iterator[tuple[int, ...]]:
    """Rows of one table in order, read as they are used."""
    seq = fields[0]
    query = seq.model.select(*fields).where(seq.between(*span)).order_by(seq)
    return iter(query.tuples().iterator(database))
