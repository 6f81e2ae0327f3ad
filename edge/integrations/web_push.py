"""One message to one browser by its push service (RFC 8030): encrypted for it (RFC 8291), signed by the box (RFC 8292).

The address of the push service is what a browser said: so it is only ever spoken to by https, on the usual port, at an
address of the public internet, and no more than a line of its answer is believed.
"""

from __future__ import annotations

import re
import socket
import ssl
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from edge.core.errors import AcmError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from edge.core.clock import Clock

MOST_ENDPOINT, MOST_KEY, MOST_PAYLOAD = 800, 200, 2000
MOST_ANSWER = 16_384
# 16 bytes that browser and box share.
SHARED = re.compile(r"[A-Za-z0-9_-]{22}(==)?")
USUAL_PORT = 443
LIMIT_S = 15.0
SIGNED_S = 12 * 3600
LONGEST_WAIT_S = 86_400.0
HOUSE_NAMES = (".local", ".localhost", ".internal", ".lan", ".home.arpa")
# Where networks without IPv4 have its addresses.
TRANSLATED = IPv6Network("64:ff9b::/96")
# A service wants to know whom to ask about floods of messages; ours name the owner, if he gave an address.
NOBODY = "owner@customer-messenger.example"


class PushError(AcmError):
    """The message was not delivered; it may be tried again."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A browser: where its messages are left, and its keys (URL-safe base64 as browsers write them)."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Which push services may be spoken to: those of the public internet, by the authorities of this machine.

    ``private`` lets in any address and port, ``authority`` names who vouches for them: for a service in the house.
    """

    private: bool = False
    authority: Path | None = None


PUBLIC = Reach()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the push service said. ``wait_s``: when to come again, if it said so."""

    status: int
    wait_s: float | None = None

    @property
    def taken(self) -> bool:
        """Whether it will deliver the message."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def gone(self) -> bool:
        """Whether the browser does not want messages any more."""
        return self.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


def fresh_key() -> bytes:
    """A key to sign messages with (PEM)."""
    from py_vapid import Vapid  # noqa: PLC0415 - only where somebody wants messages

    vapid = Vapid()
    vapid.generate_keys()
    return bytes(vapid.private_pem())


def public_key(key: bytes) -> str:
    """What browsers are told of a key, as they want it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 - as above
    from py_vapid import Vapid  # noqa: PLC0415 - as above

    point = Vapid.from_pem(key).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()


def refuse_unfit(subscriber: Subscriber, reach: Reach) -> None:
    """Raise ``InputError`` unless messages for that browser can be made and may be sent where it says."""
    if len(subscriber.p256dh) > MOST_KEY or not SHARED.fullmatch(subscriber.auth):
        raise InputError("This browser's keys are none.")
    _place(subscriber.endpoint, reach)
    _encrypted(subscriber, b"{}")


def send(  # noqa: PLR0913 - what a message consists of
    subscriber: Subscriber, payload: bytes, key: bytes, *, clock: Clock, contact: str = "", ttl_s: int = 3600,
    urgent: bool = False, reach: Reach = PUBLIC,
) -> Answer:  # fmt: skip
    """Leave a message for a browser. Takes up to 15 s; raises ``PushError``, or ``InputError`` for what may not be."""
    if len(payload) > MOST_PAYLOAD:
        raise InputError(f"A message has at most {MOST_PAYLOAD} bytes.")
    host, port, path = _place(subscriber.endpoint, reach)
    body = _encrypted(subscriber, payload)
    name = f"[{host}]" if ":" in host else host
    origin = f"https://{name}" if port == USUAL_PORT else f"https://{name}:{port}"
    headers = {
        "Host": origin.removeprefix("https://"), "Authorization": _signed(key, origin, contact, clock.utc_now()),
        "TTL": str(ttl_s), "Urgency": "high" if urgent else "normal", "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream", "Content-Length": str(len(body)), "Connection": "close",
    }  # fmt: skip
    rows = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    request = "\r\n".join(rows).encode("ascii") + b"\r\n\r\n" + body
    end_s = clock.monotonic_s() + LIMIT_S
    try:
        with _connected(host, port, reach) as link:
            link.sendall(request)
            return _answer(link, clock, end_s)
    except (OSError, ValueError) as error:
        raise PushError(f"The push service {host} cannot be reached ({_why(error)}).") from None


def _place(endpoint: str, reach: Reach) -> tuple[str, int, str]:
    """Host, port and path. ``InputError`` for an address that is no push service's."""
    refused = InputError("This is no address of a push service: it has to be https, public, and on the usual port.")
    if len(endpoint) > MOST_ENDPOINT or not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
        raise refused
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port or USUAL_PORT
    except ValueError:
        raise refused from None
    if parts.scheme != "https" or not host or "@" in parts.netloc or parts.fragment or "%" in host:
        raise refused
    if not reach.private and (port != USUAL_PORT or not _may_be_public(host)):
        raise refused
    return host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _may_be_public(host: str) -> bool:
    """Whether a host can be a push service: those have names; where one leads is looked at when it is spoken to."""
    try:
        ip_address(host)
    except ValueError:
        return "." in host.strip(".") and not host.rstrip(".").endswith(HOUSE_NAMES)
    return False


