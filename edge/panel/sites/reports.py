"""The reports that devices sent to a hub: what belongs together, and where each file is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from edge.core.calendar import day_of_number
from edge.core.reportfile import REPORT_KINDS, ending
from edge.panel.actions import NotAllowedError
from edge.panel.auth.rights import Right
from edge.storage.hub.errors import HubStorageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from edge.panel.auth.visitor import Visitor
    from edge.panel.panel import Panel
    from edge.storage.hub.reports import KeptFile

PLACE = "/reports/files"
# As many as a browser holds in a number.
MOST_DIGITS = 16


@dataclass(frozen=True, slots=True)
class SentReport:
    """The files of one report of some days, as one device sent them; the first of them is the latest."""

    files: tuple[KeptFile, ...]

    @property
    def first(self) -> date:
        """The first day it is of."""
        return day_of_number(self.files[0].first_day)

    @property
    def last(self) -> date:
        """The last one."""
        return day_of_number(self.files[0].last_day)


def together(files: Iterable[KeptFile]) -> list[SentReport]:
    """Files by the report they are of, in the order they come in."""
    found: dict[tuple[object, ...], list[KeptFile]] = {}
    for one in files:
        found.setdefault((one.device, one.report, one.every, one.first_day, one.last_day), []).append(one)
    return [SentReport(tuple(one)) for one in found.values()]


def link(one: KeptFile) -> str:
    """Where a file is fetched."""
    return f"{PLACE}/{one.device}/{one.number}"


def report_routes(panel: Panel) -> APIRouter:
    """Where files are fetched; the gate has let in who asks, and the right is asked for again."""
    router = APIRouter(include_in_schema=False, prefix=PLACE)

    @router.get("/{device}/{number}")
    async def fetch(request: Request, device: str, number: str) -> Response:
        visitor: Visitor = request.state.visitor
        words = panel.words_for(visitor, request.headers.get("accept-language", ""))
        try:
            await panel.actions.permit(visitor, Right.SEE)
            found = await _found(panel, device, number)
        except NotAllowedError as error:
            return PlainTextResponse(words(error.key), 403)
        except HubStorageError:
            return PlainTextResponse(words("sites.away"), 503)
        if found is None:
            return PlainTextResponse(words("hub_reports.gone"), 404)
        name, body = found
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        kind = REPORT_KINDS.get(ending(name), "application/octet-stream")
        return Response(body, media_type=kind, headers=headers)

    return router


async def _found(panel: Panel, device: str, number: str) -> tuple[str, bytes] | None:
    whole = number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS
    if panel.sites is None or not whole or not device.isprintable():
        return None
    return await panel.sites.report(device, int(number))
