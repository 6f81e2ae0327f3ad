"""How the box does and what it counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query

from edge.panel.api import shapes
from edge.panel.api.asking import After, Limit, needs, page
from edge.panel.api.spans import From, To, days_asked
from edge.panel.auth.rights import Right
from edge.panel.words import FIRST
from edge.storage.records import Visit

if TYPE_CHECKING:
    from edge.panel.panel import Panel
    from edge.storage.kept import Kept
    from edge.storage.queries import LevelFigure, LineFigure, Records

KEEP_S = 5.0
By = Annotated[Literal["hour", "day"], Query(description="by the hour or by the day")]


def figure_routes(panel: Panel) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["figures"], dependencies=[needs(Right.SEE)])

    @router.get("/status")
    async def status() -> shapes.Status:
        """How the box does: its traffic light with the reasons, and all the counter tells of itself."""
        health = panel.health
        reasons = [reason.sentence(panel.languages.get(FIRST)) for reason in health.reasons]
        light = shapes.Light(level=health.level.value, reasons=reasons)
        counter = None if panel.daemon.gone else panel.daemon.status
        return shapes.Status(site=panel.site, health=light, counter=counter)

    @router.get("/counts")
    async def counts(by: By = "hour", first: From = None, to: To = None, after: After = 0,
                     limit: Limit = 500) -> shapes.Counts:  # fmt: skip
        """How many came in and went out over each line, by the hour or day; those in which nobody did are left out."""
        start, end = days_asked(panel, first, to, by)

        def lines(records: Records) -> list[LineFigure]:
            return records.lines_by_hour(start, end) if by == "hour" else records.lines_by_day(start, end)

        found = await panel.reading.ask(lines, key=("counts", by, start, end), keep_s=KEEP_S)
        items, following = page(found, after, limit, _count)
        return shapes.Counts.model_validate({"items": items, "next": following})

    @router.get("/occupancy")
    async def occupancy(by: By = "hour", first: From = None, to: To = None, after: After = 0,
                        limit: Limit = 500) -> shapes.Levels:  # fmt: skip
        """How many are inside, and were most at once in each hour or day in which that changed."""
        start, end = days_asked(panel, first, to, by)

        def levels(records: Records) -> list[LevelFigure]:
            return records.levels_by_hour(start, end) if by == "hour" else records.levels_by_day(start, end)

        found = await panel.reading.ask(levels, key=("levels", by, start, end), keep_s=KEEP_S)
        items, following = page(found, after, limit, _level)
        status = None if panel.daemon.gone else panel.daemon.status
        inside = None if status is None else status["inside"]
        return shapes.Levels.model_validate({"inside": inside, "items": items, "next": following})

    @router.get("/visits")
    async def visits(after: After = 0, limit: Limit = 500) -> shapes.Visits:
        """Visits that ended, in the order they were recorded, from the oldest on."""
        found = await panel.reading.ask(lambda records: records.after(after, limit + 1, (Visit,)))
        following = found[limit - 1].seq if len(found) > limit else None
        return shapes.Visits(items=[_visit(kept) for kept in found[:limit]], next=following)

    return router


def _count(figure: LineFigure) -> dict[str, object]:
    when = figure.when
    return {
        "day": when.day, "start": when.start, "clock_hour": when.clock_hour, "camera": figure.camera,
        "line": figure.line, "door": figure.door, "ins": figure.ins, "outs": figure.outs,
    }  # fmt: skip


def _level(figure: LevelFigure) -> dict[str, object]:
    when = figure.when
    return {"day": when.day, "start": when.start, "clock_hour": when.clock_hour, "peak": figure.peak,
            "inside": figure.inside}  # fmt: skip


def _visit(kept: Kept) -> shapes.Visit:
    visit = kept.record
    assert isinstance(visit, Visit)  # noqa: S101 - no other kind was asked for
    return shapes.Visit(seq=kept.seq, at=kept.at, camera=visit.camera, stay_s=visit.stay_s)
