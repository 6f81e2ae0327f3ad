"""One line for each request: what was asked for and what became of it. Never who proves it how, nor what was sent."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from edge.core.clock import Clock

log = logging.getLogger("acm.hub")
MOST_PATH = 200


class AccessLog:
    """Tells of each request: address, method, path (without what follows ``?``), status, ms, and who it was."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, start_s = 500, self._clock.monotonic_s()
        scope.setdefault("state", {})

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            path = scope["path"][:MOST_PATH].encode("unicode_escape").decode("ascii")
            client = scope["client"][0] if scope.get("client") else "-"
            ms = (self._clock.monotonic_s() - start_s) * 1000
            who = scope["state"].get("who", "-")
            log.info("%s %s %s %d %.0f ms %s", client, scope["method"], path, status, ms, who)
