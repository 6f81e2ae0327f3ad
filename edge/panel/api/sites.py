"""All shops of a hub and their devices, as the pages show them."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic reads the annotations
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter

from edge.core.timekeeping import from_ms
from edge.panel.api.asking import needs
from edge.panel.api.shapes import Shape
from edge.panel.auth.rights import Right
from edge.panel.words import FIRST

if TYPE_CHECKING:
    from edge.panel.panel import Panel
    from edge.panel.sites.compared import SiteRow
    from edge.panel.sites.judging import DeviceRow
    from edge.panel.words import Words

Colour = Literal["good", "warn", "bad"]


class SiteNow(Shape):
    """A site: ``usual`` is how many mostly have come in by now, ``before`` how many had by now in the week before."""

    name: str
    devices: int
    health: Colour
    reasons: list[str]
    seen: datetime | None
    today: int | None = None
    usual: float | None = None
    week: int | None = None
    before: float | None = None
    inside: int | None = None
    peak: int | None = None
    mean_stay_s: float | None = None


class DeviceNow(Shape):
    """A device: ``waiting`` rows were still to be sent when it last sent, ``refused`` were not taken on the whole."""

    id: str
    name: str
    site: str
    health: Colour
    reasons: list[str]
    revoked: bool
    version: str
    enrolled: datetime
    seen: datetime | None
    waiting: int
    clock: str
    refused: int


def site_api(panel: Panel) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["sites"], dependencies=[needs(Right.SEE)])
    words = panel.languages.get(FIRST)

    @router.get("/sites")
    async def sites() -> list[SiteNow]:
        """Every site: how its day and week go so far, and how its devices do."""
        return [] if panel.sites is None else [_site(row, words) for row in panel.sites.rows]

    @router.get("/devices")
    async def devices() -> list[DeviceNow]:
        """Every device: when it last sent, what waits on it, how it came by the time."""
        return [] if panel.sites is None else [_device(row, words) for row in panel.sites.devices]

    return router


def _site(row: SiteRow, words: Words) -> SiteNow:
    made = SiteNow(
        name=row.name, devices=row.devices, health=row.level.value,
        reasons=[fault.sentence(words) for fault in row.faults],
        seen=None if row.seen_ms is None else from_ms(row.seen_ms),
    )  # fmt: skip
    told = row.figures
    if told is None:
        return made
    figures = {
        "today": told.today, "usual": told.usual, "week": told.week, "before": told.before, "inside": told.inside,
        "peak": told.peak, "mean_stay_s": told.stay_s,
    }  # fmt: skip
    return made.model_copy(update=figures)


def _device(row: DeviceRow, words: Words) -> DeviceNow:
    device = row.device
    return DeviceNow(
        id=device.id, name=device.name, site=device.site, health=row.level.value,
        reasons=[fault.sentence(words) for fault in row.faults], revoked=device.revoked, version=device.version,
        enrolled=from_ms(device.enrolled_ms), seen=None if device.seen_ms is None else from_ms(device.seen_ms),
        waiting=device.waiting, clock=device.clock, refused=row.refused,
    )  # fmt: skip
