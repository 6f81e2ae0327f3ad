"""When rows happened: starts of the machine, how the time was come by from which row on, giving rows another time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from edge.core.calendar import day_number
from edge.core.timekeeping import Quality, Timekeeper, estimated_offsets
from edge.storage.models import COUNTED, HAPPENED, UNKNOWN_MS, Boot, DayFigure, Restamp, Stretch, latest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import peewee

    from edge.core.timekeeping import TimeChange
    from edge.storage.figures import Calendars


class Span(NamedTuple):
    """A stretch of rows with one offset; ``last_seq`` is the row before the next stretch, or the last of all."""

    first_seq: int
    last_seq: int
    boot: int
    quality: Quality
    offset_ms: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows that were given another time: how many, and the days on which they were counted and now are."""

    rows: int
    first_seq: int
    last_seq: int
    days: frozenset[int]


NOTHING = Moved(0, 0, -1, frozenset())


def begin_boot(database: peewee.SqliteDatabase, token: str, next_seq: int, uptime_ms: int) -> int:
    """The number of this start of the machine, a new one if it was not seen before. Only within a transaction."""
    known = Boot.select(Boot.id, Boot.token).order_by(Boot.id.desc()).limit(1).tuples().execute(database)
    for number, last_token in known:
        if last_token == token:
            return int(number)
    number = Boot.insert(token=token, first_seq=next_seq, last_uptime_ms=uptime_ms).execute(database)
    note_stretch(database, next_seq, int(number), Quality.UNSET, UNKNOWN_MS)
    return int(number)


def note_stretch(database: peewee.SqliteDatabase, first_seq: int, boot: int, quality: Quality, offset_ms: int) -> None:
    """From this row on the time is come by like this."""
    row = {"first_seq": first_seq, "boot": boot, "quality": int(quality), "offset_ms": offset_ms}
    Stretch.insert(row).on_conflict_replace().execute(database)


def note_uptime(database: peewee.SqliteDatabase, boot: int, uptime_ms: int) -> None:
    """The machine has run for so long since it was started."""
    Boot.update(last_uptime_ms=uptime_ms).where(Boot.id == boot, Boot.last_uptime_ms < uptime_ms).execute(database)


def spans(database: peewee.SqliteDatabase, last_seq: int) -> list[Span]:
    """All stretches in order; the last one goes on to ``last_seq``."""
    query = Stretch.select(Stretch.first_seq, Stretch.boot, Stretch.quality, Stretch.offset_ms)
    rows = list(query.order_by(Stretch.first_seq).tuples().execute(database))
    if not rows:
        # Nothing was ever written: acm db made the tables.
        return []
    ends = [row[0] - 1 for row in rows[1:]] + [last_seq]
    return [
        Span(first, end, boot, Quality(quality), offset)
        for (first, boot, quality, offset), end in zip(rows, ends, strict=True)
    ]


def timekeeper(database: peewee.SqliteDatabase, boot: int, last_seq: int) -> Timekeeper:
    """What is known of the time at the beginning, from the records alone."""
    known = [span for span in spans(database, last_seq) if span.offset_ms != UNKNOWN_MS]
    here = [span for span in known if span.boot == boot]
    before = [span for span in known if span.boot != boot]
    floor_ms = before[-1].offset_ms + _ran_ms(database, before[-1]) if before else None
    certain = any(span.quality is Quality.SYNCED for span in here)
    return Timekeeper(floor_ms, here[-1].offset_ms if here else None, certain=certain)


def change_time(
    database: peewee.SqliteDatabase, calendars: Calendars, boot: int, change: TimeChange, last_seq: int
) -> Moved:
    """Go by another offset after ``last_seq``, and give rows before it their time. Only within a transaction.

    With ``change.restamp`` that is every row of this boot; and once a time server is heard, those of boots just before
    it that heard none and knew no time, or one that cannot be: they get a best guess. The figures of the days told in
    what is returned have to be made anew.
    """
    stretches = spans(database, last_seq)
    moved = []
    if change.restamp:
        here = [(span, change.offset_ms, change.quality) for span in stretches if span.boot == boot]
        heard = change.quality is Quality.SYNCED
        before = _guesses(database, stretches, boot, change.offset_ms) if heard else []
        for span, offset_ms, quality in (*before, *here):
            moved.append(_restamp(database, calendars, span, offset_ms, quality))
        last = (change.quality, change.offset_ms)
    else:
        last = (stretches[-1].quality, stretches[-1].offset_ms)
    if last != (change.quality, change.offset_ms):
        note_stretch(database, last_seq + 1, boot, change.quality, change.offset_ms)
    return _together(moved)


