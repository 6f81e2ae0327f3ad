"""Who calls on a panel while it is measured: people who look at its page, and somebody who calls without end.

A process of their own (``acm bench panel --child``), which leaves the processor to others: they would be on phones.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from uuid import uuid4

import aiohttp
import socketio

from edge.core.clock import SystemClock
from edge.core.errors import AcmError
from edge.host.yielding import give_way

if TYPE_CHECKING:
    from typing import TextIO

    from typing_extensions import Self

# The longest a call may take.
PATIENCE_S = 10.0
# Whoever floods has so many connections.
LINES = 32
FLOOD_PATHS = ("/", "/sign-in", "/api/v1/status", "/static/panel.css")
# A page tells now and then what it has got.
ACK_S = 5.0
SOCKET_PATH = "/_nicegui_ws/socket.io"
CLIENT = re.compile(r"'client_id': '([^']+)'")
# What a browser fetches for a page: scripts, sheets, and modules by their places or by names of the page's map.
PARTS = re.compile(r"""(?:src|href)="([^"]+)"|@import url\("([^"]+)"\)""")
MODULES = re.compile(r"""(?:^|[\n;}])import\s?(?:[^"'();]*?from\s?)?["']([^"']+)["']""")
MAP = re.compile(r"""\{"imports":\s*(\{[^}]*\})""")


def callers(asked: TextIO, out: TextIO) -> int:
    """Call as ``asked`` says in JSON (``link``, ``viewers``, ``a_second``, ``for_s``); write what came of it."""
    give_way(19)
    out.write(json.dumps(asyncio.run(_called(**json.load(asked)))) + "\n")
    return 0


async def _called(link: str, viewers: int, a_second: float, for_s: float) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(_Viewer(link)) for _ in range(viewers)]
        page_bytes = max([await page.page_bytes() for page in pages[:1]], default=0)
        clock = SystemClock()
        began_s = clock.monotonic_s()
        answers = await _flood(urljoin(link, "/"), a_second, for_s)
        took_s = clock.monotonic_s() - began_s
        still = sum(page.there for page in pages)
    return {"page_bytes": page_bytes, "answers": answers, "for_s": took_s, "viewers": still}


class _Viewer:
    """Somebody who has the panel's first page open, as their browser speaks to it."""

    def __init__(self, link: str) -> None:
        self._link, self._socket, self._next = link, socketio.AsyncClient(reconnection=False), 0
        self._html, self._client = "", ""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=PATIENCE_S)
        )
        async with self._session.get(self._link) as answer:
            self._html = await answer.text()
        found = CLIENT.search(self._html)
        if found is None:
            raise AcmError(f"The panel shows no page to a viewer (it answered {answer.status}).")
        self._client = found[1]
        self._socket.on("*", self._heard)
        told = f"client_id={self._client}&next_message_id=0&implicit_handshake=true"
        cookies = "; ".join(f"{one.key}={one.value}" for one in self._session.cookie_jar)
        await self._socket.connect(
            urljoin(self._link, f"/?{told}&document_id={uuid4()}&tab_id={uuid4()}"), headers={"Cookie": cookies},
            transports=["websocket"], socketio_path=SOCKET_PATH,
        )  # fmt: skip
        self._acks = asyncio.create_task(self._ack())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._acks.cancel()
        await self._socket.disconnect()
        await self._session.close()

    @property
    def there(self) -> bool:
        """Whether the page still hears from the panel."""
        return bool(self._socket.connected) and self._next > 0

    async def page_bytes(self) -> int:
        """Bytes on the wire of the page and of every file it names, packed as browsers ask for them."""
        named = MAP.search(self._html)
        names = json.loads(named[1]) if named else {}
        wanted = ["/", *(one or two for one, two in PARTS.findall(self._html)),
                  *(names.get(name, name) for name in MODULES.findall(self._html))]  # fmt: skip
        seen: set[str] = set()
        whole = 0
        while wanted:
            place = urljoin(self._link, wanted.pop())
            if place in seen or not place.startswith("http"):
                continue
            seen.add(place)
            size, text = await self._fetched(place)
            whole += size
            if place.endswith((".js", ".mjs")):
                wanted += [urljoin(place, names.get(name, name)) for name in MODULES.findall(text)]
        return whole

    async def _fetched(self, place: str) -> tuple[int, str]:
        """Bytes on the wire, and the text that they are."""
        async with self._session.get(place, auto_decompress=False) as answer:
            body = await answer.read()
            packed = answer.headers.get("Content-Encoding") == "gzip"
        return len(body), (gzip.decompress(body) if packed else body).decode(errors="replace")

    def _heard(self, _: str, told: Any = None, *__: Any) -> None:  # noqa: ANN401 - whatever the panel sends
        if isinstance(told, dict) and isinstance(told.get("_id"), int):
            self._next = max(self._next, told["_id"] + 1)

    async def _ack(self) -> None:
        while True:
            await asyncio.sleep(ACK_S)
            await self._socket.emit("ack", {"client_id": self._client, "next_message_id": self._next})


async def _flood(home: str, a_second: float, for_s: float) -> dict[str, int]:
    """Call so often a second, whether the answers come or not; how often each status was answered."""
    answers: Counter[str] = Counter()
    # Not a session's own limit: who waits for a line there is no flood.
    lines = aiohttp.TCPConnector(limit=LINES)
    async with aiohttp.ClientSession(connector=lines, timeout=aiohttp.ClientTimeout(total=PATIENCE_S)) as session:

        async def call(path: str) -> None:
            try:
                async with session.get(urljoin(home, path), allow_redirects=False) as answer:
                    await answer.read()
                    answers[str(answer.status)] += 1
            except (aiohttp.ClientError, asyncio.TimeoutError):
                answers["0"] += 1

        loop, calls = asyncio.get_running_loop(), set()
        began_s = loop.time()
        for number in range(round(a_second * for_s)):
            await asyncio.sleep(max(0.0, began_s + number / a_second - loop.time()))
            task = loop.create_task(call(FLOOD_PATHS[number % len(FLOOD_PATHS)]))
            calls.add(task)
            task.add_done_callback(calls.discard)
        await asyncio.sleep(max(0.0, began_s + for_s - loop.time()))
        await asyncio.gather(*calls)
    return dict(answers)
