"""A box with records: its clocks, its starts, and people who come and go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from edge.core.calendar import SiteCalendar
from edge.core.clock import ClockReading
from edge.core.model import Direction
from edge.core.timekeeping import to_ms
from edge.storage.calendars import calendars_of
from edge.storage.database import connect_reader, run
from edge.storage.derive import differing
from edge.storage.queries import Records
from edge.storage.records import Crossing, Visit
from edge.storage.store import Store
from edge.storage.subjects import Subjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path

    from edge.storage.kept import Kept
    from edge.storage.records import Record

IN, OUT = Direction.IN, Direction.OUT
BERLIN = SiteCalendar(ZoneInfo("Europe/Berlin"))
MONDAY = datetime(2026, 11, 23, 8, tzinfo=timezone.utc)


@dataclass
class Box:
    """A machine that is started and stopped. ``clock`` is what its clock says when ``uptime_s`` is 0."""

    path: Path
    clock: datetime = MONDAY
    synced: bool = True
    calendar: SiteCalendar = BERLIN
    uptime_s: float = 10.0
    boots: int = 1
    store: Store | None = field(default=None, repr=False)

    def reading(self) -> ClockReading:
        return ClockReading(self.uptime_s, self.clock + timedelta(seconds=self.uptime_s), self.synced)

    def start(self) -> Store:
        self.store = Store.open(self.path, boot=f"boot-{self.boots}", reading=self.reading(), calendar=self.calendar)
        return self.store

    def stop(self) -> None:
        assert self.store is not None
        self.store.close()

    def reboot(self, clock: datetime, *, synced: bool) -> Store:
        """Power off properly, and on again: the clock then says ``clock``."""
        self.stop()
        self.boots += 1
        self.uptime_s, self.synced = 10.0, synced
        self.clock = clock - timedelta(seconds=self.uptime_s)
        return self.start()

    def wait(self, seconds: float) -> float:
        self.uptime_s += seconds
        return self.uptime_s

    def step_clock(self, seconds: float) -> None:
        self.clock += timedelta(seconds=seconds)

    def look(self) -> None:
        assert self.store is not None
        self.store.observe(self.reading())


def visit(arrival_s: float, stay_s: float, camera: str = "door", line: str = "entrance") -> list[Record]:
    """Somebody comes and leaves again."""
    leaving_s = arrival_s + stay_s
    return [
        Crossing(arrival_s, camera, line, IN), Crossing(leaving_s, camera, line, OUT), Visit(leaving_s, camera, stay_s),
    ]  # fmt: skip


def kept(path: Path, *kinds: type[Record]) -> list[Kept]:
    with Records(path) as records:
        return records.after(0, None, kinds) if kinds else records.after(0)


def figures_differing(path: Path) -> int:
    """How many figures are not what making them anew gives."""
    database = connect_reader(path)
    try:
        return differing(database, calendars_of(database), Subjects(database).doors())
    finally:
        database.close()


def sql(path: Path, statement: str, *values: int | str) -> list[tuple[object, ...]]:
    database = connect_reader(path)
    try:
        return [tuple(row) for row in run(database, statement, *values)]
    finally:
        database.close()


def count_by_hand(crossings: Iterable[Kept], zone: ZoneInfo, starts_h: int = 0) -> Counter[tuple[date, int, str]]:
    """In and out by day and hour of the wall clock, by the plainest way there is."""
    counts: Counter[tuple[date, int, str]] = Counter()
    for found in crossings:
        assert found.at is not None
        assert isinstance(found.record, Crossing)
        local = found.at.astimezone(zone)
        day = (local.replace(tzinfo=None) - timedelta(hours=starts_h)).date()
        counts[day, local.hour, found.record.direction.value] += 1
    return counts


def figures_by_hour(path: Path, first: date, last: date) -> Counter[tuple[date, int, str]]:
    counts: Counter[tuple[date, int, str]] = Counter()
    with Records(path) as records:
        for figure in records.lines_by_hour(first, last):
            assert figure.when.clock_hour is not None
            counts[figure.when.day, figure.when.clock_hour, "in"] += figure.ins
            counts[figure.when.day, figure.when.clock_hour, "out"] += figure.outs
    return +counts


def in_order(times: Iterable[datetime | None]) -> Iterator[int]:
    """Times in ms, all of them known."""
    for at in times:
        assert at is not None
        yield to_ms(at)
