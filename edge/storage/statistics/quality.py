"""How far figures can be believed: when the box or a camera was off, how the time was come by, and the drift ledger.

The box was on from each start of the machine to the last that is known of it. A program that was stopped while the
machine ran on tells so by its notices, and so does a camera that was lost. Notices are kept for some 400 days; before
that only the machine's own gaps are known.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from edge.analytics.told import DataQuality, DayDrift, Gap
from edge.core.calendar import day_number, day_of_number
from edge.core.notices import CAMERA_BACK, CAMERA_LOST, STARTED, STOPPING
from edge.core.timekeeping import Quality, from_ms, to_ms
from edge.storage.codes import REASONS
from edge.storage.database import run
from edge.storage.models import UNKNOWN_MS, highest_seq, latest
from edge.storage.statistics.columns import DAYS, table
from edge.storage.times import spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    import peewee

    from edge.analytics.occupancy import CorrectionReason
    from edge.analytics.periods import Period
    from edge.analytics.schedule import Calendar
    from edge.storage.figures import Calendars

    SpanMs = tuple[int, int]

# Reboots and updates are over sooner.
LEAST_GAP_MS = 120_000
# A day on which more of the opening hours is missing tells less than it costs.
UNFIT_PART = 0.1
BOOTS = "SELECT id, last_uptime_ms FROM boot"
TELLING = "SELECT at_ms, event, told FROM notice WHERE event IN (?, ?, ?, ?) AND at_ms >= 0 ORDER BY seq"
REACH = "SELECT min(first_seq), max(last_seq) FROM day_figure WHERE day BETWEEN ? AND ?"
CORRECTIONS = "SELECT seq, at_ms, change, reason FROM correction WHERE seq BETWEEN ? AND ? AND at_ms >= 0"


def quality(
    database: peewee.SqliteDatabase, calendars: Calendars, period: Period, opening: Calendar | None
) -> DataQuality:
    """How far the figures of a period can be believed. ``opening``: when the shop is open, if that is known."""
    site = calendars.latest
    span_ms = (site.start_ms(period.first), site.span_ms(period.last)[1])
    found: list[Gap] = []
    for start, end, camera in (*_box_gaps(database), *_camera_gaps(database)):
        first, last = max(start, span_ms[0]), min(end, span_ms[1])
        if last - first >= LEAST_GAP_MS:
            open_ms = _open_ms(opening, (first, last), calendars)
            found.append(Gap(from_ms(first), from_ms(last), camera, open_ms / 1000))
    gaps = tuple(sorted(found, key=lambda gap: (gap.start, gap.camera)))
    unfit = frozenset(_unfit(calendars, opening, [gap for gap in gaps if not gap.camera], period))
    return DataQuality(gaps, unfit, _clock(database, period))


def fit_days(found: DataQuality, opening: Calendar | None) -> Callable[[date], bool]:
    """Which days may be compared with: no holidays, and none on which the box was off for long."""

    @cache
    def fit(day: date) -> bool:
        return day not in found.unfit_days and not (opening is not None and opening.is_holiday(day))

    return fit


def drift(
    database: peewee.SqliteDatabase, calendars: Calendars, period: Period, doors: Sequence[int]
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
    rows = {row[0]: (row[1], row[2]) for row in table(database, DAYS, period, doors).tolist()}
    days = sorted({day for day in (*rows, *right) if first <= day <= last})
    return [DayDrift(day_of_number(day), *rows.get(day, (0, 0)), right.get(day, {})) for day in days]


def _box_gaps(database: peewee.SqliteDatabase) -> list[tuple[int, int, str]]:
    """Between the machine's starts, and between the program's stopping and starting."""
    ran = dict(run(database, BOOTS).fetchall())
    lived: dict[int, list[int]] = {}
    for span in spans(database, highest_seq(database)):
        if span.offset_ms != UNKNOWN_MS:
            seq, at_ms = latest(database, span.last_seq)
            row_ms = at_ms if seq >= span.first_seq else 0
            known = lived.setdefault(span.boot, [span.offset_ms, span.offset_ms + ran[span.boot]])
            known[1] = max(known[1], row_ms)
    found = []
    ends = sorted((start, end) for start, end in lived.values())
    for (_, ended), (began, _) in pairwise(ends):
        found.append((ended, began, ""))
    stopped: int | None = None
    for at_ms, event, _ in run(database, TELLING, STOPPING.event, STARTED.event, "", ""):
        if event == STARTED.event and stopped is not None:
            found.append((stopped, at_ms, ""))
        stopped = at_ms if event == STOPPING.event else None
    return [(start, end, "") for start, end in _merged((start, end) for start, end, _ in found)]


def _camera_gaps(database: peewee.SqliteDatabase) -> list[tuple[int, int, str]]:
    """From a camera's loss until it is back, or until the box stops."""
    found: list[tuple[int, int, str]] = []
    lost: dict[str, int] = {}
    events = (CAMERA_LOST.event, CAMERA_BACK.event, STARTED.event, STOPPING.event)
    for at_ms, event, told in run(database, TELLING, *events):
        if event == CAMERA_LOST.event:
            lost.setdefault(str(json.loads(told).get("camera", "")), at_ms)
            continue
        back = [str(json.loads(told).get("camera", ""))] if event == CAMERA_BACK.event else list(lost)
        found += [(lost.pop(camera), at_ms, camera) for camera in back if camera in lost]
    now_ms = latest(database)[1]
    return found + [(since, now_ms, camera) for camera, since in lost.items()]


def _merged(some: Iterable[SpanMs]) -> list[SpanMs]:
    """Stretches that overlap made one."""
    merged: list[SpanMs] = []
    for start, end in sorted(some):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _openings(opening: Calendar | None, day: date, calendars: Calendars) -> list[SpanMs]:
    """When the shop is open on a day; all day where that is not known."""
    if opening is None:
        return [calendars.latest.span_ms(day)]
    return [(to_ms(span.start), to_ms(span.end)) for span in opening.opening(day)]


def _open_ms(opening: Calendar | None, span_ms: SpanMs, calendars: Calendars) -> int:
    """How much of a stretch lies in opening hours."""
    if opening is None:
        return span_ms[1] - span_ms[0]
    site = calendars.latest
    first, last = (day_number(site.day_of(at_ms)) for at_ms in span_ms)
    days = (day_of_number(day) for day in range(first - 1, last + 1))
    return sum(_shared(span_ms, span) for day in days for span in _openings(opening, day, calendars))


def _unfit(calendars: Calendars, opening: Calendar | None, gaps: Sequence[Gap], period: Period) -> Iterable[date]:
    """Days on which too much of the opening hours is missing."""
    spans_ms = [(to_ms(gap.start), to_ms(gap.end)) for gap in gaps]
    ends, starts = [end for _, end in spans_ms], [start for start, _ in spans_ms]
    for day in period if spans_ms else ():
        hours = _openings(opening, day, calendars)
        whole = sum(end - start for start, end in hours)
        near = spans_ms[bisect_right(ends, hours[0][0]) : bisect_left(starts, hours[-1][1])] if hours else []
        missing = sum(_shared(gap, span) for gap in near for span in hours)
        if whole and missing > UNFIT_PART * whole:
            yield day


def _shared(one: SpanMs, other: SpanMs) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


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