def _guesses(
    database: peewee.SqliteDatabase, stretches: Sequence[Span], boot: int, offset_ms: int
) -> list[tuple[Span, int, Quality]]:
    """Other offsets for the boots just before this one in which no time server was heard, as far as they need them."""
    certain = max((span.boot for span in stretches if span.quality is Quality.SYNCED and span.boot < boot), default=0)
    last_of = {span.boot: span for span in stretches if certain < span.boot < boot}
    numbers = sorted(last_of, reverse=True)
    boots = [
        (_ran_ms(database, span), None if span.offset_ms == UNKNOWN_MS else span.offset_ms)
        for span in (last_of[number] for number in numbers)
    ]
    guesses = dict(zip(numbers, estimated_offsets(boots, offset_ms), strict=True))
    return [
        (span, guesses[span.boot], Quality.ESTIMATED)
        for span in stretches
        if span.boot in guesses and span.offset_ms != guesses[span.boot]
    ]


def _ran_ms(database: peewee.SqliteDatabase, span: Span) -> int:
    """How long the boot of this stretch, its last one, is known to have run."""
    noted = Boot.select(Boot.last_uptime_ms).where(Boot.id == span.boot).tuples().execute(database)
    seq, at_ms = latest(database, span.last_seq)
    row_ms = at_ms - span.offset_ms if seq >= span.first_seq else 0
    return max(row_ms, *(int(uptime) for (uptime,) in noted))


def _restamp(
    database: peewee.SqliteDatabase, calendars: Calendars, span: Span, offset_ms: int, quality: Quality
) -> Moved:
    shift_ms = offset_ms - span.offset_ms
    how = {Stretch.quality: int(quality), Stretch.offset_ms: offset_ms}
    Stretch.update(how).where(Stretch.first_seq == span.first_seq).execute(database)
    if not shift_ms or span.last_seq < span.first_seq:
        return NOTHING
    days = _days_by_figures(database, span)
    rows = 0
    for table in HAPPENED:
        here = table.seq.between(span.first_seq, span.last_seq)
        rows += table.update(at_ms=table.at_ms + shift_ms).where(here).execute(database)
    if not rows:
        return NOTHING
    Restamp.insert(first_seq=span.first_seq, last_seq=span.last_seq, quality=int(quality)).execute(database)
    days |= _days_by_rows(database, calendars, span)
    return Moved(rows, span.first_seq, span.last_seq, frozenset(days))


def _days_by_figures(database: peewee.SqliteDatabase, span: Span) -> set[int]:
    query = DayFigure.select(DayFigure.day).where(
        DayFigure.first_seq <= span.last_seq, DayFigure.last_seq >= span.first_seq
    )
    return {day for (day,) in query.tuples().execute(database)}


def _days_by_rows(database: peewee.SqliteDatabase, calendars: Calendars, span: Span) -> set[int]:
    days = set()
    for table in COUNTED:
        query = table.select(table.seq, table.at_ms).where(table.seq.between(span.first_seq, span.last_seq))
        rows = query.tuples().iterator(database)
        days |= {day_number(calendars.at(seq).day_of(at_ms)) for seq, at_ms in rows if at_ms >= 0}
    return days


def _together(moved: Sequence[Moved]) -> Moved:
    some = [move for move in moved if move.rows]
    if not some:
        return NOTHING
    return Moved(
        sum(move.rows for move in some),
        min(move.first_seq for move in some),
        max(move.last_seq for move in some),
        frozenset().union(*(move.days for move in some)),
    )
