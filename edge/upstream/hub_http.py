"""One question to the hub over HTTP, and its answer. Nothing is followed, unpacked or believed here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import httpcore

from edge import __version__
from edge.core.errors import InputError, UpstreamError
from edge.core.masking import MASK, masked
from edge.upstream.deadline import Deadline, PunctualBackend
from edge.upstream.troubles import TROUBLES, USUAL, Limits, told
from edge.upstream.trust import trust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.config.upstream import UpstreamTable
    from edge.core.clock import Clock

# What there may be in a receipt for a full batch of which every row is refused.
MOST_ANSWER_BYTES = 4 * 2**20
# Servers let go of a connection after some 5 s; one they are just letting go of is not to be used.
IDLE_S = 4.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def without(self, secret: str) -> Answer:
        """The same, should it say our secret back to us, without it."""
        return replace(self, body=self.body.replace(secret.encode(), MASK.encode())) if secret else self


class HubHttp:
    """The hub of ``[upstream]``. For one thread at a time; the connection is kept for a few seconds."""

    def __init__(self, table: UpstreamTable, clock: Clock, limits: Limits = USUAL) -> None:
        self._table, self._limits = table, limits
        self._deadline = Deadline(clock)
        self._pool: httpcore.ConnectionPool | None = None
        self.name = f"The hub at {masked(table.url)}"

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send a question and wait for the answer. ``UpstreamError`` if none came whole and in time."""
        sent = [("User-Agent", f"acm/{__version__}"), ("Accept-Encoding", "identity"), *(headers or {}).items()]
        limits = {"connect": self._limits.connect_s, "read": self._limits.read_s, "write": self._limits.read_s,
                  "pool": 0.0}  # fmt: skip
        self._deadline.begin(self._limits.whole_s)
        try:
            with self._connections().stream(
                method, f"{self._table.url}{path}", headers=sent, content=body, extensions={"timeout": limits}
            ) as response:
                return self._taken(response)
        except InputError as error:
            raise UpstreamError(str(error)) from None
        except TROUBLES as error:
            raise UpstreamError(f"{self.name} {told(error, self._limits)}") from None

    def close(self) -> None:
        """Let go of the connection; the next question makes another."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def _connections(self) -> httpcore.ConnectionPool:
        """The files of certificates are read with the first question, so a missing one can be put back meanwhile."""
        if self._pool is None:
            self._pool = httpcore.ConnectionPool(
                ssl_context=trust(self._table),
                proxy=self._proxy(),
                max_connections=1,
                keepalive_expiry=IDLE_S,
                network_backend=PunctualBackend(self._deadline),
            )
        return self._pool

    def _proxy(self) -> httpcore.Proxy | None:
        if not self._table.proxy:
            return None
        parts = urlsplit(self._table.proxy)
        password = self._table.proxy_password.get_secret_value()
        auth = (unquote(parts.username).encode(), password.encode()) if parts.username else None
        context = trust(self._table) if parts.scheme == "https" else None
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = f":{parts.port}" if parts.port else ""
        return httpcore.Proxy(f"{parts.scheme}://{host}{port}", auth=auth, ssl_context=context)

    def _taken(self, response: httpcore.Response) -> Answer:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        body = bytearray()
        for piece in response.iter_stream():
            body += piece
            if len(body) > MOST_ANSWER_BYTES:
                raise UpstreamError(f"{self.name} answers with more than {MOST_ANSWER_BYTES} bytes; see upstream.url.")
        return Answer(response.status, headers, bytes(body))
