"""Turns records into rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from edge.storage.codes import DIRECTIONS, DS, REASONS
from edge.storage.derive import counted_correction, counted_crossing, counted_stay
from edge.storage.models import CorrectionRow, CrossingRow, HeatRow, NoticeRow, VisitRow, WalkRow, ZoneStayRow
from edge.storage.packing import pack_cells, pack_steps
from edge.storage.records import Correction, Crossing, Heat, Told, Visit, Walk, ZoneStay
from edge.storage.subjects import CAMERA, LINE, ZONE, Named

if TYPE_CHECKING:
    from edge.storage.figures import Counted
    from edge.storage.models import Happened
    from edge.storage.records import Record
    from edge.storage.subjects import Subjects


class Entry(NamedTuple):
    """A row: its table, its values in the table's order, and what it adds to the figures."""

    table: type[Happened]
    values: tuple[int | str | bytes, ...]
    counted: Counted | None = None


def entry(record: Record, seq: int, at_ms: int, subjects: Subjects) -> Entry:
    """The row of a record. Only within a transaction: a name may be new."""
    if isinstance(record, Crossing):
        line = subjects.id_of(Named(LINE, record.camera, record.line, record.door))
        direction = DIRECTIONS.index(record.direction)
        counted = counted_crossing(seq, at_ms, line, direction, door=record.door)
        return Entry(CrossingRow, (seq, at_ms, line, direction), counted)
    if isinstance(record, Visit):
        camera = subjects.id_of(Named(CAMERA, record.camera))
        return _stay(VisitRow, seq, at_ms, camera, record.stay_s)
    if isinstance(record, ZoneStay):
        zone = subjects.id_of(Named(ZONE, record.camera, record.zone))
        return _stay(ZoneStayRow, seq, at_ms, zone, record.dwell_s)
    if isinstance(record, Correction):
        values = (seq, at_ms, record.change, REASONS.index(record.reason))
        return Entry(CorrectionRow, values, counted_correction(seq, at_ms, record.change))
    return Entry(*_uncounted(record, seq, at_ms, subjects))


def _stay(table: type[Happened], seq: int, at_ms: int, subject: int, stay_s: float) -> Entry:
    stay_ds = max(0, round(stay_s * DS))
    return Entry(table, (seq, at_ms, subject, stay_ds), counted_stay(seq, at_ms, subject, stay_ds))


def _uncounted(
    record: Walk | Heat | Told, seq: int, at_ms: int, subjects: Subjects
) -> tuple[type[Happened], tuple[int | str | bytes, ...]]:
    if isinstance(record, Told):
        told = json.dumps(dict(record.fact.values), ensure_ascii=False, separators=(",", ":"))
        return NoticeRow, (seq, at_ms, record.fact.event, told)
    camera = subjects.id_of(Named(CAMERA, record.camera))
    if isinstance(record, Walk):
        return WalkRow, (seq, at_ms, camera, pack_steps(record.steps))
    return HeatRow, (seq, at_ms, camera, round(record.span_s), record.columns, pack_cells(record.cells))
