"""How long people stay: in the shop, and in its zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.stays import Stays
from edge.analytics.told import Place, Slot, StayPart
from edge.storage.codes import DS
from edge.storage.statistics.slots import all_hours, slot_of
from edge.storage.statistics.source import What
from edge.storage.subjects import CAMERA, ZONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge.analytics.periods import Period
    from edge.analytics.told import Scope
    from edge.storage.statistics.source import Source
    from edge.storage.subjects import Named


def places_of(named: Mapping[int, Named], scope: Scope) -> list[int]:
    """The numbers of the cameras or zones that a scope takes stays from."""
    kind = CAMERA if scope.zone is None else ZONE
    return [
        number
        for number, of in named.items()
        if of.kind == kind and scope.camera in (None, of.camera) and (scope.zone is None or of.name == scope.zone)
    ]


def together(source: Source, period: Period, places: Sequence[int]) -> Stays:
    """All stays of a period."""
    return source.stays([period], places)[0]


def by_days(
    source: Source, cut: Sequence[Period], places: Sequence[int]
) -> list[StayPart]:
    """Stays of each part of a period."""
    found = zip(cut, source.stays(cut, places), strict=True)
    return [StayPart(Slot(part.first, part.last), stays) for part, stays in found]


def by_hour(
    source: Source, period: Period, places: Sequence[int]
) -> list[StayPart]:
    """Number and mean of the stays of each hour."""
    rows = source.table(What.HOURS, period, places).tolist()
    known = {(row[0], row[1], row[2]): Stays(row[5], row[6] / DS) for row in rows}
    hours = all_hours(source.calendars(period), period, known)
    return [StayPart(slot_of(hour), known.get(hour, Stays())) for hour in hours]


def by_place(source: Source, period: Period) -> list[Place]:
    """Stays of each zone and camera, cameras first."""
    places: dict[tuple[str, str], list[int]] = {}
    for number, of in source.named().items():
        if of.kind in (CAMERA, ZONE):
            places.setdefault((of.camera, of.name), []).append(number)
    stays = source.stays_by_subject(period, [number for numbers in places.values() for number in numbers])
    found = [
        Place(camera, zone, sum((stays[number] for number in numbers if number in stays), Stays()))
        for (camera, zone), numbers in places.items()
    ]
    return sorted(
        (place for place in found if place.stays.count), key=lambda place: (bool(place.zone), place.camera, place.zone)
    )
