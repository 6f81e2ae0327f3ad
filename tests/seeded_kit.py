"""Seeded shops, and the same figures by plain SQL over the rows: no figures, no calendar of the product."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from edge.analytics.schedule import Calendar
from edge.storage.statistics.reader import StatisticsReader
from tools.seed import Shop, seed

if TYPE_CHECKING:
    from pathlib import Path

# Open by day, with the day of 25 hours; a bar open over the night of the day of 23; and a site that moves.
SHOPS = {
    "day": Shop(until=date(2026, 11, 25), years=0.28, people=60),
    "night": Shop(until=date(2026, 4, 14), years=0.12, people=60, night=True, seed=2, off=((date(2026, 3, 17), 3),)),
    "moved": Shop(until=date(2026, 11, 25), years=0.08, people=60, seed=3, moved=(date(2026, 11, 10), "Asia/Tokyo")),
}
DOORS = "line IN (SELECT id FROM subject WHERE kind = 'line' AND door = 1)"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass
class Seeded:
    """A shop's records, to be read by the product and by SQL."""

    shop: Shop
    path: Path

    def __post_init__(self) -> None:
        self.plain = sqlite3.connect(self.path)
        runs = self.plain.execute("SELECT first_seq, zone, day_starts_h FROM days ORDER BY 1").fetchall()

        def local(seq: int, at_ms: int) -> tuple[datetime, int]:
            _, zone, starts_h = [run for run in runs if run[0] <= seq][-1]
            return (EPOCH + timedelta(milliseconds=at_ms)).astimezone(ZoneInfo(zone)), starts_h

        def day(seq: int, at_ms: int) -> str:
            at, starts_h = local(seq, at_ms)
            return (at.date() - timedelta(days=at.hour < starts_h)).isoformat()

        def hour(seq: int, at_ms: int) -> str:
            at, _ = local(seq, at_ms)
            return at.replace(minute=0, second=0, microsecond=0).isoformat()

        self.plain.create_function("site_day", 2, day, deterministic=True)
        self.plain.create_function("site_hour", 2, hour, deterministic=True)

    def sql(self, statement: str, *values: str | int) -> list[tuple[Any, ...]]:
        return self.plain.execute(statement, values).fetchall()

    def reader(self) -> StatisticsReader:
        return StatisticsReader(self.path)

    @property
    def opening(self) -> Calendar:
        return Calendar(self.shop.schedule, self.shop.site(self.shop.until).zone_name)


def made(name: str, folder: Path) -> Seeded:
    path = folder / f"{name}.db"
    seed(path, SHOPS[name])
    return Seeded(SHOPS[name], path)
