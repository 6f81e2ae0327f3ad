"""What happens, as it happens: server-sent events."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response, StreamingResponse

from edge.panel.api.asking import needs
from edge.panel.auth.rights import Right

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from edge.panel.panel import Panel

ALIVE_S = 15.0
# Who is that far behind does not read; the oldest are left out, and told so.
WAITING = 200
MOST_LISTENERS = 16


def event_routes(panel: Panel) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["events"], dependencies=[needs(Right.SEE)])
    listeners: set[object] = set()

    @router.get("/events", response_model=None, responses={200: {"content": {"text/event-stream": {}}}})
    async def events() -> Response:
        """Every event from now on (`text/event-stream`): its kind as `event`, its values as JSON in `data`.

        Each count comes as `line-crossed`, and as `recorded` once it is on the disk. A comment comes every 15 s.
        """
        if len(listeners) >= MOST_LISTENERS:
            return JSONResponse({"error": f"{MOST_LISTENERS} others are listening; close one."}, 503)
        return StreamingResponse(_told(panel, listeners), media_type="text/event-stream")

    return router


async def _told(panel: Panel, listeners: set[object]) -> AsyncIterator[str]:
    waiting: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue(WAITING)

    def happened(event: Mapping[str, Any]) -> None:
        if waiting.full():
            waiting.get_nowait()
        waiting.put_nowait(event)

    watch = panel.daemon.watch(lambda: None, happened)
    listeners.add(watch)
    try:
        yield ": from now on\n\n"
        while True:
            try:
                event = await asyncio.wait_for(waiting.get(), ALIVE_S)
            except asyncio.TimeoutError:
                yield ": still here\n\n"
                continue
            yield f"event: {event['event']}\ndata: {json.dumps(dict(event))}\n\n"
    finally:
        listeners.discard(watch)
        watch.stop()
