"""The shop's own sounds: which there are, and one more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request

from edge.core.errors import InputError
from edge.hardware.sound_files import MOST_WAV_BYTES, shipped
from edge.panel.actions_manage import Managing, shelf
from edge.panel.api import shapes
from edge.panel.api.asking import needs, visitor_of
from edge.panel.auth.rights import Right

if TYPE_CHECKING:
    from edge.panel.panel import Panel

Name = Annotated[str, Query(min_length=1, max_length=80, description="what the sound is called")]
BINARY = {"schema": {"type": "string", "format": "binary"}}
BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}}


def sound_routes(panel: Panel) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["sounds"])

    @router.get("/sounds", dependencies=[needs(Right.RING)])
    async def sounds() -> list[shapes.Sound]:
        """Every sound that may be chosen: those that ship, and the shop's own."""
        own = await asyncio.to_thread(shelf(panel).all)
        return [*(shapes.Sound(name=path.name, own=True) for path in own),
                *(shapes.Sound(name=name, own=False) for name in shipped())]  # fmt: skip

    @router.post("/sounds", dependencies=[needs(Right.SET)], status_code=201, openapi_extra=BODY)
    async def add(request: Request, name: Name) -> shapes.Sound:
        """Keep a sound: WAV, OGG or MP3 of up to 15 s, as the body of the call."""
        data = bytearray()
        async for part in request.stream():
            data += part
            if len(data) > MOST_WAV_BYTES:
                raise InputError(f"This is too big for a chime; at most {MOST_WAV_BYTES // 1_000_000} MB.")
        path = await Managing(panel).add_sound(visitor_of(request), name, bytes(data))
        return shapes.Sound(name=path.name, own=True)

    return router
