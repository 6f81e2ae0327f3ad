"""What readers may ask: sites, devices, what they said, and figures by hour or day in the site's own time."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Query, Request

from edge.core.calendar import day_number
from edge.hub import views
from edge.hub.answers import RefusedError, errors
from edge.hub.callers import READER, desk_of, reader
from edge.storage.hub import queries
from edge.storage.hub.queries import Asked, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge.hub.desk import Desk

router = APIRouter(tags=["readers"], dependencies=[READER, Depends(reader)])

Row = TypeVar("Row", bound=queries.Row)
# The east of the world is so far ahead.
AHEAD = timedelta(hours=14)
WEEK = timedelta(days=7)
MOST_DAYS, MOST_LEDGER_DAYS, MOST_HOURLY_DAYS = 3660, 366, 62
REFUSALS = errors(401, 404, 408, 413, 422, 429, 503)
Name = Annotated[str, Query(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
By = Annotated[Literal["hour", "day"], Query(description="figures of hours or of days")]
First = Annotated[
    date | None, Query(description="the first day, by the site's calendar, such as 2026-11-01; a week before the last")
]
Last = Annotated[date | None, Query(description="the last day, included; today, wherever the site is")]
Limit = Annotated[int, Query(ge=1, le=1000, description="rows of a page")]
After = Annotated[str, Query(max_length=400, description="`next` of the page before")]


@dataclass(frozen=True, slots=True)
class Span:
    """The days asked for."""

    first: date
    last: date
    by: Literal["hour", "day"] = "day"

    def checked(self, most_days: int = MOST_DAYS) -> Span:
        """The same. Raises ``RefusedError`` if they are too many, or the wrong way round."""
        if self.first.year < 2000 or self.last.year > 2199:  # noqa: PLR2004 - as on the wire
            raise RefusedError(422, "first, last: days are from 2000-01-01 to 2199-12-31.")
        if not timedelta(0) <= self.last - self.first < timedelta(days=most_days):
            raise RefusedError(422, f"last: is before first, or {most_days} days after it or more.")
        return self


def spanned(request: Request, first: First = None, last: Last = None, by: By = "day") -> Span:
    """The days asked for, or the last week."""
    last = last or (desk_of(request).now + AHEAD).date()
    return Span(first or last - WEEK, last, by)


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page."""

    limit: Limit = 200
    after: After = ""

    def page(self, kinds: tuple[type, ...]) -> Page:
        """The page, one row more than will be shown. Raises ``RefusedError`` if ``after`` is none of ours."""
        return Page(self.limit + 1, _key(self.after, kinds) if self.after else ())


@router.get("/v1/sites", summary="All sites", responses=REFUSALS)
async def sites(request: Request) -> views.Sites:
    """Give every site with its time zone."""
    desk = desk_of(request)
    found = await desk.do(desk.registry.sites)
    return views.Sites(
        sites=[
            views.Site(name=row.name, time_zone=row.zone, day_starts_h=row.day_starts_h, devices=row.devices)
            for row in found
        ]
    )


@router.get("/v1/devices", summary="How devices do", responses=REFUSALS)
async def devices(request: Request, paging: Annotated[Paging, Depends()], site: Name = "") -> views.Devices:
    """Give each device: when it last sent, its version, what waits on it, how it came by the time."""
    desk = desk_of(request)
    page = paging.page((str,))
    rows, more = await rows_of(desk, paging, lambda: queries.devices(desk.store.database, site, page))
    return views.Devices(devices=[views.device(row) for row in rows], next=next_of(rows, more, 1))


@router.get("/v1/devices/{device}/notices", summary="What a device said about itself", responses=REFUSALS)
async def notices(request: Request, device: str, paging: Annotated[Paging, Depends()]) -> views.Notices:
    """Give a device's notices, the latest first."""
    desk = desk_of(request)
    if await desk.do(lambda: desk.registry.public_key(_plain(device))) is None:
        raise RefusedError(404, "There is no such device; /v1/devices lists all.")
    page = paging.page((int, int, int))
    rows, more = await rows_of(desk, paging, lambda: queries.notices(desk.store.database, device, page))
    return views.Notices(notices=[views.notice(row) for row in rows], next=next_of(rows, more, 3))


