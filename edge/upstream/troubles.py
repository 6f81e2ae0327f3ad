"""What can go wrong between here and the hub, in words."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass

import httpcore

# The last one: a name that cannot be one is found out by the resolver only.
TROUBLES = (
    httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError,
    httpcore.UnsupportedProtocol, UnicodeError,
)  # fmt: skip
MOST_LETTERS = 400


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for connecting (to each of its addresses), for each wait for bytes, and for everything together."""

    connect_s: float = 10.0
    read_s: float = 30.0
    whole_s: float = 90.0


USUAL = Limits()


def told(error: Exception, limits: Limits) -> str:
    """What went wrong, to be read after the hub's name."""
    if isinstance(error, httpcore.ConnectTimeout):
        return f"cannot be connected to within {limits.connect_s:g} s; see whether the network is up."
    if isinstance(error, httpcore.TimeoutException):
        return f"did not answer in time ({limits.read_s:g} s, {limits.whole_s:g} s for everything)."
    if isinstance(error, httpcore.ProxyError):
        return f"is not reached through the proxy, which says: {clean(str(error))}; see upstream.proxy."
    # The library hands on the system's error as what its own is about.
    cause = next((about for about in error.args if isinstance(about, BaseException)), None)
    return _insecure(cause) or _unreached(error, cause)


def clean(text: str) -> str:
    """A few words from outside, on one line."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:MOST_LETTERS]).strip()


def _insecure(cause: BaseException | None) -> str | None:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"shows a certificate that is not to be trusted ({cause.verify_message}); see the clock, upstream.url "
            "and upstream.ca_file."
        )
    if isinstance(cause, ssl.SSLError):
        return f"does not come to terms about TLS ({clean(cause.reason or 'it broke off')}); see upstream.url."
    return None


def _unreached(error: Exception, cause: BaseException | None) -> str:
    if isinstance(error, UnicodeError) or isinstance(cause, socket.gaierror):
        return "has a name that nobody knows here; see upstream.url and the network."
    reason = (cause.strerror if isinstance(cause, OSError) else None) or "no reason given"
    if isinstance(error, httpcore.ConnectError):
        return f"cannot be reached ({reason}); see whether it runs."
    return f"broke the connection off before it had answered ({reason})."
