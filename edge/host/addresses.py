"""Under which addresses this machine is found by others."""

from __future__ import annotations

import socket

# Documentation's own addresses: nothing is sent there, the system only says by which way it would be.
ELSEWHERE = ("192.0.2.1", 9)
EVERY = ("0.0.0.0", "::")  # noqa: S104 - to tell whether all are meant


def own_addresses(host: str) -> tuple[str, ...]:
    """What to type into a browser for something served at ``host``: this machine's name and address if that is all."""
    if host not in EVERY:
        return (host,)
    found = [_outward(), "localhost"]
    name = host_name()
    if name != "localhost":
        # On a phone in the same network, through multicast DNS.
        found.append(f"{name}.local")
    return tuple(address for address in found if address)


def host_name() -> str:
    """What this machine calls itself, without its domain."""
    return socket.gethostname().partition(".")[0] or "localhost"


def _outward() -> str:
    """The address by which this machine goes into the network; empty without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        try:
            link.connect(ELSEWHERE)
            return str(link.getsockname()[0])
        except OSError:
            return ""
