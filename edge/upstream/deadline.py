"""Connections that end in time as a whole, not only step by step: a hub that sends a byte a second holds nobody up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpcore
from httpcore import NetworkBackend, NetworkStream

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

    from edge.core.clock import Clock

PIECE = 16_384


class Deadline:
    """When the present exchange has to be over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._end_s = 0.0

    def begin(self, whole_s: float) -> None:
        """A new exchange begins."""
        self._end_s = self._clock.monotonic_s() + whole_s

    def within(self, step_s: float | None, too_late: Callable[[], Exception]) -> float:
        """How long the next step may take; raises what ``too_late`` makes if the time is over."""
        left_s = self._end_s - self._clock.monotonic_s()
        if left_s <= 0:
            raise too_late()
        return left_s if step_s is None else min(step_s, left_s)


class PunctualBackend(NetworkBackend):
    """Makes connections that keep the deadline. Finding a name's address is the system's business and limits."""

    def __init__(self, deadline: Deadline, plain: NetworkBackend | None = None) -> None:
        self._plain, self._deadline = plain or httpcore.SyncBackend(), deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """Connect to a machine."""
        limit_s = self._deadline.within(timeout, httpcore.ConnectTimeout)
        stream = self._plain.connect_tcp(host, port, limit_s, local_address, socket_options or ())
        return _PunctualStream(stream, self._deadline)


class _PunctualStream(NetworkStream):
    def __init__(self, stream: NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.within(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # In pieces: a single long write is over only when the other side has read all of it, however slowly.
        for start in range(0, len(buffer), PIECE):
            piece = buffer[start : start + PIECE]
            self._stream.write(piece, self._deadline.within(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        limit_s = self._deadline.within(timeout, httpcore.ConnectTimeout)
        return _PunctualStream(self._stream.start_tls(ssl_context, server_hostname, limit_s), self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as the library has it
        return self._stream.get_extra_info(info)
