"""The file by which phones and computers come to trust the box's own certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from edge.panel.auth.rights import Right
from edge.panel.plain import message

if TYPE_CHECKING:
    from edge.panel.panel import Panel

AUTHORITY = "/secure/authority.crt"
NAME, KIND = "customer-messenger.crt", "application/x-x509-ca-cert"


def secure_routes(panel: Panel) -> APIRouter:
    """The route."""
    router = APIRouter(include_in_schema=False)

    async def authority(request: Request) -> Response:
        file = panel.certificates.authority
        if not request.state.visitor.may(Right.SEE) or not file.exists():
            return message(panel, request, 404, "shell.not_here")
        return FileResponse(file, media_type=KIND, filename=NAME)

    router.add_api_route(AUTHORITY, authority, methods=["GET"])
    return router
