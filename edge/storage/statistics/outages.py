"""When nothing was counted and which days that spoils, from what a box told: the same for a box and a hub."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

from edge.analytics.told import DataQuality, Gap
from edge.core.calendar import day_number, day_of_number
from edge.core.notices import CAMERA_BACK, CAMERA_LOST, STARTED, STOPPING
from edge.core.timekeeping import from_ms, to_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from edge.analytics.periods import Period
    from edge.analytics.schedule import Between, Calendar
    from edge.core.calendar import SiteCalendar
    from edge.core.timekeeping import Quality

    SpanMs = tuple[int, int]
    Telling = tuple[int, str, str]

# Reboots and updates are over sooner.
LEAST_GAP_MS = 120_000
# A day on which more of the opening hours is missing tells less than it costs.
UNFIT_PART = 0.1
EVENTS = (CAMERA_LOST.event, CAMERA_BACK.event, STARTED.event, STOPPING.event)


class Outage(NamedTuple):
    """From when to when (UTC, ms since 1970) nothing was counted: the whole box (``camera`` empty) or one camera."""

    start_ms: int
    end_ms: int
    camera: str = ""


class Openings(Protocol):
    """When a shop is open."""

    def opening(self, day: date) -> Sequence[Between]:
        """The hours of a day, none if it is closed."""
        ...


def judged(
    outages: Iterable[Outage], site: SiteCalendar, period: Period, opening: Openings | None, clock: dict[Quality, float]
) -> DataQuality:
    """How far the figures of a period can be believed. ``opening``: when the shop is open, if that is known."""
    span_ms = (site.start_ms(period.first), site.span_ms(period.last)[1])
    found: list[Gap] = []
    for start, end, camera in outages:
        first, last = max(start, span_ms[0]), min(end, span_ms[1])
        if last - first >= LEAST_GAP_MS:
            open_ms = _open_ms(opening, (first, last), site)
            found.append(Gap(from_ms(first), from_ms(last), camera, open_ms / 1000))
    gaps = tuple(sorted(found, key=lambda gap: (gap.start, gap.camera)))
    unfit = frozenset(_unfit(site, opening, [gap for gap in gaps if not gap.camera], period))
    return DataQuality(gaps, unfit, clock)


def fit_days(found: DataQuality, opening: Calendar | None) -> Callable[[date], bool]:
    """Which days may be compared with: no holidays, and none on which the box was off for long."""

    @cache
    def fit(day: date) -> bool:
        return day not in found.unfit_days and not (opening is not None and opening.is_holiday(day))

    return fit


def pauses(telling: Iterable[Telling]) -> list[Outage]:
    """Between the program's stopping and its next start. ``telling`` are notices in order: when, kind, values."""
    found: list[Outage] = []
    stopped: int | None = None
    for at_ms, event, _ in telling:
        if event == STARTED.event and stopped is not None:
            found.append(Outage(stopped, at_ms))
        if event in (STARTED.event, STOPPING.event):
            stopped = at_ms if event == STOPPING.event else None
    return found


def camera_outages(telling: Iterable[Telling], now_ms: int) -> list[Outage]:
    """From a camera's loss until it is back, or until the box stops; ``now_ms`` is the last that is known."""
    found: list[Outage] = []
    lost: dict[str, int] = {}
    for at_ms, event, told in telling:
        if event == CAMERA_LOST.event:
            lost.setdefault(str(json.loads(told).get("camera", "")), at_ms)
            continue
        back = [str(json.loads(told).get("camera", ""))] if event == CAMERA_BACK.event else list(lost)
        found += [Outage(lost.pop(camera), at_ms, camera) for camera in back if camera in lost]
    return found + [Outage(since, now_ms, camera) for camera, since in lost.items()]


def merged(some: Iterable[Outage]) -> list[Outage]:
    """Those that overlap made one."""
    found: list[Outage] = []
    for one in sorted(some):
        if found and one.start_ms <= found[-1].end_ms:
            found[-1] = found[-1]._replace(end_ms=max(found[-1].end_ms, one.end_ms))
        else:
            found.append(one)
    return found


def _openings(opening: Openings | None, day: date, site: SiteCalendar) -> list[SpanMs]:
    """When the shop is open on a day; all day where that is not known."""
    if opening is None:
        return [site.span_ms(day)]
    return [(to_ms(span.start), to_ms(span.end)) for span in opening.opening(day)]


def _open_ms(opening: Openings | None, span_ms: SpanMs, site: SiteCalendar) -> int:
    """How much of a stretch lies in opening hours."""
    if opening is None:
        return span_ms[1] - span_ms[0]
    first, last = (day_number(site.day_of(at_ms)) for at_ms in span_ms)
    days = (day_of_number(day) for day in range(first - 1, last + 1))
    return sum(_shared(span_ms, span) for day in days for span in _openings(opening, day, site))


def _unfit(site: SiteCalendar, opening: Openings | None, gaps: Sequence[Gap], period: Period) -> Iterable[date]:
    """Days on which too much of the opening hours is missing."""
    spans_ms = [(to_ms(gap.start), to_ms(gap.end)) for gap in gaps]
    ends, starts = [end for _, end in spans_ms], [start for start, _ in spans_ms]
    for day in period if spans_ms else ():
        hours = _openings(opening, day, site)
        whole = sum(end - start for start, end in hours)
        near = spans_ms[bisect_right(ends, hours[0][0]) : bisect_left(starts, hours[-1][1])] if hours else []
        missing = sum(_shared(gap, span) for gap in near for span in hours)
        if whole and missing > UNFIT_PART * whole:
            yield day


def _shared(one: SpanMs, other: SpanMs) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))
