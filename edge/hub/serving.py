"""Listens, in one process or several, until it is told to stop; what was begun by then is finished."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from edge.core.errors import InputError
from edge.hub.app import hub_app
from edge.services.signals import STOPS, Signals

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from edge.config.hub import HubConfig, ServerTable
    from edge.core.clock import Clock

BACKLOG = 1024
# Connections of a process, idle ones included. Beyond it, who comes is asked to come again.
MOST_CONNECTIONS = 400
IDLE_S = 10
# From the first byte of a request to the end of its header; a connection without a request is closed as well.
HEAD_S = 15.0
MOST_HEAD_BYTES = 32 * 1024
# Answers under way when a stop comes. What still hangs after GONE_S is ended by force.
FINISH_S, GONE_S = 6, 9.0
LOOK_S = 0.5


class PatientProtocol(H11Protocol):
    """Closes a connection whose next request does not begin, or whose header does not end."""

    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection."""
        super().connection_made(transport)
        self._watch_head(HEAD_S)

    def on_response_complete(self) -> None:
        """A request is over; another one may follow."""
        super().on_response_complete()
        self._watch_head(IDLE_S + HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        super().connection_lost(exc)
        if self._watch is not None:
            self._watch.cancel()

    def _watch_head(self, limit_s: float) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._watch = self.loop.call_later(limit_s, self._close_unless_begun, self.cycle)

    def _close_unless_begun(self, before: Any) -> None:  # noqa: ANN401 - uvicorn's own
        if self.cycle is before and not self.transport.is_closing():
            self.transport.close()


def serve(settings: HubConfig, clock: Clock, ready: Callable[[str], object]) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code. ``ready`` is told once it listens.

    Raises ``InputError`` if it cannot listen there, or the certificate cannot be used.
    """
    server = settings.server
    _refuse_certificate(server)
    with _listening(server) as listening:
        shared = f", {server.processes} processes" if server.processes > 1 else ""
        where = f"listening at {server.host}, port {server.port}{shared}"
        if server.processes == 1:
            ready(where)
            return _serve_here(settings, clock, listening)
        return _Processes(settings, clock, listening).run(lambda: ready(where))


class _Processes:
    """Several processes on one socket. One that ends by itself is replaced."""

    def __init__(self, settings: HubConfig, clock: Clock, listening: socket.socket) -> None:
        self._settings, self._clock, self._listening = settings, clock, listening
        self._pids: set[int] = set()

    def run(self, ready: Callable[[], object]) -> int:
        """Keep them running until a stop; return the exit code."""
        with Signals() as signals:
            self._start_missing()
            ready()
            while signals.stop is None:
                signals.wait(LOOK_S)
                self._bury()
                if signals.stop is None:
                    self._start_missing()
            self._stop(signals)
        return 0

    def _start_missing(self) -> None:
        while len(self._pids) < self._settings.server.processes:
            pid = os.fork()
            if pid == 0:
                self._be_one()
            self._pids.add(pid)

    def _be_one(self) -> None:
        """What a child does from its first moment to its last."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            code = _serve_here(self._settings, self._clock, self._listening)
        finally:
            os._exit(code)

    def _stop(self, signals: Signals) -> None:
        until_s = self._clock.monotonic_s() + GONE_S
        while self._pids and self._clock.monotonic_s() < until_s:
            # One that was only just forked hears the first of them before it knows what to do.
            for pid in self._pids:
                os.kill(pid, signal.SIGTERM)
            signals.wait(LOOK_S / 5)
            self._bury()
        for pid in self._pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _bury(self) -> None:
        for pid in list(self._pids):
            if os.waitpid(pid, os.WNOHANG)[0]:
                self._pids.discard(pid)


def _serve_here(settings: HubConfig, clock: Clock, listening: socket.socket) -> int:
    """Serve in this process until a stop."""
    server = settings.server
    config = uvicorn.Config(
        hub_app(settings, clock), http=PatientProtocol, loop="asyncio", ws="none", lifespan="on", log_config=None,
        access_log=False, server_header=False, proxy_headers=bool(server.trusted_proxies),
        forwarded_allow_ips=list(server.trusted_proxies), limit_concurrency=MOST_CONNECTIONS, timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=FINISH_S, h11_max_incomplete_event_size=MOST_HEAD_BYTES,
        ssl_certfile=server.certificate or None, ssl_keyfile=server.key or None,
    )  # fmt: skip
    serving = uvicorn.Server(config)

    def stop(_: int, __: object) -> None:
        # Comes before the server listens to signals itself, or when it raises the one that stopped it once more.
        serving.should_exit = True

    for number in STOPS:
        signal.signal(number, stop)
    serving.run(sockets=[listening])
    return 0 if serving.started else 1


def _listening(server: ServerTable) -> socket.socket:
    try:
        family = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((server.host, server.port), family=family, backlog=BACKLOG)
        # Connections take it over. Without it the end of each answer waits 40 ms for the other side's word.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening  # noqa: TRY300 - what is above may fail, too
    except OSError as error:
        raise InputError(
            f"The hub cannot listen at {server.host}, port {server.port} ({error.strerror or error}); name another "
            "with --host and --port, or end the program that is there."
        ) from None


def _refuse_certificate(server: ServerTable) -> None:
    if not server.certificate:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(server.certificate, server.key)
    except (OSError, ssl.SSLError) as error:
        raise InputError(
            f"{server.certificate}, {server.key}: cannot be used ({error.strerror or error}); give a certificate and "
            "its key as PEM files that the hub may read."
        ) from None
