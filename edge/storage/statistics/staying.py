"""How long people stay: in the shop, and in its zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.stays import Stays
from edge.analytics.told import Place, Slot, StayPart
from edge.core.calendar import day_number
from edge.storage.codes import DS
from edge.storage.statistics import columns
from edge.storage.statistics.numbers import added_up
from edge.storage.statistics.slots import DayCalendars, all_hours, slot_of
from edge.storage.subjects import CAMERA, ZONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import peewee

    from edge.analytics.periods import Period
    from edge.analytics.told import Scope
    from edge.storage.subjects import Named

    BinRow = tuple[int, int, int, int, bytes]


def places_of(named: dict[int, Named], scope: Scope) -> list[int]:
    """The numbers of the cameras or zones that a scope takes stays from."""
    kind = CAMERA if scope.zone is None else ZONE
    return [
        number
        for number, of in named.items()
        if of.kind == kind and scope.camera in (None, of.camera) and (scope.zone is None or of.name == scope.zone)
    ]


def together(database: peewee.SqliteDatabase, period: Period, places: Sequence[int]) -> Stays:
    """All stays of a period."""
    return _summed(columns.bins(database, period, places))


def by_days(
    database: peewee.SqliteDatabase, period: Period, cut: Sequence[Period], places: Sequence[int]
) -> list[StayPart]:
    """Stays of each part of a period, cut into ``cut``."""
    rows = sorted(columns.bins(database, period, places), key=lambda row: row[0])
    found, at = [], 0
    for part in cut:
        first, last = at, day_number(part.last)
        while at < len(rows) and rows[at][0] <= last:
            at += 1
        found.append(StayPart(Slot(part.first, part.last), _summed(rows[first:at])))
    return found


def by_hour(
    database: peewee.SqliteDatabase, calendars: DayCalendars, period: Period, places: Sequence[int]
) -> list[StayPart]:
    """Number and mean of the stays of each hour."""
    rows = columns.table(database, columns.HOURS, period, places).tolist()
    known = {(row[0], row[1], row[2]): Stays(row[5], row[6] / DS) for row in rows}
    return [StayPart(slot_of(hour), known.get(hour, Stays())) for hour in all_hours(calendars, period, known)]


def by_place(database: peewee.SqliteDatabase, period: Period, named: dict[int, Named]) -> list[Place]:
    """Stays of each zone and camera, cameras first."""
    places = [number for number, of in named.items() if of.kind in (CAMERA, ZONE)]
    rows: dict[int, list[BinRow]] = {}
    for row in columns.bins(database, period, places):
        rows.setdefault(row[1], []).append(row)
    found = [Place(named[number].camera, named[number].name, _summed(some)) for number, some in rows.items()]
    return sorted(
        (place for place in found if place.stays.count), key=lambda place: (bool(place.zone), place.camera, place.zone)
    )


def _summed(rows: Sequence[BinRow]) -> Stays:
    spread = added_up([row[4] for row in rows])
    return Stays(sum(row[2] for row in rows), sum(row[3] for row in rows) / DS, spread)