def _is_public(address: str) -> bool:
    """Whether an address is one of the internet."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in TRANSLATED:
            inner = IPv4Address(int(found) & 0xFFFF_FFFF)
        if inner is not None and not inner.is_global:
            return False
    return found.is_global and not found.is_multicast


def _connected(host: str, port: int, reach: Reach) -> ssl.SSLSocket:
    """A connection to that host. What it is called is looked up once: addresses that were judged are those taken."""
    known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in known))
    if not reach.private and not all(_is_public(address) for address in addresses):
        raise InputError("This push service is not at an address of the internet.")
    context = ssl.create_default_context(cafile=None if reach.authority is None else str(reach.authority))
    link = _first(addresses, port)
    try:
        return context.wrap_socket(link, server_hostname=host)
    except BaseException:  # whatever went wrong, the connection is let go of; raised again
        link.close()
        raise


def _first(addresses: Sequence[str], port: int) -> socket.socket:
    """A connection to the first address that answers: a network may have no IPv6."""
    failed: OSError = ConnectionError("it has no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=LIMIT_S / 3)
        except OSError as error:  # noqa: PERF203 - the next one may answer
            failed = error
    raise failed


def _answer(link: ssl.SSLSocket, clock: Clock, end_s: float) -> Answer:
    """The head of the answer; what follows it is not read."""
    told = b""
    while b"\r\n\r\n" not in told:
        left_s = end_s - clock.monotonic_s()
        if left_s <= 0 or len(told) > MOST_ANSWER:
            raise TimeoutError("it does not come to an end")
        link.settimeout(left_s)
        more = link.recv(4096)
        if not more:
            raise ConnectionResetError("it ended early")
        told += more
    first, *rows = told.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not (words[1].isascii() and words[1].isdigit()):  # noqa: PLR2004 - protocol and status
        raise ValueError("it does not speak HTTP")
    headers = {name.strip().lower(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
    wait = headers.get("retry-after", "")
    return Answer(int(words[1]), min(float(wait), LONGEST_WAIT_S) if wait.isascii() and wait.isdigit() else None)


def _encrypted(subscriber: Subscriber, payload: bytes) -> bytes:
    """The message as only that browser can read it. ``InputError`` if its keys are none."""
    from http_ece import ECEException  # noqa: PLC0415 - only where somebody wants messages
    from pywebpush import WebPusher, WebPushException  # noqa: PLC0415 - as above

    keys = {"p256dh": subscriber.p256dh, "auth": subscriber.auth}
    try:
        return bytes(WebPusher({"endpoint": subscriber.endpoint, "keys": keys}).encode(payload)["body"])
    except (ECEException, WebPushException, ValueError, IndexError):
        raise InputError("This browser's keys are none.") from None


def _signed(key: bytes, origin: str, contact: str, now: datetime) -> str:
    from py_vapid import Vapid  # noqa: PLC0415 - as above

    claims = {"aud": origin, "exp": int(now.timestamp()) + SIGNED_S, "sub": f"mailto:{contact or NOBODY}"}
    return str(Vapid.from_pem(key).sign(claims)["Authorization"])


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
