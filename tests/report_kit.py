"""Reports of the seeded shops, and the same figures by hand from the rows themselves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from edge.analytics.told import SITE_WIDE, Scope
from edge.config.load import config_from
from edge.reports.asked import Asked, Floor
from edge.reports.contents import gather

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from seeded_kit import Seeded

    from edge.analytics.periods import Period
    from edge.reports.report import Report
    from edge.reports.table import Cell, Table

LATER = datetime(2026, 12, 24, 6, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Row:
    """One crossing as it was written. ``hour`` is the hour of the site's clock it fell in."""

    day: date
    hour: datetime
    camera: str
    line: str
    door: bool
    came_in: bool


class ByHand:
    """A shop's rows, counted together without any of the product's figures or calendars."""

    def __init__(self, shop: Seeded) -> None:
        rows = shop.sql(
            "SELECT site_day(seq, at_ms), site_hour(seq, at_ms), camera, name, door, direction"
            " FROM crossing JOIN subject ON id = line"
        )
        self.rows = [
            Row(date.fromisoformat(day), datetime.fromisoformat(hour), camera, line, bool(door), direction == 0)
            for day, hour, camera, line, door, direction in rows
        ]
        self.first = min(row.day for row in self.rows)
        stays = shop.sql(
            "SELECT site_day(seq, at_ms), stay_ds / 10.0, camera.camera, '' FROM visit"
            " JOIN subject AS camera ON camera.id = visit.camera UNION ALL"
            " SELECT site_day(seq, at_ms), dwell_ds / 10.0, place.camera, place.name FROM zone_stay"
            " JOIN subject AS place ON place.id = zone"
        )
        self.stays = [(date.fromisoformat(day), lasted_s, camera, zone) for day, lasted_s, camera, zone in stays]
        self.ledger = shop.sql("""
            SELECT site_day(seq, at_ms), site_hour(seq, at_ms), sum(step) OVER (ORDER BY seq) FROM (
                SELECT seq, at_ms, CASE direction WHEN 0 THEN 1 ELSE -1 END AS step FROM crossing
                JOIN subject ON id = line WHERE door = 1 UNION ALL SELECT seq, at_ms, change FROM correction)""")

    def counted(self, scope: Scope = SITE_WIDE) -> list[Row]:
        """The crossings a scope counts."""
        return [
            row for row in self.rows
            if scope.camera in (None, row.camera) and (row.door if scope.line is None else row.line == scope.line)
        ]  # fmt: skip

    def by_day(self, scope: Scope = SITE_WIDE) -> tuple[Counter[date], Counter[date]]:
        """In and out of each day."""
        rows = self.counted(scope)
        return Counter(row.day for row in rows if row.came_in), Counter(row.day for row in rows if not row.came_in)

    def lasted_s(self, days: Iterable[date], scope: Scope = SITE_WIDE) -> list[float]:
        """How long each visit of some days was, or stay in a zone, shortest first."""
        wanted, zone = set(days), scope.zone or ""
        return sorted(
            lasted for day, lasted, camera, where in self.stays
            if day in wanted and where == zone and scope.camera in (None, camera)
        )  # fmt: skip

    def usual(self, day: date, counts: Counter[date], left_out: set[date]) -> float | None:
        """The median of the last eight same weekdays that are fit to compare with."""
        back = (day - timedelta(weeks=weeks) for weeks in range(1, 27))
        some = sorted([counts[other] for other in back if other >= self.first and other not in left_out][:8])
        if len(some) < 3:
            return None
        return (some[(len(some) - 1) // 2] + some[len(some) // 2]) / 2


HANDS: dict[Path, ByHand] = {}
REPORTS: dict[tuple[Path, Period, Scope, datetime], Report] = {}


def by_hand(shop: Seeded) -> ByHand:
    """A shop's rows, read once."""
    if shop.path not in HANDS:
        HANDS[shop.path] = ByHand(shop)
    return HANDS[shop.path]


def report_of(shop: Seeded, period: Period, scope: Scope = SITE_WIDE, now: datetime = LATER) -> Report:
    """A report of a seeded shop, with the zones of its settings, weeks from Monday on; made once."""
    wanted = (shop.path, period, scope, now)
    if wanted not in REPORTS:
        with shop.reader() as source:
            REPORTS[wanted] = gather(source, asked(shop, period, scope, now))
    return REPORTS[wanted]


def asked(shop: Seeded, period: Period, scope: Scope = SITE_WIDE, now: datetime = LATER) -> Asked:
    """What such a report is asked for."""
    config = config_from(shop.shop.settings(), "shop.toml")
    floors = tuple(Floor(camera.name, camera.zones()) for camera in config.camera)
    return Asked(period, now, "The seeded shop", scope, 0, shop.opening, floors)


def table_of(report: Report, key: str, about: str = "") -> Table:
    """The table of that key."""
    return next(table for table in report.tables() if (table.key, table.about) == (key, about))


def cells(table: Table, *keys: str) -> list[tuple[Cell, ...]]:
    """Some columns of a table, row by row."""
    return list(zip(*(table.column(key) for key in keys), strict=True))
