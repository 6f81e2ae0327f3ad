"""Seeded shops, and the same figures by plain SQL over the rows: no figures, no calendar of the product."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from edge.analytics.schedule import Calendar
from edge.core.clock import ClockReading
from edge.core.timekeeping import to_ms
from edge.storage.statistics.reader import StatisticsReader
from edge.storage.store import Store
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
AFTERNOON = 16
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


def lately(path: Path, now: datetime, days: int = 21, people: float = 90.0) -> Shop:
    """Make records of a shop up to ``now``, where it is afternoon; return the shop."""
    ahead_h = (AFTERNOON - now.hour + 11) % 24 - 11
    # The names of these zones count the other way round.
    shop = Shop((now + timedelta(hours=ahead_h)).date() + timedelta(days=1), days / 365.25, people,
                f"Etc/GMT{-ahead_h:+d}", seed=5)  # fmt: skip
    seed(path, shop)
    with closing(sqlite3.connect(path)) as database, database:
        for table in ("crossing", "visit", "zone_stay", "correction", "walk", "heat"):
            database.execute(f"DELETE FROM {table} WHERE at_ms > ?", (to_ms(now),))  # noqa: S608 - names of ours
    reading = ClockReading(1.0, now, synced=True)
    store = Store.open(path, boot="the counter's", reading=reading, calendar=shop.site(shop.until))
    store.rebuild()
    store.close()
    return shop


def made(name: str, folder: Path) -> Seeded:
    path = folder / f"{name}.db"
    seed(path, SHOPS[name])
    return Seeded(SHOPS[name], path)
