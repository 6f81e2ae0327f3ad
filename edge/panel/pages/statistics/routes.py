"""What can be taken away from the statistics: each figure as a file."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from edge.core.errors import AcmError
from edge.panel.actions import NotAllowedError
from edge.panel.auth.rights import Right
from edge.panel.pages.statistics.sheet import asked
from edge.panel.pages.statistics.sheets import HUB_SHEETS, SHEETS

if TYPE_CHECKING:
    from edge.panel.auth.visitor import Visitor
    from edge.panel.panel import Panel

UNNAMEABLE = re.compile(r"[^A-Za-z0-9]+")


def statistics_routes(panel: Panel) -> APIRouter:
    """The routes; the gate has let in who asks, and the right is asked for again."""
    router = APIRouter(include_in_schema=False, prefix="/statistics")
    sheets = {sheet.name: sheet for sheet in (SHEETS if panel.sites is None else HUB_SHEETS)}

    @router.get("/{sheet}/{figure}.csv")
    async def file(request: Request, sheet: str, figure: str) -> Response:
        visitor: Visitor = request.state.visitor
        words = panel.words_for(visitor, request.headers.get("accept-language", ""))
        if sheet not in sheets:
            return PlainTextResponse(words("shell.not_here"), 404)
        try:
            await panel.actions.permit(visitor, Right.SEE)
            ask = asked(panel, words, request.query_params, sheets[sheet])
            found = await sheets[sheet].figures(ask)
        except NotAllowedError as error:
            return PlainTextResponse(words(error.key), 403)
        except AcmError as error:
            return PlainTextResponse(str(error), 503)
        made = next((one for one in found if one.name == figure), None)
        if made is None:
            return PlainTextResponse(words("shell.not_here"), 404)
        period = ask.chosen.period
        name = f"{file_name(ask.shop.name or panel.site, figure)}-{period.first}-{period.last}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(made.table.csv(), media_type="text/csv; charset=utf-8", headers=headers)

    return router


def file_name(*parts: str) -> str:
    """Names of people's as part of a file's name that every system takes."""
    plain = (unicodedata.normalize("NFKD", part).encode("ascii", "ignore").decode() for part in parts)
    named = (UNNAMEABLE.sub("-", part).strip("-").lower()[:40] for part in plain)
    return "-".join(part for part in named if part) or "statistics"
