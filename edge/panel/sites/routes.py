"""The tables of sites and devices as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from edge.panel.actions import NotAllowedError
from edge.panel.auth.rights import Right
from edge.panel.sites.tables import devices_table, sites_table

if TYPE_CHECKING:
    from edge.panel.auth.visitor import Visitor
    from edge.panel.panel import Panel

TABLES = {"sites": sites_table, "devices": devices_table}


def site_routes(panel: Panel) -> APIRouter:
    """The routes; the gate has let in who asks, and the right is asked for again."""
    router = APIRouter(include_in_schema=False)

    @router.get("/{table}.csv")
    async def file(request: Request, table: str) -> Response:
        visitor: Visitor = request.state.visitor
        words = panel.words_for(visitor, request.headers.get("accept-language", ""))
        if table not in TABLES or panel.sites is None:
            return PlainTextResponse(words("shell.not_here"), 404)
        try:
            await panel.actions.permit(visitor, Right.SEE)
        except NotAllowedError as error:
            return PlainTextResponse(words(error.key), 403)
        headers = {"Content-Disposition": f'attachment; filename="{table}.csv"'}
        made = TABLES[table](panel.sites, words)
        return Response(made.csv(), media_type="text/csv; charset=utf-8", headers=headers)

    return router
