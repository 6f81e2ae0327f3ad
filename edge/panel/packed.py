"""Files for browsers, packed once and kept: a small board takes long to pack a megabyte of script for every visitor."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from edge.panel.gate import App, Receive, Scope, Send

PLACES = ("/_nicegui/", "/static/")
KINDS = (b"text/", b"application/javascript", b"application/json", b"image/svg+xml")
LEAST_BYTES = 800
# All that the pages need has less than 2 MB; a path made up by somebody finds nothing and is not kept.
MOST_BYTES = 6_000_000


class Packed:
    """Answers for files from memory, once they were asked for; everything else goes through."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._kept: dict[str, tuple[list[tuple[bytes, bytes]], bytes]] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(PLACES):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if b"gzip" not in headers.get(b"accept-encoding", b"") or b"range" in headers:
            await self._app(scope, receive, send)
            return
        kept = self._kept.get(scope["path"])
        if kept is None:
            answer = _Answer(send)
            await self._app(scope, receive, answer)
            kept = await answer.packed()
            if kept is None:
                return
            if self._bytes + len(kept[1]) <= MOST_BYTES:
                self._kept[scope["path"]] = kept
                self._bytes += len(kept[1])
        await send({"type": "http.response.start", "status": 200, "headers": list(kept[0])})
        await send({"type": "http.response.body", "body": kept[1]})


class _Answer:
    """Holds an answer back until it is whole, if it is worth packing; passes it on otherwise."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: MutableMapping[str, Any] | None = None
        self._passing = False
        self._body = bytearray()

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if self._passing:
            await self._send(message)
        elif message["type"] == "http.response.start":
            headers = {name.lower(): value for name, value in message["headers"]}
            worth = headers.get(b"content-type", b"").startswith(KINDS) and b"content-encoding" not in headers
            if message["status"] == 200 and worth:  # noqa: PLR2004 - what HTTP calls it
                self._start = message
            else:
                self._passing = True
                await self._send(message)
        else:
            self._body += message.get("body", b"")

    async def packed(self) -> tuple[list[tuple[bytes, bytes]], bytes] | None:
        """The headers and the packed body; None if it was passed on."""
        if self._start is None:
            return None
        body = bytes(self._body)
        headers = [pair for pair in self._start["headers"] if pair[0].lower() != b"content-length"]
        if len(body) >= LEAST_BYTES:
            body = gzip.compress(body, 9, mtime=0)
            headers.append((b"content-encoding", b"gzip"))
        return [*headers, (b"vary", b"accept-encoding"), (b"content-length", str(len(body)).encode())], body
