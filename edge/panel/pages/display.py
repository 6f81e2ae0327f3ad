"""The wall: how many are inside and whether there is room, full-screen, for a tablet at the door."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from edge.panel.auth.cookies import DISPLAY, cookie
from edge.panel.auth.rights import Right
from edge.panel.plain import message, plain_page, words_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from edge.panel.panel import Panel
    from edge.panel.words import Words

# A wall is signed in for as long as its token is good.
DISPLAY_DAYS = 400
# Something is said so often in any case, so that a wall that is cut off notices.
ALIVE_S = 15.0


@dataclass(frozen=True, slots=True)
class Wall:
    """What the wall shows. ``state``: open (green), full (red), plain (no limit is set) or away."""

    state: str
    count: str
    say: str
    limit: str


def wall(panel: Panel, words: Words) -> Wall:
    """What the wall shows now."""
    status, limit = panel.daemon.status, panel.settings.config.display.limit
    if status is None or panel.daemon.gone:
        return Wall("away", "", words("display.away"), "")
    inside = int(status["inside"])
    count, of = words.number(inside), words("display.of", limit=words.number(limit)) if limit else ""
    if limit and inside >= limit:
        return Wall("full", count, words("display.wait"), of)
    return Wall("open" if limit else "plain", count, words("display.welcome"), of)


def display_routes(panel: Panel) -> APIRouter:
    """The page and what keeps it right."""
    router = APIRouter(include_in_schema=False)

    async def page(request: Request) -> Response:
        if not request.state.visitor.may(Right.SHOW):
            return message(panel, request, 403, "shell.not_yours")
        return plain_page(panel, request, "display.html", told=wall(panel, words_of(panel, request)))

    async def now(request: Request) -> Response:
        if not request.state.visitor.may(Right.SHOW):
            return Response(status_code=403)
        return StreamingResponse(_told(panel, words_of(panel, request)), media_type="text/event-stream")

    async def key(request: Request, token: str) -> Response:
        visitor = await asyncio.to_thread(panel.doorman.program, token, request.state.address)
        if visitor is None or not visitor.may(Right.SHOW):
            return message(panel, request, 403, "claim.bad_link")
        answer = RedirectResponse("/display", 303)
        secure = request.url.scheme == "https"
        answer.headers.append("set-cookie", cookie(DISPLAY, token, secure=secure, days=DISPLAY_DAYS))
        return answer

    router.add_api_route("/display", page, methods=["GET"])
    router.add_api_route("/display/now", now, methods=["GET"])
    router.add_api_route("/display/key/{token}", key, methods=["GET"])
    return router


async def _told(panel: Panel, words: Words) -> AsyncIterator[str]:
    """What the wall shows, whenever that changes."""
    news = asyncio.Event()
    watch = panel.daemon.watch(news.set)
    before = None
    try:
        while True:
            told = wall(panel, words)
            yield f"data: {json.dumps(asdict(told))}\n\n" if told != before else ": still here\n\n"
            before = told
            news.clear()
            try:
                await asyncio.wait_for(news.wait(), ALIVE_S)
            except asyncio.TimeoutError:
                continue
    finally:
        watch.stop()