@router.get("/v1/counts", summary="How many went in and out", responses=REFUSALS)
async def counts(  # noqa: PLR0913, PLR0917 - FastAPI reads what may be asked off the arguments
    request: Request, span: Annotated[Span, Depends(spanned)], paging: Annotated[Paging, Depends()],
    per: Annotated[Literal["site", "camera", "line"], Query(description="sites and cameras: doors only")] = "line",
    site: Name = "", device: Name = "", camera: Name = "", line: Name = "",
) -> views.Counts:  # fmt: skip
    """Give crossings by hour or day. Hours and days without any are left out."""
    desk = desk_of(request)
    asked = _asked(span, per, site=site, device=device, camera=camera, name=line)
    page = paging.page(_kinds(span.by, per))
    rows, more = await rows_of(desk, paging, lambda: queries.counts(desk.store.database, asked, page))
    return views.Counts(
        counts=[views.count(row, span.by, per) for row in rows], next=next_of(rows, more, len(page_keys(span.by, per)))
    )


@router.get("/v1/stays", summary="How long people stayed", responses=REFUSALS)
async def stays(  # noqa: PLR0913, PLR0917 - as above
    request: Request, span: Annotated[Span, Depends(spanned)], paging: Annotated[Paging, Depends()],
    per: Annotated[Literal["site", "camera", "zone"], Query(description="visits, or stays in zones")] = "camera",
    site: Name = "", device: Name = "", camera: Name = "", zone: Name = "",
) -> views.Stays:  # fmt: skip
    """Give how many stays ended and how long they were on average, by hour or day."""
    desk = desk_of(request)
    asked = _asked(span, per, site=site, device=device, camera=camera, name=zone)
    page = paging.page(_kinds(span.by, per))
    rows, more = await rows_of(desk, paging, lambda: queries.stays(desk.store.database, asked, page))
    return views.Stays(
        stays=[views.stay(row, span.by, per) for row in rows], next=next_of(rows, more, len(page_keys(span.by, per)))
    )


@router.get("/v1/occupancy", summary="How many were inside", responses=REFUSALS)
async def occupancy(request: Request, span: Annotated[Span, Depends(spanned)], site: Name) -> views.Occupancy:
    """Give how many people were inside at the end of each hour or day of a site, and at most at an hour's end."""
    span.checked(MOST_HOURLY_DAYS if span.by == "hour" else MOST_LEDGER_DAYS)
    desk = desk_of(request)
    row = next((row for row in await desk.do(desk.registry.sites) if row.name == site), None)
    if row is None:
        raise RefusedError(404, "There is no such site; /v1/sites lists all.")
    calendar = desk.store.hours_in(row.zone, row.day_starts_h).calendar

    def told() -> views.Occupancy:
        days = range(day_number(span.first), day_number(span.last) + 1)
        ledger = queries.ledger(desk.store.database, site, days[0], days[-1])
        return views.occupancy(list(views.hours_inside(calendar, days, ledger, desk.now_ms)), span.by)

    return await desk.do(told)


async def rows_of(desk: Desk, paging: Paging, ask: Callable[[], list[Row]]) -> tuple[list[Row], bool]:
    """A page's rows, and whether there are more."""
    found = await desk.do(ask)
    return found[: paging.limit], len(found) > paging.limit


def _asked(span: Span, per: str, **names: str) -> Asked:
    span.checked()
    return Asked(day_number(span.first), day_number(span.last), span.by, per, **names)


def page_keys(by: str, per: str) -> tuple[str, ...]:
    """What tells a row of figures apart."""
    return (*queries.BY[by], *queries.PER[per])


def _kinds(by: str, per: str) -> tuple[type, ...]:
    return tuple(int if key.startswith("f.") or key == "u.door" else str for key in page_keys(by, per))


def next_of(rows: Sequence[queries.Row], more: bool, keys: int) -> str | None:  # noqa: FBT001 - a row's key goes with it
    """Where the next page begins, told by as many columns as make a row's key; None on the last one."""
    if not more:
        return None
    return base64.urlsafe_b64encode(json.dumps(rows[-1][:keys]).encode()).decode("ascii")


def _key(after: str, kinds: tuple[type, ...]) -> tuple[Any, ...]:
    try:
        key = json.loads(base64.urlsafe_b64decode(after.encode()))
    except (ValueError, binascii.Error, RecursionError):
        key = None
    fits = isinstance(key, list) and len(key) == len(kinds)
    if not fits or not all(_fits(value, kind) for value, kind in zip(key, kinds, strict=True)):
        raise RefusedError(422, "after: is no `next` of a page of this kind; leave it out to begin anew.")
    return tuple(key)


def _fits(value: object, kind: type) -> bool:
    if kind is int:
        return (type(value) is int and abs(value) < 2**31) or (type(value) is int and 0 <= value < 2**53)
    return isinstance(value, str) and value == _plain(value)


def _plain(text: str) -> str:
    """A text without what no database takes."""
    return "".join(letter for letter in text if letter.isprintable())
