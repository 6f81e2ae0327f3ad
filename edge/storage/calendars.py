"""Which days the site goes by, from which row on."""

from __future__ import annotations

from datetime import timezone, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge.core.calendar import SiteCalendar
from edge.storage.figures import Calendars
from edge.storage.models import Days

if TYPE_CHECKING:
    import peewee


def calendars_of(database: peewee.SqliteDatabase) -> Calendars:
    """All of them, in order."""
    query = Days.select(Days.first_seq, Days.zone, Days.day_starts_h).order_by(Days.first_seq)
    rows = query.tuples().execute(database)
    return Calendars((first, SiteCalendar(_zone(zone), starts_h)) for first, zone, starts_h in rows)


def go_by(database: peewee.SqliteDatabase, first_seq: int, calendar: SiteCalendar) -> None:
    """From a row on, go by other days. Only within a transaction."""
    Days.delete().where(Days.first_seq >= first_seq).execute(database)
    zone, starts_h = calendar.zone_name, calendar.day_starts_h
    Days.insert(first_seq=first_seq, zone=zone, day_starts_h=starts_h).execute(database)


def alike(one: SiteCalendar, other: SiteCalendar) -> bool:
    """Whether both make the same days."""
    return (one.zone_name, one.day_starts_h) == (other.zone_name, other.day_starts_h)


def _zone(name: str) -> tzinfo:
    """A zone that this machine has forgotten must not keep the records from being opened."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return timezone.utc
