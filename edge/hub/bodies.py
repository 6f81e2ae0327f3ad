"""Reading what comes in: so many bytes, so many seconds, and no more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from edge.hub.answers import RefusedError

if TYPE_CHECKING:
    from fastapi import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Everything but batches and reports.
MOST_SMALL_BYTES = 16 * 1024
SMALL_S = 10.0
# Read by those who work on them, who know how big they may be.
BIG = (("POST", "/v1/batches"), ("PUT", "/v1/reports"))


async def read_body(request: Request, most_bytes: int, limit_s: float) -> bytes:
    """The body, as it came. Raises ``RefusedError`` if it is too big or too slow; no more than that is ever held."""
    refuse_length(request.headers.get("content-length"), most_bytes)
    try:
        return await asyncio.wait_for(_gathered(request, most_bytes), limit_s)
    except ClientDisconnect:
        # Nobody is there to read it; networks break off all the time.
        raise RefusedError(400, "The body broke off; send it again.") from None
    except asyncio.TimeoutError:
        raise RefusedError(408, f"The body did not come in within {limit_s:g} s; send less at once.") from None


def refuse_length(length: str | None, most_bytes: int) -> None:
    """Refuse a body that says it is too big, before any of it is read."""
    if length is not None and (not length.isascii() or not length.isdigit() or int(length[:20]) > most_bytes):
        raise too_big(most_bytes)


def too_big(most_bytes: int) -> RefusedError:
    """The refusal."""
    return RefusedError(413, f"The body is too big: at most {most_bytes} bytes are taken; send less at once.")


async def _gathered(request: Request, most_bytes: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most_bytes:
            raise too_big(most_bytes)
        parts.append(part)
    return b"".join(parts)


class SmallBodies:
    """Reads the small bodies of all requests but batches and reports beforehand, within their limits."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, as ASGI has it."""
        if scope["type"] != "http" or (scope["method"], scope["path"]) in BIG:
            await self._app(scope, receive, send)
            return
        try:
            length = dict(scope["headers"]).get(b"content-length")
            refuse_length(None if length is None else length.decode("latin-1"), MOST_SMALL_BYTES)
            body = await asyncio.wait_for(_all_of(receive), SMALL_S)
        except asyncio.TimeoutError:
            refused = RefusedError(408, f"The request did not come in within {SMALL_S:g} s.")
            await refused.answer()(scope, receive, send)
            return
        except RefusedError as error:
            await error.answer()(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)


async def _all_of(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body
        body += bytes(message.get("body", b""))
        if len(body) > MOST_SMALL_BYTES:
            raise too_big(MOST_SMALL_BYTES)
        if not message.get("more_body", False):
            return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    told = False

    async def replay() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
