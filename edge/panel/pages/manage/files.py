"""What can be fetched from the Manage pages: sounds, copies of settings and records, the support bundle."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect

from edge.core.errors import AcmError, InputError
from edge.panel.actions import NotAllowedError
from edge.panel.actions_manage import Managing, shelf
from edge.panel.actions_restore import Restoring
from edge.panel.auth.rights import Right
from edge.panel.auth.secrets import same

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

    from edge.panel.auth.visitor import Visitor
    from edge.panel.panel import Panel

PLACE = "/manage/files"
KINDS = {".wav": "audio/wav", ".ogg": "audio/ogg", ".mp3": "audio/mpeg"}


def file_routes(panel: Panel) -> APIRouter:
    """The routes; the gate has let in who asks, and each right is asked for again."""
    router = APIRouter(include_in_schema=False, prefix=PLACE)

    @router.get("/sound/{name}")
    async def sound(request: Request, name: str) -> Response:
        if not _visitor(request).may(Right.RING):
            return _refused(NotAllowedError())
        try:
            path = shelf(panel).get(name)
        except InputError as error:
            return PlainTextResponse(str(error), 404)
        return FileResponse(path, media_type=KINDS[path.suffix], headers={"Cache-Control": "no-store"})

    @router.get("/settings")
    async def settings(request: Request) -> Response:
        visitor = _visitor(request)
        try:
            await panel.actions.permit(visitor, Right.SET)
        except NotAllowedError as error:
            return _refused(error)
        path = panel.settings.files.overrides
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        await panel.actions.note(visitor, "settings-copied")
        return Response(text, media_type="application/toml", headers=_attached("acm-settings.toml"))

    @router.get("/records")
    async def records(request: Request) -> Response:
        return await _sent(Managing(panel).copy(_visitor(request)), "acm-records.db")

    @router.get("/bundle")
    async def bundle(request: Request) -> Response:
        return await _sent(Managing(panel).bundle(_visitor(request)), "acm-bundle.tar.gz")

    _add_restore(router, panel)
    return router


def _add_restore(router: APIRouter, panel: Panel) -> None:
    @router.post("/restore")
    async def restore(request: Request) -> Response:
        """A copy of the records, to be looked over. Only from a page of ours."""
        visitor, size = _visitor(request), request.headers.get("content-length", "")
        if not visitor.csrf or not same(request.headers.get("x-csrf-token", ""), visitor.csrf):
            return _refused(NotAllowedError())
        try:
            await Restoring(panel).offer(visitor, request.stream(), int(size) if size.isdecimal() else 0)
        except NotAllowedError as error:
            return _refused(error)
        except AcmError as error:
            return PlainTextResponse(str(error), 400)
        except ClientDisconnect:
            # Nobody is there who could be answered.
            return PlainTextResponse("", 400)
        return PlainTextResponse("")


async def _sent(made: Awaitable[Path], name: str) -> Response:
    try:
        path = await made
    except AcmError as error:
        return _refused(error)
    gone = BackgroundTask(shutil.rmtree, path.parent, ignore_errors=True)
    return FileResponse(path, media_type="application/octet-stream", filename=name, background=gone)


def _refused(error: AcmError) -> Response:
    return PlainTextResponse(str(error), 403 if isinstance(error, NotAllowedError) else 503)


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _visitor(request: Request) -> Visitor:
    visitor: Visitor = request.state.visitor
    return visitor
