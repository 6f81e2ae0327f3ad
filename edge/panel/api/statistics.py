"""Figures of any period: flow, stays, density, zones, and where people stood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query

from edge.analytics.periods import Period, Unit
from edge.analytics.stays import Stays
from edge.analytics.told import LONG_STAYS, Scope
from edge.core.errors import InputError
from edge.panel.api import shapes_statistics as shapes
from edge.panel.api.asking import After, Limit, needs, page
from edge.panel.api.spans import LONGEST_NAME, CutAtLine, CutInZone, From, To, days_asked
from edge.panel.auth.rights import Right

if TYPE_CHECKING:
    from edge.analytics.told import Flow, Slot, StayPart
    from edge.panel.panel import Panel
    from edge.storage.statistics.reader import StatisticsReader

KEEP_S = 5.0
Name = Annotated[str, Query(max_length=LONGEST_NAME, description="only this one, by its name; all if left out")]
Camera = Annotated[str, Query(min_length=1, max_length=LONGEST_NAME, description="the camera's name")]


def statistic_routes(panel: Panel) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["statistics"], dependencies=[needs(Right.SEE)])
    _add_flow(router, panel)
    _add_places(router, panel)
    return router


def _add_flow(router: APIRouter, panel: Panel) -> None:
    @router.get("/flow")
    async def flow(cut: Annotated[CutAtLine, Query()]) -> shapes.Flows:
        """How many came in and went out in each part of a period, also in those in which nobody did.

        At all doors, or at one camera's, or at one line.
        """
        period, by, scope = cut.period(panel), cut.by, Scope(cut.camera or None, cut.line or None)
        key = ("flow", by, period, scope)
        found = await panel.reading.ask(lambda records: records.flow(period, by, scope), key=key, keep_s=KEEP_S)
        items, following = page(found, cut.after, cut.limit, _flow)
        return shapes.Flows.model_validate({"items": items, "next": following})

    @router.get("/stays")
    async def stays(cut: Annotated[CutInZone, Query()]) -> shapes.StayParts:
        """How long people stayed in the shop, as one camera saw them leave, or in a zone; for each part of a period."""
        period, by, scope = cut.period(panel), cut.by, Scope(cut.camera or None, None, cut.zone or None)

        def asked(records: StatisticsReader) -> tuple[list[StayPart], Stays]:
            return records.stay_parts(period, by, scope), records.stays(period, scope)

        found, together = await panel.reading.ask(asked, key=("stays", by, period, scope), keep_s=KEEP_S)
        items, following = page(found, cut.after, cut.limit, _stay_part)
        told = {"together": _stays(together), "items": items, "next": following}
        return shapes.StayParts.model_validate(told)

    @router.get("/density")
    async def density(first: From = None, to: To = None, camera: Name = "", line: Name = "") -> shapes.Density:
        """In and out in each hour of the week, over a period."""
        period, scope = _period(panel, first, to, Unit.DAY), Scope(camera or None, line or None)
        found = await panel.reading.ask(
            lambda records: records.density(period, scope), key=("density", period, scope), keep_s=KEEP_S
        )
        told = {"first": period.first, "last": period.last, "ins": found.ins, "outs": found.outs, "days": found.days}
        return shapes.Density.model_validate(told)


def _add_places(router: APIRouter, panel: Panel) -> None:
    @router.get("/zones")
    async def zones(first: From = None, to: To = None, after: After = 0, limit: Limit = 500) -> shapes.Zones:
        """Every zone that is drawn or was, with the stays in it over a period."""
        period = _period(panel, first, to, Unit.DAY)
        places = await panel.reading.ask(
            lambda records: records.places(period), key=("zones", period), keep_s=KEEP_S
        )
        stayed = {(place.camera, place.zone): place.stays for place in places if place.zone}
        drawn = {
            (camera.name, zone.name): list(zone.corners) for camera in panel.settings.config.camera
            for zone in camera.zone
        }  # fmt: skip
        every = list(dict.fromkeys((*drawn, *sorted(stayed))))
        items, following = page(every, after, limit, lambda place: {
            "camera": place[0], "zone": place[1], "corners": drawn.get(place), "stays": _stays(stayed.get(place)),
        })  # fmt: skip
        return shapes.Zones.model_validate({"items": items, "next": following})

    @router.get("/heat")
    async def heat(camera: Camera, first: From = None, to: To = None) -> shapes.Heat:
        """How long people stood where in a camera's picture, over a period; no rows where nobody did."""
        period = _period(panel, first, to, Unit.HOUR)
        found = await panel.reading.ask(
            lambda records: records.heat_map(camera, period), key=("heat", camera, period), keep_s=KEEP_S
        )
        known = [one.name for one in panel.settings.config.camera]
        if found is None and camera not in known:
            raise InputError(f"There is no camera of this name; there are {', '.join(known) or 'none'}.")
        rows, columns = (0, 0) if found is None else found.shape
        cells = [] if found is None else found.round(1).tolist()
        return shapes.Heat(camera=camera, first=period.first, last=period.last, rows=rows, columns=columns,
                           person_seconds=cells)  # fmt: skip


def _period(panel: Panel, first: From, last: To, by: Unit) -> Period:
    return Period(*days_asked(panel, first, last, by.value))


def _slot(slot: Slot) -> dict[str, object]:
    return {"first": slot.first, "last": slot.last, "start": slot.start, "clock_hour": slot.clock_hour}


def _flow(flow: Flow) -> dict[str, object]:
    return {**_slot(flow.slot), "ins": flow.ins, "outs": flow.outs}


def _stay_part(part: StayPart) -> dict[str, object]:
    return {**_slot(part.slot), "stays": _stays(part.stays)}


def _stays(stays: Stays | None) -> dict[str, object]:
    stays = stays or Stays()
    return {"count": stays.count, "mean_s": _short(stays.mean_s), "median_s": _short(stays.median_s),
            "nine_of_ten_s": _short(stays.quantile_s(LONG_STAYS))}  # fmt: skip


def _short(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
