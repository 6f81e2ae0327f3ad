"""The doctor's check of the way to the hub: name, connection, certificate, told apart."""

from __future__ import annotations

import socket
import ssl
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from edge.host.doctor import Check, Finding, fail, ok, warn

if TYPE_CHECKING:
    from collections.abc import Callable

PORTS = {"https": 443, "http": 80}
LIMIT_S = 5.0


def check_network(address: str, trust: Callable[[], ssl.SSLContext] = ssl.create_default_context) -> Check:
    """Whether the hub can be reached at an ``https://`` or ``http://`` address; "" is no hub."""

    def look() -> Finding:
        if not address:
            return ok("No hub is set; records stay on this machine.")
        parts = urlsplit(address)
        try:
            port = parts.port or PORTS[parts.scheme]
        except (KeyError, ValueError):
            return fail(f"{address} is no address of a hub.", "Give one such as https://hub.example.org.")
        if not parts.hostname:
            return fail(f"{address} names no machine.", "Give one such as https://hub.example.org.")
        return _reached(parts.hostname, port, trust if parts.scheme == "https" else None)

    return Check("network", look)


def _reached(host: str, port: int, trust: Callable[[], ssl.SSLContext] | None) -> Finding:
    try:
        with ExitStack() as stack:
            link: socket.socket = stack.enter_context(socket.create_connection((host, port), LIMIT_S))
            if trust is not None:
                stack.enter_context(trust().wrap_socket(link, server_hostname=host))
    except socket.gaierror:
        return warn(f"The name {host} is not known.", "Look at the box's network and name server: resolvectl, ping.")
    except ssl.SSLCertVerificationError as error:
        return fail(
            f"The certificate of {host} is not accepted: {error.verify_message}.",
            "Look at the clock of this machine first; then at the certificate.",
        )
    except (ssl.SSLError, OSError) as error:
        reason = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
        return warn(f"{host} port {port} cannot be reached ({reason}).", "Records are kept and sent later.")
    return ok(f"{host} answers.")
