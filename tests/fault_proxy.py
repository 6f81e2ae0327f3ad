"""A real TCP proxy that does to requests what networks do: loses answers, cuts bodies, hangs, talks nonsense.

What happens to a request is asked of a plan, so that a test writes it down or leaves it to seeded dice. The proxy
itself waits for nothing but the sockets.
"""

from __future__ import annotations

import http.client
import json
import select
import socket
import ssl
import struct
import threading
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from itertools import cycle
from random import Random
from typing import TYPE_CHECKING, NoReturn

from ports import HOST, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from typing_extensions import Self

REMEMBERED = 40
TO_HUB_S = 20.0
# Between two bytes of an answer that dribbles in.
DRIP_S = 0.02
HOP_HEADERS = ("connection", "keep-alive", "transfer-encoding", "content-length", "host")


class Fault(Enum):
    """What becomes of a request."""

    NONE = "goes through"
    RESET_IN_BODY = "cut in the middle of its body, on both sides"
    ANSWER_LOST = "the hub did it, and its answer never came back"
    HALF_ANSWER = "the hub did it, and half of its answer came back"
    HANG = "nobody answers; the hub was not asked"
    HANG_AFTER = "nobody answers; the hub did it"
    DRIBBLE = "an answer that comes byte by byte and never ends; the hub did it"
    SLOW = "an answer in small pieces; the hub did it"
    GARBAGE = "bytes that are no HTTP at all"
    PORTAL = "a web page where somebody is to sign in, with 200"
    NO_RECEIPT = "200 and JSON that is no receipt"
    FAILED = "500; the hub was not asked"
    FAILED_AFTER = "500; the hub did it"
    AWAY = "503; the hub was not asked"
    TOO_MANY = "429 with Retry-After; the hub was not asked"
    TWICE = "goes through twice"
    OLD_ONES = "goes through, and some that went before come once more, in another order"


HARMLESS = (Fault.NONE, Fault.SLOW, Fault.TWICE, Fault.OLD_ONES)
# Those after which the client has to wait until its patience ends; a test of many rounds leaves most of them out.
HANGING = (Fault.HANG, Fault.HANG_AFTER, Fault.DRIBBLE)

