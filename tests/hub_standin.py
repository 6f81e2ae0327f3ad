"""A hub to send to over a real socket: keeps batches in memory, knows codes, tokens and keys, misbehaves when told to.

The real hub is in ``edge/hub``; this one does what no hub should.
"""

from __future__ import annotations

import json
import secrets
import socket
import ssl
import struct
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from threading import Event, Thread
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from edge.core.shipment import Receipt, Verdict
from edge.upstream.faults import WireError
from edge.upstream.keys import enrol_message, fingerprint, public_bytes, token_message, verified
from edge.upstream.wire import decode, encode_receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edge.core.shipment import Shipment

CODE = "welcome-1234"
HOUR = timedelta(hours=1)


class HubStandIn(ThreadingHTTPServer):
    """``plan``: what to do with the next requests for batches instead of taking them, in order.

    ``welcome``: what to do with those who want to be enrolled, instead of that.
    """

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.server_port}"
        self.over = Event()
        self.plan: list[Callable[[Handler], None]] = []
        self.taken: list[Shipment] = []
        self.reports: dict[str, bytes] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.keys: dict[str, bytes] = {}
        self.tokens: dict[str, str] = {}
        self.codes: dict[str, str | None] = {CODE: None}
        self.revoked: set[str] = set()
        self.nonces: set[str] = set()
        self.welcome: Callable[[Handler], None] | None = None
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are what this is for."""

    def token_for(self, device: str) -> str:
        token = secrets.token_urlsafe(32)
        self.tokens[token] = device
        return token


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HubStandIn

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        nonce = secrets.token_hex(8)
        self.server.nonces.add(nonce)
        self.say(200, {"nonce": nonce})

    def do_POST(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        if self.path.endswith("/batches") and self.server.plan:
            self.server.plan.pop(0)(self)
            return
        if self.path.endswith("/enrol") and self.server.welcome is not None:
            self.server.welcome(self)
            return
        body = self.body()
        {"/v1/enrol": self.enrol, "/v1/token": self.token, "/v1/batches": self.take}[self.path](body)

    def do_PUT(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        if self.server.plan:
            self.server.plan.pop(0)(self)
            return
        body = self.body()
        if self.headers["Authorization"].removeprefix("Bearer ") not in self.server.tokens:
            self.say(401, {"error": "This token is not known."})
            return
        self.server.reports[self.path] = body
        self.say(204, b"")

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def say(self, status: int, told: object, **headers: str) -> None:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def enrol(self, body: bytes) -> None:
        told, codes = json.loads(body), self.server.codes
        public = public_bytes(told["public_key"])
        if not verified(public, told["signature"], enrol_message(told["code"], told["public_key"])):
            self.say(400, {"error": "The signature is wrong."})
        elif told["code"] not in codes:
            self.say(404, {"error": f"There is no code {told['code']}."})
        elif codes[told["code"]] not in (None, told["public_key"]):
            self.say(409, {"error": "Another device has used this code."})
        else:
            codes[told["code"]] = told["public_key"]
            device = fingerprint(public)
            self.server.keys[device] = public
            self.say(201, {"device": device, "token": self.server.token_for(device), "site": "Paris 1"})

    def token(self, body: bytes) -> None:
        told = json.loads(body)
        device, nonce = told["device"], told["nonce"]
        if device in self.server.revoked:
            self.say(403, {"error": "This device was revoked."})
        elif device not in self.server.keys:
            self.say(404, {"error": "No such device."})
        elif nonce in self.server.nonces and verified(
            self.server.keys[device], told["signature"], token_message(device, nonce)
        ):
            self.say(200, {"token": self.server.token_for(device)})
        else:
            self.say(400, {"error": "The signature is wrong."})

    def take(self, body: bytes) -> None:
        device = self.server.tokens.get(self.headers["Authorization"].removeprefix("Bearer "))
        if device is None:
            self.say(401, {"error": "This token is not known."})
            return
        try:
            batch = decode(body)
        except WireError as error:
            self.say(400, {"error": str(error)})
            return
        self.server.taken.append(batch)
        self.say(200, encode_receipt(Receipt(Verdict.ACCEPTED, batch.last_seq)))


def saying(status: int, told: object, **headers: str) -> Callable[[Handler], None]:
    """Take the body, and answer like this."""

    def answer(handler: Handler) -> None:
        handler.body()
        handler.say(status, told, **headers)

    return answer


def hang(handler: Handler) -> None:
    """Say nothing."""
    handler.server.over.wait(30)


def drip(handler: Handler) -> None:
    """Answer one letter after the other, for ever."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not handler.server.over.wait(0.02):
        handler.wfile.write(b"x")


def drip_body(handler: Handler) -> None:
    """The same with the body."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not handler.server.over.wait(0.02):
        handler.wfile.write(b" ")


def reset(handler: Handler) -> None:
    """Break the connection off in the middle of the request, as a machine does that loses power."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def lose(handler: Handler) -> None:
    """Take the batch, and lose the answer."""
    handler.server.taken.append(decode(handler.body()))
    handler.close_connection = True


def raw(answer: bytes) -> Callable[[Handler], None]:
    """Send just these bytes and hang up."""

    def say(handler: Handler) -> None:
        handler.body()
        handler.wfile.write(answer)
        handler.close_connection = True

    return say


def flood(handler: Handler) -> None:
    """Answer without an end."""
    handler.body()
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not handler.server.over.is_set():
        handler.wfile.write(b" " * 65_536)


def gap(cursor: object) -> Callable[[Handler], None]:
    """Say that rows are missing before these."""
    return saying(409, {"error": "Rows before these are missing.", "cursor": cursor})


@contextmanager
def standing_in(context: ssl.SSLContext | None = None) -> Iterator[HubStandIn]:
    """A hub that listens, until the end."""
    hub = HubStandIn(context)
    thread = Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        hub.over.set()
        hub.shutdown()
        thread.join()
        hub.server_close()


class Authority:
    """Signs certificates; its own lies in ``folder / ca.pem``."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self._folder, self._name = folder, x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self._key = generate_private_key(SECP256R1())
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._made(self._name, self._key, ca=True).public_bytes(Encoding.PEM))

    def certificate(self, name: str, address: str = "127.0.0.1", ends: datetime | None = None) -> Path:
        """A certificate with its key, in one file."""
        key = generate_private_key(SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        made = self._made(subject, key, address=address, ends=ends)
        path = self._folder / f"{name}.pem"
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(made.public_bytes(Encoding.PEM) + plain)
        return path

    def _made(
        self,
        subject: x509.Name,
        key: EllipticCurvePrivateKey,
        *,
        ca: bool = False,
        address: str = "127.0.0.1",
        ends: datetime | None = None,
    ) -> x509.Certificate:
        ends = ends or datetime.now(timezone.utc) + HOUR
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        ours = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        usage = x509.KeyUsage(True, False, False, False, False, ca, ca, False, False)  # noqa: FBT003 - as X.509 has it
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - 48 * HOUR)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(identifier, critical=False)
            .add_extension(ours, critical=False)
        )
        return (builder if ca else builder.add_extension(alternative, critical=False)).sign(self._key, SHA256())


def server_context(certificate: Path, clients: Path | None = None) -> ssl.SSLContext:
    """TLS with a certificate; ``clients``: who signs those that clients have to show."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    return context
