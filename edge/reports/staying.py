"""How long people stay, where they go and where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.analytics.routes import routes
from edge.analytics.stays import bin_s
from edge.core.timekeeping import from_ms
from edge.reports.report import Chart, Drawn, Said, Section
from edge.reports.table import Column, Kind, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge.analytics.stays import Stays
    from edge.analytics.told import LineCount, Place
    from edge.reports.asked import Floor
    from edge.reports.books import Books
    from edge.reports.table import Cell

MINUTE_S = 60
# From each to the next: bins of stays begin and end at these, so that they can be told exactly.
BANDS_MIN = (0, 1, 2, 4, 8, 16, 32, 64)
STAYS = (
    Column("stays", Kind.COUNT), Column("mean_s", Kind.DURATION), Column("median_s", Kind.DURATION),
    Column("long_s", Kind.DURATION),
)  # fmt: skip


def stays(books: Books, whole: Stays) -> Section:
    """How long people stay, and how that is spread. Nothing for a line, at which nobody stays."""
    if books.asked.scope.line is not None or not whole.count:
        return Section("stays")
    charts = (Chart("stay_lengths", Drawn.BARS, "stay_lengths", "band", ("stays",)),)
    said = Said("said.zone_stays" if books.by_zone else "said.stays", (
        ("n", Kind.COUNT, whole.count), ("median", Kind.DURATION, whole.median_s),
        ("long", Kind.DURATION, whole.quantile_s(0.9)),
    ))  # fmt: skip
    return Section("stays", (said,), charts, (_lengths(whole),))


def _lengths(whole: Stays) -> Table:
    """How many stays are how long."""
    counts = dict.fromkeys(BANDS_MIN, 0)
    for number, count in whole.bins.items():
        least_s = bin_s(number)[0]
        counts[max(band for band in BANDS_MIN if band * MINUTE_S <= least_s)] += count
    every = sum(counts.values())
    rows = tuple((band, count, count / every if every else None) for band, count in counts.items())
    columns = (Column("band", Kind.BAND), Column("stays", Kind.COUNT), Column("share", Kind.SHARE))
    return Table("stay_lengths", columns, rows)


def places(books: Books) -> Section:
    """Lines, zones, routes and the floor."""
    scope = books.asked.scope
    counted = [] if books.by_zone else [
        line for line in books.source.lines(books.period)
        if scope.camera in (None, line.camera) and scope.line in (None, line.line)
    ]  # fmt: skip
    tables, charts = [_lines(counted)] if counted else [], []
    if scope.line is None:
        some = [place for place in books.source.places(books.period) if _within(books, place)]
        zones = [place for place in some if place.zone]
        exits = [place for place in some if not place.zone and not books.by_zone]
        tables += [_zones(zones)] if zones else []
        tables += [_exits(exits)] if len(exits) > 1 else []
        charts += [Chart("zones", Drawn.LYING, "zones", "zone", ("stays",))] if len(zones) > 1 else []
    walked = _routes(books)
    tables += [walked] if walked.rows else []
    floors = list(_floors(books))
    zones_of = {floor.camera: floor.zones for floor in books.asked.floors}
    charts += [Chart("heat", Drawn.FLOOR, "heat", about=floor.about, zones=zones_of[floor.about]) for floor in floors]
    span = (("first", Kind.DAY, walked.rows[0][0]), ("last", Kind.DAY, walked.rows[0][1])) if walked.rows else ()
    said = (Said("said.routes", span),) if span else ()
    return Section("places", said, tuple(charts), (*tables, *floors))


def _within(books: Books, place: Place) -> bool:
    scope = books.asked.scope
    return scope.camera in (None, place.camera) and scope.zone in (None, place.zone)


def _lines(lines: Iterable[LineCount]) -> Table:
    columns = (
        Column("camera", Kind.TEXT), Column("line", Kind.TEXT), Column("door", Kind.YES), Column("ins", Kind.COUNT),
        Column("outs", Kind.COUNT),
    )  # fmt: skip
    return Table("lines", columns, tuple((line.camera, line.line, line.door, line.ins, line.outs) for line in lines))


def _zones(zones: Iterable[Place]) -> Table:
    columns = (Column("camera", Kind.TEXT), Column("zone", Kind.TEXT), *STAYS)
    return Table("zones", columns, tuple((zone.camera, zone.zone, *_told(zone.stays)) for zone in zones))


def _exits(exits: Iterable[Place]) -> Table:
    """By the camera that saw people leave."""
    columns = (Column("camera", Kind.TEXT), *STAYS)
    return Table("exits", columns, tuple((place.camera, *_told(place.stays)) for place in exits))


def _told(some: Stays) -> tuple[Cell, ...]:
    return some.count, some.mean_s, some.median_s, some.quantile_s(0.9)


def _cameras(books: Books) -> list[Floor]:
    scope = books.asked.scope
    if scope.line is not None:
        return []
    zone = scope.zone
    return [
        floor for floor in books.asked.floors
        if scope.camera in (None, floor.camera) and (zone is None or any(one.name == zone for one in floor.zones))
    ]  # fmt: skip


def _routes(books: Books) -> Table:
    """Where people went from zone to zone; walks are kept for two days only, so of these days only."""
    rows: list[tuple[Cell, ...]] = []
    start, end = (from_ms(at_ms) for at_ms in _span_ms(books))
    for floor in _cameras(books):
        ways = books.source.ways(floor.camera, start, end) if floor.zones else None
        if ways is None or not len(ways):
            continue
        first, last = (books.site.day_of(int(at_ms)) for at_ms in (ways.at_ms[0], ways.at_ms[-1]))
        rows += [
            (first, last, floor.camera, " → ".join(route.zones), route.walks)
            for route in routes(ways, floor.zones).routes
        ]
    columns = (
        Column("first", Kind.DAY, printed=False), Column("last", Kind.DAY, printed=False),
        Column("camera", Kind.TEXT), Column("route", Kind.TEXT), Column("walks", Kind.COUNT),
    )  # fmt: skip
    return Table("routes", columns, tuple(rows))


def _span_ms(books: Books) -> tuple[int, int]:
    return books.site.start_ms(books.period.first), books.site.span_ms(books.period.last)[1]


def _floors(books: Books) -> Iterable[Table]:
    """How long people stood in each part of a camera's picture, in person-seconds."""
    for floor in _cameras(books):
        heat = books.source.heat_map(floor.camera, books.period)
        if heat is None or not heat.any():
            continue
        columns = tuple(Column(str(number + 1), Kind.NUMBER, str(number + 1)) for number in range(heat.shape[1]))
        rows = tuple(tuple(round(cell, 1) for cell in row) for row in heat.tolist())
        yield Table("heat", columns, rows, about=floor.camera, printed=False, shaded=True)
