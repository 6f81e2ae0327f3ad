"""How far figures can be believed: when the box or a camera was off, how the time was come by, and the drift ledger.

The box was on from each start of the machine to the last that is known of it. A program that was stopped while the
machine ran on tells so by its notices, and so does a camera that was lost. Notices are kept for some 400 days; before
that only the machine's own gaps are known.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from edge.analytics.told import DayDrift
from edge.core.calendar import day_number, day_of_number
from edge.storage.codes import REASONS
from edge.storage.database import run
from edge.storage.models import UNKNOWN_MS, highest_seq, latest
from edge.storage.statistics.outages import EVENTS, Outage, camera_outages, judged, merged, pauses
from edge.storage.statistics.source import What
from edge.storage.times import spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    import peewee

    from edge.analytics.occupancy import CorrectionReason
    from edge.analytics.periods import Period
    from edge.analytics.schedule import Calendar
    from edge.analytics.told import DataQuality
    from edge.core.timekeeping import Quality
    from edge.storage.figures import Calendars
    from edge.storage.statistics.source import Source

BOOTS = "SELECT id, last_uptime_ms FROM boot"
TELLING = "SELECT at_ms, event, told FROM notice WHERE event IN (?, ?, ?, ?) AND at_ms >= 0 ORDER BY seq"
REACH = "SELECT min(first_seq), max(last_seq) FROM day_figure WHERE day BETWEEN ? AND ?"
CORRECTIONS = "SELECT seq, at_ms, change, reason FROM correction WHERE seq BETWEEN ? AND ? AND at_ms >= 0"


def quality(
    database: peewee.SqliteDatabase, calendars: Calendars, period: Period, opening: Calendar | None
) -> DataQuality:
    """How far the figures of a period can be believed. ``opening``: when the shop is open, if that is known."""
    telling = run(database, TELLING, *EVENTS).fetchall()
    outages = merged([*_machine_off(database), *pauses(telling)])
    outages += camera_outages(telling, latest(database)[1])
    return judged(outages, calendars.latest, period, opening, _clock(database, period))


def drift(
    database: peewee.SqliteDatabase, calendars: Calendars, source: Source, period: Period, doors: Sequence[int]
) -> list[DayDrift]:
    """The drift ledger: in and out of each day on which anybody came or went, and what was set right."""
    first, last = day_number(period.first), day_number(period.last)
    reach = run(database, REACH, first, last).fetchone()
    right: dict[int, dict[CorrectionReason, int]] = {}
    if reach[0] is not None:
        for seq, at_ms, change, reason in run(database, CORRECTIONS, *reach):
            day = day_number(calendars.at(seq).day_of(at_ms))
            of_day = right.setdefault(day, {})
            of_day[REASONS[reason]] = of_day.get(REASONS[reason], 0) + change
    return ledger(source, period, doors, right)


def ledger(
    source: Source, period: Period, doors: Sequence[int], right: dict[int, dict[CorrectionReason, int]]
) -> list[DayDrift]:
    """The same, ``right`` being what was set right on each day, numbered."""
    first, last = day_number(period.first), day_number(period.last)
    rows = {row[0]: (row[1], row[2]) for row in source.table(What.DAYS, period, doors).tolist()}
    days = sorted({day for day in (*rows, *right) if first <= day <= last})
    return [DayDrift(day_of_number(day), *rows.get(day, (0, 0)), right.get(day, {})) for day in days]


def _machine_off(database: peewee.SqliteDatabase) -> list[Outage]:
    """Between the machine's starts, from the last that is known of each."""
    ran = dict(run(database, BOOTS).fetchall())
    lived: dict[int, list[int]] = {}
    for span in spans(database, highest_seq(database)):
        if span.offset_ms != UNKNOWN_MS:
            seq, at_ms = latest(database, span.last_seq)
            row_ms = at_ms if seq >= span.first_seq else 0
            known = lived.setdefault(span.boot, [span.offset_ms, span.offset_ms + ran[span.boot]])
            known[1] = max(known[1], row_ms)
    ends = sorted((start, end) for start, end in lived.values())
    return [Outage(ended, began) for (_, ended), (began, _) in pairwise(ends)]


def _clock(database: peewee.SqliteDatabase, period: Period) -> dict[Quality, float]:
    """How the time of a period's rows was come by, as shares of 1."""
    first, last = run(database, REACH, day_number(period.first), day_number(period.last)).fetchone()
    rows: dict[Quality, int] = {}
    for span in spans(database, highest_seq(database)) if first is not None else ():
        shared = min(last, span.last_seq) - max(first, span.first_seq) + 1
        if shared > 0:
            rows[span.quality] = rows.get(span.quality, 0) + shared
    whole = sum(rows.values())
    return {how: number / whole for how, number in sorted(rows.items(), reverse=True)}
