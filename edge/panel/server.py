"""Serves the panel: on the port that was set, or, where that was allowed, on the next free one."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

import uvicorn

from edge.core.errors import AcmError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.config.panel import PanelTable
    from edge.panel.gate import App

BACKLOG = 128
PORTS = 20
# Browsers that hold a connection open are sent away after so long when the panel ends.
GOODBYE_S = 2
# A page of four viewers has some dozens of connections; more would be a flood.
MOST_CONNECTIONS = 200
MOST_MESSAGE_BYTES = 1_000_000
KEEP_ALIVE_S = 20


def bound(host: str, port: int, *, next_free: bool = False) -> socket.socket:
    """A socket that listens, with ``next_free`` at one of the next ports. Raises ``AcmError`` if it cannot be had."""
    last = port + (PORTS if next_free else 1)
    for number in range(port, last):
        try:
            return _bound(host, number)
        except OSError as error:  # noqa: PERF203 - taken: the next one may be free
            if error.errno != errno.EADDRINUSE or number + 1 == last:
                raise AcmError(
                    f"The panel cannot be served at {host}, port {number} ({error.strerror}); name another host or port"
                    " in [panel] of the settings."
                ) from None
    raise AcmError(f"No port from {port} to {last - 1} is free for the panel.")


def serve(app: App, link: socket.socket, table: PanelTable, files: tuple[str, str] | None,
          ready: Callable[[], None] | None = None) -> None:  # fmt: skip
    """Serve until a signal says stop, by https with the ``files`` of a certificate and its key.

    ``ready`` is called once visitors are let in.
    """
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, date_header=False, lifespan="on",
        ssl_certfile=files[0] if files else None, ssl_keyfile=files[1] if files else None,
        proxy_headers=bool(table.trusted_proxy),
        forwarded_allow_ips=table.trusted_proxy or None,
        timeout_graceful_shutdown=GOODBYE_S, limit_concurrency=MOST_CONNECTIONS, ws_max_size=MOST_MESSAGE_BYTES,
        timeout_keep_alive=KEEP_ALIVE_S,
    )  # fmt: skip
    server = _Server(config, ready)
    try:
        server.run(sockets=[link])
    except KeyboardInterrupt:
        # It was asked to end, and has ended in order; what it was asked by is raised once more.
        if not server.should_exit:
            raise


class _Server(uvicorn.Server):
    """Tells when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._ready()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    link = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        link.bind((host, port))
        link.listen(BACKLOG)
    except OSError:
        link.close()
        raise
    return link
