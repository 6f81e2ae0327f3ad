"""When a site's boxes were off and what was set right, from the rows they sent.

A box tells when it starts and when it stops. Of one whose power was cut the hub knows the last row before its next
start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.schedule import Between
from edge.core.calendar import day_number
from edge.core.notices import STARTED, STOPPING
from edge.core.timekeeping import from_ms
from edge.storage.codes import REASONS
from edge.storage.hub.models import MONTHLY
from edge.storage.statistics.outages import EVENTS, Outage, camera_outages, merged, pauses

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from edge.analytics.occupancy import CorrectionReason
    from edge.analytics.periods import Period
    from edge.analytics.told import Density
    from edge.core.calendar import SiteCalendar
    from edge.storage.hub.database import HubDatabase

TELLING = (
    "SELECT epoch, seq, at_ms, event, told FROM notice WHERE device = %s AND event IN (%s, %s, %s, %s) "
    "ORDER BY epoch, seq"
)
LAST_BEFORE = (
    "SELECT at_ms FROM {} WHERE device = %s AND epoch = %s AND month <= %s AND seq < %s "
    "ORDER BY month DESC, seq DESC LIMIT 1"
)
LATEST = "SELECT max(seen_ms) FROM stream WHERE device = %s"
MONTH_OF = "SELECT month FROM notice WHERE device = %s AND epoch = %s AND seq = %s"
CORRECTIONS = "SELECT at_ms, change, reason FROM correction WHERE device = %s AND at_ms >= %s AND at_ms < %s"
# An hour of the week in which less than this part of its busiest hour's people come is one in which it is closed.
CLOSED_PART = 0.02
HOUR_MS = 3_600_000


def outages(database: HubDatabase, devices: Sequence[int]) -> list[Outage]:
    """When nothing was counted by any of the boxes, or by a camera of theirs."""
    found: list[Outage] = []
    for device in devices:
        rows = database.run(TELLING, device, *EVENTS).fetchall()
        telling = [(at_ms, event, told) for _, _, at_ms, event, told in rows]
        seen_ms = int(database.run(LATEST, device).fetchone()[0] or 0)
        found += merged([*pauses(telling), *_cuts(database, device, rows)])
        found += camera_outages(telling, seen_ms)
    return found


def set_right(
    database: HubDatabase, devices: Sequence[int], site: SiteCalendar, period: Period
) -> dict[int, dict[CorrectionReason, int]]:
    """By how much the number inside was corrected on each day, numbered, and why."""
    span_ms = (site.start_ms(period.first), site.span_ms(period.last)[1])
    found: dict[int, dict[CorrectionReason, int]] = {}
    for device in devices:
        for at_ms, change, reason in database.run(CORRECTIONS, device, *span_ms).fetchall():
            if reason < len(REASONS):
                of_day = found.setdefault(day_number(site.day_of(at_ms)), {})
                of_day[REASONS[reason]] = of_day.get(REASONS[reason], 0) + change
    return found


class UsualHours:
    """When a shop must be open, going by when people come: nobody told the hub."""

    def __init__(self, density: Density, site: SiteCalendar) -> None:
        self._site = site
        most = max((count for row in density.ins for count in row), default=0)
        # Which hours of a day, counted from its beginning, are the first and the last in which people come.
        self._hours: list[tuple[int, int] | None] = []
        for row in density.ins:
            turned = row[site.day_starts_h :] + row[: site.day_starts_h]
            busy = [hour for hour, count in enumerate(turned) if count > CLOSED_PART * most]
            self._hours.append((busy[0], busy[-1] + 1) if busy else None)

    def opening(self, day: date) -> list[Between]:
        """The hours of a day from the first to the last in which people come; none if nobody does.

        On a day on which the clocks change it may be an hour off.
        """
        hours = self._hours[day.weekday()]
        if hours is None:
            return []
        start_ms = self._site.start_ms(day)
        return [Between(from_ms(start_ms + hours[0] * HOUR_MS), from_ms(start_ms + hours[1] * HOUR_MS))]


def _cuts(
    database: HubDatabase, device: int, telling: Sequence[tuple[int, int, int, str, str]]
) -> list[Outage]:
    """From the last row before a start that no stop came before."""
    found = []
    stopped = True
    for epoch, seq, at_ms, event, _ in telling:
        if event == STARTED.event:
            last_ms = None if stopped else _last_before(database, device, epoch, seq)
            if last_ms is not None and last_ms < at_ms:
                found.append(Outage(last_ms, at_ms))
        if event in (STARTED.event, STOPPING.event):
            stopped = event == STOPPING.event
    return found


def _last_before(database: HubDatabase, device: int, epoch: int, seq: int) -> int | None:
    (month,) = database.run(MONTH_OF, device, epoch, seq).fetchone()
    found = []
    for table in MONTHLY:
        sql = LAST_BEFORE.format(table._meta.table_name)  # noqa: SLF001 - peewee's own way
        found += [int(at_ms) for (at_ms,) in database.run(sql, device, epoch, month, seq).fetchall()]
    return max(found, default=None)
