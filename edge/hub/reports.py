"""Reports: files that devices make by themselves, kept for people to fetch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - FastAPI reads the annotations
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import TypeAdapter, ValidationError

from edge.config.table import Name as ReportName
from edge.core.reportfile import (
    MOST_REPORT_BYTES,
    MOST_REPORT_DAYS,
    MOST_REPORT_FILE,
    MOST_REPORT_NAME,
    REPORT_FILE,
    REPORT_KINDS,
    ending,
    looks_like,
)
from edge.hub import views
from edge.hub.answers import RefusedError, errors
from edge.hub.bodies import read_body
from edge.hub.callers import DEVICE, READER, caller_of, desk_of, pay_for, reader
from edge.hub.reading import REFUSALS, Name, Paging, Span, next_of, rows_of
from edge.storage.hub import reports
from edge.storage.hub.registry import Caller  # noqa: TC001 - as above
from edge.storage.hub.reports import SentFile
from edge.storage.hub.store import UnknownDeviceError

if TYPE_CHECKING:
    from edge.hub.desk import Desk
    from edge.storage.hub.reports import KeptFile

sending = APIRouter(tags=["devices"], dependencies=[DEVICE])
router = APIRouter(tags=["readers"], dependencies=[READER, Depends(reader)])

NAMED: TypeAdapter[str] = TypeAdapter(ReportName)
MEDIA_TYPE = "application/octet-stream"
BYTES = {"schema": {"type": "string", "format": "binary"}}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"description": "the file", "content": {kind.partition(";")[0]: BYTES for kind in REPORT_KINDS.values()}}
}
# As many as a JavaScript program can hold in a number.
Number = Annotated[int, Path(ge=0, lt=2**53, description="as /v1/reports has it")]


@dataclass(frozen=True, slots=True)
class Named:
    """Which file is sent: what a report may be called on a device, it may be called here."""

    report: Annotated[
        str, Query(min_length=1, max_length=MOST_REPORT_NAME, description="what the report is called on the device")
    ]
    every: Annotated[Literal["day", "week", "month"], Query(description="how often it comes round")]
    first: Annotated[date, Query(description="the first day it is of, such as 2026-11-16")]
    last: Annotated[date, Query(description="the last one, included; a month later at most")]
    file: Annotated[
        str, Query(max_length=MOST_REPORT_FILE, pattern=REPORT_FILE, description="such as report-2026-W47.pdf")
    ]

    def checked(self) -> Named:
        """The same. Raises ``RefusedError`` if the name cannot be shown, or the days are none of a report's."""
        try:
            NAMED.validate_python(self.report)
        except ValidationError:
            raise RefusedError(422, "report: begins or ends with a space, or has letters nobody sees.") from None
        Span(self.first, self.last).checked(MOST_REPORT_DAYS + 1)
        return self


@sending.put(
    "/v1/reports",
    summary="Send a file of a report",
    status_code=204,
    response_class=Response,
    responses=errors(400, 401, 403, 408, 413, 415, 422, 429, 503),
    openapi_extra={"requestBody": {"required": True, "content": {MEDIA_TYPE: BYTES}}},
)
async def sent(
    request: Request, caller: Annotated[Caller, Depends(caller_of)], named: Annotated[Named, Depends()]
) -> Response:
    """Keep a file, in the place of what the device sent before of that report, of these days, by that name.

    It counts as a batch. Of a report 60 files are kept and of a device 300; those sent first go first.
    """
    named.checked()
    _refuse_kind(request)
    desk = desk_of(request)
    await _pay(request, desk, caller)
    await desk.enter()
    try:
        body = await read_body(request, MOST_REPORT_BYTES, desk.settings.limits.body_s)
        if not body or not looks_like(named.file, body):
            raise RefusedError(422, f"The body is no {ending(named.file)}, as the file's name says; send what it is.")
        await desk.do(lambda: _kept(desk, caller, named, body))
    finally:
        desk.leave()
    return Response(status_code=204)


@router.get("/v1/reports", summary="Files of reports", responses=REFUSALS)
async def listed(request: Request, paging: Annotated[Paging, Depends()], site: Name = "") -> views.ReportFiles:
    """Give the files of reports that devices sent, the latest first."""
    desk = desk_of(request)
    page = paging.page((int, int, int))

    def found() -> list[KeptFile]:
        with desk.store.database.using():
            return reports.listed(desk.store.database, site, page)

    rows, more = await rows_of(desk, paging, found)
    return views.ReportFiles(files=[views.report_file(row) for row in rows], next=next_of(rows, more, 3))


@router.get(
    "/v1/reports/{device}/{number}/file",
    summary="A file of a report",
    response_class=Response,
    responses={**FILES, **REFUSALS},
)
async def file(request: Request, device: str, number: Number) -> Response:
    """Give what a device sent."""
    desk = desk_of(request)

    def found() -> tuple[str, bytes] | None:
        with desk.store.database.using():
            return reports.fetched(desk.store.database, device, number)

    there = await desk.do(found) if device.isprintable() else None
    if there is None:
        raise RefusedError(404, "There is no such file, or it is not kept any more; /v1/reports lists all.")
    name, body = there
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }  # fmt: skip
    return Response(body, media_type=REPORT_KINDS.get(ending(name), MEDIA_TYPE), headers=headers)


async def _pay(request: Request, desk: Desk, caller: Caller) -> None:
    """Take one out of the purse that batches are paid from; who never sent any has one for reports alone."""
    if not await desk.do(lambda: desk.registry.charge(caller.id, desk.now_ms)):
        await pay_for(request, f"report of {caller.id}", desk.settings.limits.batches_a_minute)


def _refuse_kind(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MEDIA_TYPE or request.headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
        raise RefusedError(415, f"The body is of a kind not known here; send the file as it is, as {MEDIA_TYPE}.")


def _kept(desk: Desk, caller: Caller, named: Named, body: bytes) -> None:
    made = SentFile(named.report, named.every, named.first, named.last, named.file, body)
    try:
        reports.keep(desk.store.database, caller.id, made, desk.now_ms)
    except UnknownDeviceError as error:
        raise RefusedError(403, str(error)) from None