NOT_ASKED = (
    Fault.HANG, Fault.GARBAGE, Fault.PORTAL, Fault.NO_RECEIPT, Fault.FAILED, Fault.AWAY, Fault.TOO_MANY,
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """A request on its way; ``body`` is empty while only its head has come."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    @property
    def length(self) -> int:
        return int(next((value for name, value in self.headers if name.lower() == "content-length"), "0"))


@dataclass(frozen=True)
class Answer:
    """The hub's answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def raw(self) -> bytes:
        kept = [(name, value) for name, value in self.headers if name.lower() not in HOP_HEADERS]
        lines = [f"HTTP/1.1 {self.status} {http.client.responses.get(self.status, 'Odd')}"]
        lines += [f"{name}: {value}" for name, value in (*kept, ("content-length", str(len(self.body))))]
        return "\r\n".join((*lines, "", "")).encode("latin-1") + self.body


def answer(status: int, told: object, **headers: str) -> Answer:
    """An answer as the hub would give it."""
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Answer(status, (("content-type", "application/json"), *named), json.dumps(told).encode())


class Dice:
    """A plan by chance: the part ``trouble`` of the requests meets one of these faults."""

    def __init__(self, seed: int, trouble: float = 0.5, faults: Iterable[Fault] = Fault) -> None:
        self.trouble = trouble
        self._chance, self._faults = Random(seed), tuple(faults)

    def __call__(self, request: Request) -> Fault:  # noqa: ARG002 - a plan may look at it
        return self._chance.choice(self._faults) if self._chance.random() < self.trouble else Fault.NONE


class Script:
    """A plan word for word: each request meets the next fault; afterwards nothing happens to them."""

    def __init__(self, *faults: Fault) -> None:
        self._left = deque(faults)

    def __call__(self, request: Request) -> Fault:
        return self._left.popleft() if self._left and request.path.endswith("/batches") else Fault.NONE

    @property
    def over(self) -> bool:
        return not self._left


class FaultProxy:
    """Stands before the hub at ``hub_ports``, several of which take turns.

    ``shut`` refuses connections, ``open`` takes them again at the same port. ``met`` counts what happened to batches,
    ``before`` has those that went; ``seed`` throws the dice for how it happens. With ``tls`` it speaks TLS to the
    client, as a server in front of the hub does.
    """

    def __init__(
        self, plan: Callable[[Request], Fault], *hub_ports: int, seed: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.plan, self.met, self._hub_ports = plan, Counter[Fault](), cycle(hub_ports)
        self._tls, self._chance = tls, Random(seed)
        self.before: deque[Request] = deque(maxlen=REMEMBERED)
        self._lock = threading.Lock()
        self._ended, self._end = socket.socketpair()
        self._door: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self.port = 0

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.shut()
        self._end.close()
        for thread in self._threads:
            thread.join(TO_HUB_S)
        self._ended.close()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{HOST}:{self.port}"

    def open(self) -> None:
        """Take connections; does nothing if it does already."""
        if self._door is None:
            self.port = self.port or free_port()
            self._door = socket.create_server((HOST, self.port))
            self._start(self._take, self._door)

    def shut(self) -> None:
        """Refuse connections from now on; those that are there stay."""
        if self._door is not None:
            door, self._door = self._door, None
            # Wakes up who waits for the next one.
            with suppress(OSError):
                door.shutdown(socket.SHUT_RDWR)
            door.close()

    def _start(self, work: Callable[[socket.socket], None], link: socket.socket) -> None:
        thread = threading.Thread(target=work, args=(link,), daemon=True)
        self._threads = [known for known in self._threads if known.is_alive()] + [thread]
        thread.start()

    def _take(self, door: socket.socket) -> None:
        while True:
            try:
                link, _ = door.accept()
            except OSError:
                return
            self._start(self._serve, link)

    def _serve(self, link: socket.socket) -> None:
        try:
            link.settimeout(TO_HUB_S)
            if self._tls is not None:
                link = self._tls.wrap_socket(link, server_side=True)
            while (request := self._head(link)) is not None:
                self._handle(link, request)
        except (OSError, _CutError, http.client.HTTPException):
            _reset(link)
        finally:
            link.close()

    def _handle(self, link: socket.socket, request: Request) -> None:
        with self._lock:
            fault = self.plan(request)
            if request.path.endswith("/batches"):
                self.met[fault] += 1
        if fault is Fault.RESET_IN_BODY:
            self._cut(link, request)
        request = Request(request.method, request.path, request.headers, self._bytes(link, request.length))
        told = self._asked(request, fault)
        if fault in HANGING:
            self._hang(link, told if fault is Fault.DRIBBLE else None)
        self._give(link, told, fault)

    def _asked(self, request: Request, fault: Fault) -> Answer | None:
        """What the hub says, if this fault lets it be asked."""
        if fault in NOT_ASKED:
            return None
        told = self.ask(request)
        if fault is Fault.TWICE:
            told = self.ask(request)
        if fault is Fault.OLD_ONES:
            with self._lock:
                again = self._chance.sample(list(self.before), min(3, len(self.before)))
            for old in again:
                self.ask(old)
        if request.path.endswith("/batches"):
            with self._lock:
                self.before.append(request)
        return told

    def _give(self, link: socket.socket, told: Answer | None, fault: Fault) -> None:
        if fault is Fault.ANSWER_LOST:
            raise _CutError
        if fault is Fault.GARBAGE:
            link.sendall(self._chance.randbytes(self._chance.randint(1, 400)))
            raise _CutError
        if fault is Fault.FAILED_AFTER:
            told = None
        raw = (told or INSTEAD[fault]).raw
        if fault is Fault.HALF_ANSWER:
            link.sendall(raw[: len(raw) // 2])
            raise _CutError
        if fault is Fault.SLOW:
            for place in range(0, len(raw), 64):
                link.sendall(raw[place : place + 64])
                self._wait([], DRIP_S / 10)
            return
        link.sendall(raw)

    def _hang(self, link: socket.socket, told: Answer | None) -> NoReturn:
        """Until the client has had enough; with an answer, a byte of it now and then, and a head without end."""
        raw = b"" if told is None else told.raw.partition(b"\r\n")[0] + b"\r\n"
        while not self._wait([link], DRIP_S if told else None):
            link.sendall(raw[:1] or b"x")
            raw = raw[1:]
        raise _CutError

    def _cut(self, link: socket.socket, request: Request) -> NoReturn:
        """Half of the body comes through to the hub."""
        half = self._bytes(link, request.length // 2)
        with socket.create_connection((HOST, next(self._hub_ports)), TO_HUB_S) as hub:
            lines = [f"{name}: {value}" for name, value in request.headers]
            head = "\r\n".join((f"{request.method} {request.path} HTTP/1.1", *lines, "", ""))
            hub.sendall(head.encode("latin-1") + half)
            _reset(hub)
        raise _CutError

    def ask(self, request: Request, port: int | None = None) -> Answer:
        """What a hub says to a request, the next hub's if none is named."""
        hub = http.client.HTTPConnection(HOST, port or next(self._hub_ports), timeout=TO_HUB_S)
        try:
            hub.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers:
                if name.lower() not in ("connection", "keep-alive"):
                    hub.putheader(name, value)
            hub.putheader("Connection", "close")
            hub.endheaders(request.body)
            got = hub.getresponse()
            return Answer(got.status, tuple(got.getheaders()), got.read())
        finally:
            hub.close()

    def _head(self, link: socket.socket) -> Request | None:
        """The next request's head; None when the client has hung up."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not head and not self._ready(link):
                return None
            more = link.recv(1)
            if not more:
                return None
            head += more
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines if line))
        return Request(method, path, headers)

    def _bytes(self, link: socket.socket, count: int) -> bytes:
        got = b""
        while len(got) < count:
            more = link.recv(count - len(got))
            if not more:
                raise _CutError
            got += more
        return got

    def _ready(self, link: socket.socket) -> bool:
        if isinstance(link, ssl.SSLSocket) and link.pending():
            return True
        return self._wait([link], None)

    def _wait(self, links: list[socket.socket], seconds: float | None) -> bool:
        """Until one of them has something to say (True) or the time is over; ``_CutError`` if the proxy ends."""
        ready, _, _ = select.select([self._ended, *links], [], [], seconds)
        if self._ended in ready:
            raise _CutError
        return bool(ready)


class _CutError(Exception):
    """The connection ends here, without a word."""


INSTEAD = {
    Fault.PORTAL: Answer(200, (("content-type", "text/html"),), b"<html><h1>Welcome! Please sign in.</h1></html>"),
    Fault.NO_RECEIPT: answer(200, {"verdict": "splendid", "cursor": "far"}),
    Fault.FAILED: answer(500, {"error": "Internal Server Error"}),
    Fault.FAILED_AFTER: answer(500, {"error": "Internal Server Error"}),
    Fault.AWAY: answer(503, {"error": "The database is away."}, retry_after="7"),
    Fault.TOO_MANY: answer(429, {"error": "Too much at once."}, retry_after="30"),
}


def _reset(link: socket.socket) -> None:
    """End it with a reset, not in good order."""
    with suppress(OSError):
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.close()
