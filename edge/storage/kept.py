"""Rows read back as the records they were, each with its number, its version and how its time was come by."""

from __future__ import annotations

import json
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING

from edge.core.notices import BY_EVENT
from edge.core.timekeeping import Quality, from_ms
from edge.storage.codes import DIRECTIONS, DS, REASONS
from edge.storage.models import (
    UNKNOWN_MS,
    CorrectionRow,
    CrossingRow,
    HeatRow,
    NoticeRow,
    Restamp,
    VisitRow,
    WalkRow,
    ZoneStayRow,
    highest_seq,
)
from edge.storage.packing import unpack_cells, unpack_steps
from edge.storage.records import Correction, Crossing, Heat, Told, Visit, Walk, ZoneStay
from edge.storage.times import spans

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime
    from typing import Any

    import peewee

    from edge.storage.models import Happened
    from edge.storage.records import Record
    from edge.storage.subjects import Named
    from edge.storage.times import Span

    Made = Callable[[float, dict[int, Named], Sequence[Any]], Record | None]


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it is kept.

    ``seq`` is its number over all kinds, ``version`` grows when it is given another time. ``at`` is None while its time
    is not known; then ``boot`` (the number of the machine's start) and the record's ``uptime_s`` are all there is.
    """

    seq: int
    version: int
    at: datetime | None
    quality: Quality
    boot: int
    record: Record


@dataclass(frozen=True, slots=True)
class Restamped:
    """Rows ``first_seq`` to ``last_seq`` were given other times; ``number`` counts such changes up."""

    number: int
    first_seq: int
    last_seq: int
    quality: Quality


def _crossing(uptime_s: float, named: dict[int, Named], row: Sequence[Any]) -> Record:
    line = named[row[0]]
    return Crossing(uptime_s, line.camera, line.name, DIRECTIONS[row[1]], line.door)


def _visit(uptime_s: float, named: dict[int, Named], row: Sequence[Any]) -> Record:
    return Visit(uptime_s, named[row[0]].camera, row[1] / DS)


def _zone_stay(uptime_s: float, named: dict[int, Named], row: Sequence[Any]) -> Record:
    return ZoneStay(uptime_s, named[row[0]].camera, named[row[0]].name, row[1] / DS)


def _correction(uptime_s: float, _: dict[int, Named], row: Sequence[Any]) -> Record:
    return Correction(uptime_s, row[0], REASONS[row[1]])


def _walk(uptime_s: float, named: dict[int, Named], row: Sequence[Any]) -> Record:
    return Walk(uptime_s, named[row[0]].camera, unpack_steps(row[1]))


def _heat(uptime_s: float, named: dict[int, Named], row: Sequence[Any]) -> Record:
    return Heat(uptime_s, named[row[0]].camera, row[1], row[2], tuple(unpack_cells(row[3]).tolist()))


def _told(uptime_s: float, _: dict[int, Named], row: Sequence[Any]) -> Record | None:
    """A notice that no version knows any more, or that a worn card made unreadable, says nothing to anybody."""
    notice = BY_EVENT.get(row[0])
    try:
        values = json.loads(row[1])
    except ValueError:
        return None
    return Told(uptime_s, notice.fact(**values)) if notice is not None and isinstance(values, dict) else None


MAKERS: dict[type[Record], tuple[type[Happened], tuple[Any, ...], Made]] = {
    Crossing: (CrossingRow, (CrossingRow.line, CrossingRow.direction), _crossing),
    Visit: (VisitRow, (VisitRow.camera, VisitRow.stay_ds), _visit),
    ZoneStay: (ZoneStayRow, (ZoneStayRow.zone, ZoneStayRow.dwell_ds), _zone_stay),
    Correction: (CorrectionRow, (CorrectionRow.change, CorrectionRow.reason), _correction),
    Walk: (WalkRow, (WalkRow.camera, WalkRow.points), _walk),
    Heat: (HeatRow, (HeatRow.camera, HeatRow.span_s, HeatRow.columns, HeatRow.cells), _heat),
    Told: (NoticeRow, (NoticeRow.event, NoticeRow.told), _told),
}
KINDS: tuple[type[Record], ...] = tuple(MAKERS)


class Times:
    """How the time of each row was come by, and its version. Rows are asked for in order."""

    def __init__(self, database: peewee.SqliteDatabase) -> None:
        self._spans = spans(database, highest_seq(database))
        self._place = 0
        self._restamps = restamps(database, 0)

    def span(self, seq: int) -> Span:
        """The stretch a row belongs to."""
        while self._place + 1 < len(self._spans) and self._spans[self._place + 1].first_seq <= seq:
            self._place += 1
        return self._spans[self._place]

    def version(self, seq: int) -> int:
        """1, and one more for each time the row was given another time."""
        return 1 + sum(restamp.first_seq <= seq <= restamp.last_seq for restamp in self._restamps)


def restamps(database: peewee.SqliteDatabase, after: int) -> list[Restamped]:
    """Changes of rows' times after the one of that number, in order."""
    columns = (Restamp.id, Restamp.first_seq, Restamp.last_seq, Restamp.quality)
    rows = Restamp.select(*columns).where(Restamp.id > after).order_by(Restamp.id).tuples().execute(database)
    return [Restamped(number, first, last, Quality(quality)) for number, first, last, quality in rows]


def kept_between(
    database: peewee.SqliteDatabase,
    named: dict[int, Named],
    seqs: tuple[int, int],
    kinds: Collection[type[Record]] = KINDS,
    at_ms: tuple[int, int] | None = None,
) -> Iterator[Kept]:
    """Rows from the first to the last number, in order, as they are used.

    Only of these ``kinds``, and only those that happened from the first to the second ``at_ms``.
    """
    times = Times(database)
    streams = [_stream(database, kind, seqs, at_ms) for kind in KINDS if kind in kinds]
    for seq, row_ms, kind, row in merge(*streams, key=lambda found: found[0]):
        span = times.span(seq)
        record = MAKERS[kind][2]((row_ms - span.offset_ms) / 1000, named, row)
        if record is not None:
            at = None if span.offset_ms == UNKNOWN_MS else from_ms(row_ms)
            yield Kept(seq, times.version(seq), at, span.quality, span.boot, record)


def first_of(kept: Iterable[Kept], limit: int | None) -> list[Kept]:
    """The first of them."""
    return list(islice(kept, limit))


def _stream(
    database: peewee.SqliteDatabase, kind: type[Record], seqs: tuple[int, int], at_ms: tuple[int, int] | None
) -> Iterator[tuple[int, int, type[Record], Sequence[Any]]]:
    table, columns, _ = MAKERS[kind]
    query = table.select(table.seq, table.at_ms, *columns).where(table.seq.between(*seqs)).order_by(table.seq)
    if at_ms is not None:
        query = query.where(table.at_ms.between(*at_ms))
    for seq, row_ms, *row in query.tuples().iterator(database):
        yield seq, row_ms, kind, row
