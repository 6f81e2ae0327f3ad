"""A push service as browsers have one: over TLS, it checks who sends, and reads what only a browser's keys can read.

It behaves as the real ones do: who is not signed for it is refused, who has gone is gone, and it can have enough.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

import http_ece
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hub_standin import Authority, server_context

from edge.integrations.web_push import Reach, Subscriber

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_SIGNED = timedelta(hours=24)
MOST_BYTES = 4096
SOON_S = 15.0


@dataclass
class Phone:
    """A browser that wants to be told. ``told`` are the messages it could read."""

    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    told: list[dict[str, Any]] = field(default_factory=list)
    signed_by: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def p256dh(self) -> str:
        return plain64(self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def read(self, body: bytes) -> dict[str, Any]:
        """What a message says. Raises if it is not for this browser."""
        told = http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        found: dict[str, Any] = json.loads(told)
        return found


class PushService(ThreadingHTTPServer):
    """``phones`` by the last part of their address; ``plan``: answers given instead of taking a message, in order."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        authority = Authority(folder)
        self.authority, self.certificate = authority.file, authority.certificate("push")
        context = server_context(self.certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.origin = f"https://127.0.0.1:{self.server_port}"
        self.phones: dict[str, Phone] = {}
        self.plan: list[tuple[int, dict[str, str]]] = []
        self.knocks = 0
        self.now = datetime.now(timezone.utc)
        self.news = Condition()

    @property
    def reach(self) -> Reach:
        """What lets a box speak to it."""
        return Reach(private=True, authority=self.authority)

    def phone(self, name: str) -> tuple[Phone, Subscriber]:
        """A browser, and what it tells the box of itself."""
        made = self.phones[name] = Phone(name)
        return made, Subscriber(f"{self.origin}/push/{name}", made.p256dh, plain64(made.auth))

    def wait_for(self, phone: Phone, number: int) -> None:
        """Wait until a browser was told so many things."""
        with self.news:
            assert self.news.wait_for(lambda: len(phone.told) >= number, SOON_S), phone.told

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever does not trust the certificate goes away."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PushService

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_POST(self) -> None:
        service = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        service.knocks += 1
        if service.plan:
            self._answered(*service.plan.pop(0))
            return
        phone = service.phones.get(self.path.removeprefix("/push/"))
        if phone is None:
            self._answered(410)
        elif len(body) > MOST_BYTES or self.headers["Content-Encoding"] != "aes128gcm" or not self.headers["TTL"]:
            self._answered(413)
        elif (signed_by := self._signed_by()) is None:
            self._answered(403)
        else:
            with service.news:
                phone.signed_by, phone.headers = signed_by, dict(self.headers)
                phone.told.append(phone.read(body))
                service.news.notify_all()
            self._answered(201, {"Location": f"{service.origin}/message/1"})

    def _signed_by(self) -> str | None:
        """Whose key signed this, if it was signed for this service and not for too long."""
        scheme, _, told = self.headers["Authorization"].partition(" ")
        parts = dict(part.strip().split("=", 1) for part in told.split(","))
        said, _, signature = parts["t"].rpartition(".")
        claims = json.loads(bytes64(said.split(".")[1]))
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes64(parts["k"]))
        pair = bytes64(signature)
        both = encode_dss_signature(*(int.from_bytes(half, "big") for half in (pair[:32], pair[32:])))
        try:
            point.verify(both, said.encode(), ec.ECDSA(SHA256()))
        except InvalidSignature:
            return None
        ends = datetime.fromtimestamp(claims["exp"], timezone.utc)
        fits = self.server.now < ends <= self.server.now + LONGEST_SIGNED and claims["sub"].startswith("mailto:")
        return parts["k"] if scheme == "vapid" and claims["aud"] == self.server.origin and fits else None

    def _answered(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": "0", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()


@contextmanager
def push_service(folder: Path) -> Iterator[PushService]:
    """The service, running."""
    service = PushService(folder)
    thread = Thread(target=service.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        service.shutdown()
        service.server_close()
        thread.join()


def plain64(some: bytes) -> str:
    """As browsers write bytes."""
    return urlsafe_b64encode(some).rstrip(b"=").decode()


def bytes64(text: str) -> bytes:
    """The same, read."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
