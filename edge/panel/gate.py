"""The gate before everything the panel serves: who is asking, may they, and what a browser is told to be careful of.

Pages, the API and the websocket behind the pages all pass here; what is open to everybody is named in ``OPEN``.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from nicegui.version import __version__

from edge.panel.auth.cookies import DISPLAY, SESSION, cookies_of
from edge.panel.auth.rights import Right
from edge.panel.auth.secrets import same
from edge.panel.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from edge.core.clock import Clock
    from edge.panel.auth.doorman import Doorman
    from edge.panel.auth.visitor import Visitor

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

SIGN_IN, CLAIM, ENTER = "/sign-in", "/claim/", "/enter/"
DISPLAY_PAGE, API, SOCKET = "/display", "/api/", "/_nicegui_ws/"
DISPLAY_KEY = "/display/key/"
# What anybody may fetch: it holds nothing of this shop.
ASSETS = ("/static/", f"/_nicegui/{__version__}/", "/sw.js", "/manifest.webmanifest", "/offline", "/favicon.ico")
OPEN = (SIGN_IN, CLAIM, ENTER, DISPLAY_KEY, *ASSETS)
SAFE = ("GET", "HEAD", "OPTIONS")
# Browsers of four people who open a page at once stay below it; a flood does not.
A_SECOND, BURST = 40.0, 320.0
TOKEN_BURST = 60.0
MOST_BYTES, MOST_UPLOAD_BYTES = 262_144, 24_000_000
UPLOADS = ("/_nicegui/client/", "/api/v1/sounds", "/api/v1/backup")
# A copy of the records of years; the page behind it has its own limit.
RESTORE, MOST_RESTORE_BYTES = "/manage/files/restore", 4_000_000_000
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    # Nothing to other sites. Not no-referrer: with it browsers hide the origin of our own forms from us, too.
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
# Where a greeting is recorded.
RECORDING = "/manage/sounds"
HEARING = ((b"permissions-policy", b"camera=(), geolocation=(), microphone=(self), payment=(), usb=()"),)
# Vue makes functions of the pages' templates in the browser, hence unsafe-eval; scripts in a page need the nonce.
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; connect-src 'self'{sockets}; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """What is answered instead. ``sentence`` is for people and programs."""

    def __init__(self, status: int, sentence: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, headers


class Gate:
    """Lets a request through to ``app`` with ``visitor``, ``nonce`` and ``address`` in its state, or answers itself."""

    def __init__(self, app: App, doorman: Doorman, clock: Clock, *, proxied: bool = False) -> None:
        self._app, self._doorman, self._clock, self._proxied = app, doorman, clock, proxied
        self.rates = Rates(A_SECOND, BURST)
        self._words = Rates(A_SECOND / 4, TOKEN_BURST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        try:
            visitor = await self._passed(scope)
        except Refusal as refusal:
            await _refuse(scope, receive, send, refusal)
            return
        scope["state"] = {**scope.get("state", {}), "visitor": visitor, "nonce": nonce, "address": _address(scope)}
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        limited = _Limited(receive, _most_bytes(scope["path"]))
        await self._app(scope, limited, _Careful(send, nonce, _sockets(scope), scope["path"]))

    async def _passed(self, scope: Scope) -> Visitor | None:
        """Who is asking. Raises ``Refusal``."""
        address, path, now_s = _address(scope), scope["path"], self._clock.monotonic_s()
        self._refuse_flood(self.rates.take(address, now_s))
        if not path.isprintable():
            raise Refusal(404, "There is nothing at this address.")
        headers = scope["headers"] = [pair for pair in scope["headers"] if self._believed(pair[0])]
        found = dict(headers)
        _refuse_strangers_pages(scope, found)
        _refuse_too_much(found, path)
        if path.startswith(ASSETS):
            return None
        visitor = await self._visitor(headers, found, path, address)
        if visitor is None:
            if not path.startswith(OPEN):
                raise _who(scope, path)
            return None
        if path.startswith(API):
            self._refuse_flood(self._words.take(visitor.session or visitor.name, now_s))
            _refuse_forged(scope, found, visitor)
        if not visitor.may(Right.SEE) and not path.startswith((*OPEN, DISPLAY_PAGE, API)):
            raise Refusal(403, "This token is for the wall display only.")
        return visitor

    async def _visitor(self, headers: list[tuple[bytes, bytes]], found: dict[bytes, bytes], path: str,
                       address: str) -> Visitor | None:  # fmt: skip
        bearer = found.get(b"authorization", b"").decode("latin-1")
        if bearer.lower().startswith("bearer ") and path.startswith(API):
            visitor = await asyncio.to_thread(self._doorman.program, bearer[7:].strip(), address)
            if visitor is None:
                raise Refusal(401, "This token is not known, or has ended.", ((b"www-authenticate", b"Bearer"),))
            return visitor
        jar = cookies_of(headers)
        if jar.get(SESSION):
            return await asyncio.to_thread(self._doorman.visitor, jar[SESSION], address)
        if jar.get(DISPLAY) and path.startswith(DISPLAY_PAGE):
            return await asyncio.to_thread(self._doorman.program, jar[DISPLAY], address)
        return None

    def _believed(self, header: bytes) -> bool:
        """Whether a header may be what it says: those of a proxy are believed only if there is one."""
        return self._proxied or not header.startswith(b"x-forwarded-")

    @staticmethod
    def _refuse_flood(wait_s: float) -> None:
        if wait_s > 0:
            after = str(int(wait_s) + 1)
            raise Refusal(429, f"Too many calls; try again in {after} s.", ((b"retry-after", after.encode()),))


class _Careful:
    """Adds to every answer what a browser is to be careful of."""

    def __init__(self, send: Send, nonce: str, sockets: str, path: str) -> None:
        self._send, self._nonce, self._sockets, self._path = send, nonce, sockets, path

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if self._path == RECORDING:
                headers += HEARING
            known = {name.lower() for name, _ in headers}
            policy = POLICY.format(nonce=self._nonce, sockets=self._sockets).encode()
            added = (*HEADERS, (b"content-security-policy", policy), (b"cache-control", b"no-store"))
            message["headers"] = headers + [pair for pair in added if pair[0] not in known]
        await self._send(message)


class _Limited:
    """Takes no more of a request than it may have."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._left = receive, most

    async def __call__(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                # Nobody gets to read the rest: for the application the visitor has gone away.
                return {"type": "http.disconnect"}
        return message


def _refuse_strangers_pages(scope: Scope, headers: dict[bytes, bytes]) -> None:
    """A page of another site must not act in the name of who looks at it."""
    origin = headers.get(b"origin", b"").decode("latin-1")
    changes = scope["type"] == "websocket" or scope["method"] not in SAFE or scope["path"].startswith(SOCKET)
    if origin and changes and urlsplit(origin).netloc != headers.get(b"host", b"").decode("latin-1"):
        raise Refusal(403, "This call comes from a page of another site.")


def _refuse_too_much(headers: dict[bytes, bytes], path: str) -> None:
    told = headers.get(b"content-length", b"0")
    if not told.isdigit() or int(told) > _most_bytes(path):
        raise Refusal(413, f"This is more than the {_most_bytes(path)} bytes that are taken here.")


def _refuse_forged(scope: Scope, headers: dict[bytes, bytes], visitor: Visitor) -> None:
    """Who comes by cookie has to show what only a page of ours was told."""
    if scope["method"] in SAFE or not visitor.session:
        return
    if not same(headers.get(b"x-csrf-token", b"").decode("latin-1"), visitor.csrf):
        raise Refusal(403, "The header X-CSRF-Token is missing or wrong; reload the page.")


def _most_bytes(path: str) -> int:
    if path == RESTORE:
        return MOST_RESTORE_BYTES
    return MOST_UPLOAD_BYTES if path.startswith(UPLOADS) else MOST_BYTES


def _who(scope: Scope, path: str) -> Refusal:
    """How somebody unknown is asked who they are."""
    if scope["type"] == "websocket" or path.startswith((API, SOCKET)) or scope["method"] not in SAFE:
        return Refusal(401, "Sign in first, or send a token.", ((b"www-authenticate", b"Bearer"),))
    return Refusal(303, "Sign in first.", ((b"location", f"{SIGN_IN}?to={quote(path, safe='/')}".encode()),))


async def _refuse(scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4000 + refusal.status})
        return
    body = json.dumps({"error": refusal.sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()),
               (b"cache-control", b"no-store"), *HEADERS, *refusal.headers]  # fmt: skip
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _sockets(scope: Scope) -> str:
    """The page's own websocket, for browsers to which 'self' does not mean it."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    plain = host.replace(":", "").replace(".", "").replace("-", "").replace("[", "").replace("]", "")
    if not plain.isalnum():
        return ""
    return f" {'wss' if scope.get('scheme') == 'https' else 'ws'}://{host}"
