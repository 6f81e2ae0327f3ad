"""What readers are shown: each answer's form, and how it is made of the database's rows."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from edge.core.calendar import day_of_number
from edge.core.shipment import END_MS, FIRST_MS
from edge.core.timekeeping import from_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge.core.calendar import SiteCalendar
    from edge.storage.hub.reports import KeptFile

    Row = tuple[Any, ...]

DS_A_S = 10
MINUTE_MS = 60_000
WHEN = {"hour": 3, "day": 1}


class Paged(BaseModel):
    """A page."""

    next: str | None = Field(default=None, description="`after` of the next page; null on the last one")


class Site(BaseModel):
    """A site."""

    name: str
    time_zone: str = Field(description="hours and days go by it")
    day_starts_h: int = Field(description="what the wall clock shows when a day begins")
    devices: int = Field(description="how many devices send from there")


class Sites(BaseModel):
    """All sites."""

    sites: list[Site]


class Device(BaseModel):
    """How a device does, as far as the hub knows."""

    id: str = Field(description="its fingerprint")
    name: str
    site: str
    version: str = Field(description="of its program")
    enrolled: datetime
    revoked: datetime | None
    seen: datetime | None = Field(description="when it last sent; null: never")
    waiting: int | None = Field(description="rows that still waited on it then")
    oldest_waiting: datetime | None = Field(description="when the oldest of them happened")
    clock: str | None = Field(description="how it came by the time: unset, estimated, holdover or synced")
    uptime_s: int | None = Field(description="for how long its machine had run")
    time_zone: str | None = Field(description="the zone it goes by itself")
    day_starts_h: int | None = Field(description="when its own days begin")


class Devices(Paged):
    """Devices by fingerprint."""

    devices: list[Device]


class Notice(BaseModel):
    """Something a device said about itself."""

    at: datetime
    event: str = Field(description="the kind, as in its journal (ACM_EVENT)")
    told: dict[str, Any] = Field(description="its values")


class Notices(Paged):
    """The latest first."""

    notices: list[Notice]


class ReportFile(BaseModel):
    """A file of a report that a device sent."""

    device: str = Field(description="its fingerprint")
    number: int = Field(description="with the device, what the file is fetched by; the later it came, the higher")
    device_name: str
    site: str
    report: str = Field(description="what the report is called on the device")
    every: str = Field(description="how often it comes round: day, week or month")
    first: str = Field(description="the first day it is of, such as 2026-11-16")
    last: str = Field(description="the last one")
    file: str = Field(description="what the file is called")
    size_bytes: int
    sent: datetime


class ReportFiles(Paged):
    """The latest first."""

    files: list[ReportFile]


class Figure(BaseModel):
    """An hour or a day of something."""

    day: str = Field(description="the site's day, such as 2026-11-25")
    hour: int | None = Field(default=None, description="what the wall clock showed when the hour began")
    start: datetime | None = Field(default=None, description="when the hour began; at a clock change two have one name")


class Named(Figure):
    """A figure and what it is about."""

    site: str
    device: str | None = Field(default=None, description="its fingerprint")
    camera: str | None = None
    line: str | None = None
    zone: str | None = None
    door: bool | None = Field(default=None, description="whether the line leads out of the shop")


class Count(Named):
    """How many crossed."""

    ins: int
    outs: int


class Counts(Paged):
    """Crossings."""

    counts: list[Count]


class Stay(Named):
    """How long people stayed."""

    stays: int = Field(description="how many ended")
    mean_s: float = Field(description="how long they were on average, in seconds")


class Stays(Paged):
    """Stays."""

    stays: list[Stay]


class Inside(Figure):
    """How many were inside."""

    inside: int = Field(description="at the end")
    most: int = Field(description="the most at the end of an hour")


class Occupancy(BaseModel):
    """People inside, by the running ledger of all devices of the site."""

    occupancy: list[Inside]


def device(row: Row) -> Device:
    """A device, from a row of ``queries.devices``."""
    number, name, site, enrolled_as, enrolled_ms, revoked_ms, seen_ms, version, waiting, oldest_ms, *rest = row
    clock, uptime_s, zone, day_starts_h = rest
    return Device(
        id=number, name=name, site=site, version=version or enrolled_as, enrolled=from_ms(enrolled_ms),
        revoked=_at(revoked_ms), seen=_at(seen_ms), waiting=waiting, oldest_waiting=_at(oldest_ms or None),
        clock=clock, uptime_s=uptime_s, time_zone=zone, day_starts_h=day_starts_h,
    )  # fmt: skip


def notice(row: Row) -> Notice:
    """A notice, from a row of ``queries.notices``."""
    at_ms, _, _, event, told = row
    return Notice(at=from_ms(at_ms), event=event, told=json.loads(told))


def when(row: Row, by: str) -> dict[str, Any]:
    """The hour or day of a row."""
    day = day_of_number(row[0]).isoformat()
    return {"day": day} if by == "day" else {"day": day, "hour": row[2], "start": from_ms(row[1] * MINUTE_MS)}


def what(row: Row, by: str, per: str) -> dict[str, Any]:
    """What a row is about."""
    names = ("site", "device", "camera", "zone" if per == "zone" else "line", "door")
    told = dict(zip(names, row[WHEN[by] : -2], strict=False))
    return told | ({"door": bool(told["door"])} if "door" in told else {})


def report_file(row: KeptFile) -> ReportFile:
    """A file of a report as it is shown."""
    return ReportFile(
        device=row.device, number=row.number, device_name=row.device_name, site=row.site, report=row.report,
        every=row.every, first=day_of_number(row.first_day).isoformat(), last=day_of_number(row.last_day).isoformat(),
        file=row.file, size_bytes=row.size_bytes, sent=from_ms(row.sent_ms),
    )  # fmt: skip


def count(row: Row, by: str, per: str) -> Count:
    """Crossings, from a row of ``queries.counts``."""
    return Count(**when(row, by), **what(row, by, per), ins=int(row[-2]), outs=int(row[-1]))


def stay(row: Row, by: str, per: str) -> Stay:
    """Stays, from a row of ``queries.stays``."""
    ended, stay_ds = int(row[-2]), int(row[-1])
    mean_s = round(stay_ds / DS_A_S / ended, 1) if ended else 0.0
    return Stay(**when(row, by), **what(row, by, per), stays=ended, mean_s=mean_s)


def occupancy(hours: list[Inside], by: str) -> Occupancy:
    """People inside by hour, as they are, or by day."""
    if by == "hour":
        return Occupancy(occupancy=hours)
    days: dict[str, Inside] = {}
    for hour in hours:
        most = max(hour.most, days[hour.day].most if hour.day in days else hour.most)
        days[hour.day] = Inside(day=hour.day, inside=hour.inside, most=most)
    return Occupancy(occupancy=list(days.values()))


def hours_inside(
    calendar: SiteCalendar, days: range, ledger: tuple[int, Sequence[Row]], now_ms: int
) -> Iterator[Inside]:  # fmt: skip
    """People inside, hour by hour up to now. ``days`` are numbered; ``ledger`` is what ``queries.ledger`` gives."""
    inside, changes = ledger
    by_hour = {(day, start_min, clock_hour): int(change) for day, start_min, clock_hour, change in changes}
    for number in days:
        for hour in calendar.hours_of(day_of_number(number)):
            if hour.start_ms > now_ms:
                return
            inside += by_hour.pop((number, hour.start_ms // MINUTE_MS, hour.clock_hour), 0)
            yield Inside(
                day=hour.day.isoformat(), hour=hour.clock_hour, start=from_ms(hour.start_ms), inside=inside, most=inside
            )


def _at(at_ms: int | None) -> datetime | None:
    """A moment; none if a device told one that cannot be."""
    return None if at_ms is None or not FIRST_MS <= at_ms < END_MS else from_ms(at_ms)
