"""One day of a site looked at closely: every crossing of a door and every correction, from the rows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edge.analytics.periods import Period
from edge.core.calendar import day_number
from edge.core.timekeeping import from_ms
from edge.storage.hub.retention import month_of
from edge.storage.statistics.levels import drawn

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from edge.analytics.told import Curve
    from edge.core.calendar import SiteCalendar
    from edge.storage.hub.database import HubDatabase
    from edge.storage.hub.site_figures import HubFigures

ARRIVED = "SELECT epoch, month FROM arrival WHERE device = %s AND month >= %s ORDER BY epoch, month"
# By the key alone, so that months of other days cost next to nothing.
FIRST = "SELECT at_ms FROM crossing WHERE device = %s AND epoch = %s AND month = %s ORDER BY seq LIMIT 1"
MOVES = (
    "SELECT c.seq, c.at_ms, 1 - 2 * c.direction FROM crossing c "
    "JOIN subject u ON u.device = c.device AND u.number = c.subject AND u.door = 1 "
    "WHERE c.device = %s AND c.epoch = %s AND c.month = %s AND c.at_ms >= %s AND c.at_ms < %s "
    "UNION ALL SELECT seq, at_ms, change FROM correction "
    "WHERE device = %s AND epoch = %s AND month = %s AND at_ms >= %s AND at_ms < %s ORDER BY 1"
)
DAY_MS, HOUR_MS, MINUTE_MS = 86_400_000, 3_600_000, 60_000
# A clock that was wrong may have put rows so far out of their order.
ASTRAY_MS = 2 * DAY_MS


def curve(database: HubDatabase, figures: HubFigures, site: SiteCalendar, day: date, step_s: int) -> Curve | None:
    """How many were inside over a day; None if nobody came or went.

    Each device's ledger runs by the order of its rows; several are put together by their time. Where the rows were let
    go of, by the hour.
    """
    span_ms = site.span_ms(day)
    none = np.empty((0, 2), dtype=np.int64)
    moves = np.concatenate([none, *(_moves(database, device, span_ms) for device in figures.devices)])
    if not len(moves):
        moves = _by_hour(figures.hour_levels(Period(day, day)), figures.inside_before(day_number(day)))
    if not len(moves):
        return None
    moves = moves[np.argsort(moves[:, 0], kind="stable")]
    before = figures.net_before(day_number(day))
    inside = np.maximum(0, before + np.cumsum(moves[:, 1]))
    times = np.clip(moves[:, 0], *span_ms)
    return drawn(times, np.concatenate(([max(0, before)], inside)), span_ms, step_s)


def _moves(database: HubDatabase, device: int, span_ms: tuple[int, int]) -> NDArray[np.int64]:
    """When, and by how much: of one device, times never going back."""
    found = [np.empty((0, 2), dtype=np.int64)]
    for epoch, month in database.run(ARRIVED, device, month_of(from_ms(span_ms[0])) - 1).fetchall():
        first = database.run(FIRST, device, epoch, month).fetchone()
        if first is not None and first[0] >= span_ms[1] + ASTRAY_MS:
            continue
        place = (device, epoch, month, *span_ms)
        rows = np.array(database.run(MOVES, *place, *place).fetchall(), dtype=np.int64).reshape(-1, 3)
        found.append(np.stack([np.maximum.accumulate(rows[:, 1]), rows[:, 2]], axis=1))
    return np.concatenate(found)


def _by_hour(levels: NDArray[np.int64], before: int) -> NDArray[np.int64]:
    """The same from figures of hours: as if everybody had come and gone at an hour's end."""
    ends = levels[:, 1] * MINUTE_MS + HOUR_MS - 1
    return np.stack([ends, np.diff(np.concatenate([[before], levels[:, 4]]))], axis=1)
