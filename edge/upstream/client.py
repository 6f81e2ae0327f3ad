"""The way to the hub over HTTP."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from edge.core.errors import AcmError, DeviceRefusedError, InputError, UpstreamError
from edge.core.reportfile import MOST_REPORT_BYTES
from edge.core.shipment import MOST_PACKED_BYTES, Receipt, Verdict
from edge.upstream.answers import receipt_of, trouble, words
from edge.upstream.enrolment import Enrolled, enrol, renewed
from edge.upstream.hub_http import HubHttp
from edge.upstream.troubles import USUAL
from edge.upstream.wire import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.config.upstream import UpstreamTable
    from edge.core.clock import Clock
    from edge.upstream.hub_http import Answer
    from edge.upstream.keyring import Keyring
    from edge.upstream.troubles import Limits

TAKEN, UNAUTHORIZED = 204, 401
# A hub from before it knew of such a thing.
UNKNOWN = (404, 405)
BATCH = {"Content-Type": MEDIA_TYPE, "Content-Encoding": "gzip"}
FILE = {"Content-Type": "application/octet-stream"}
# A token that could not be exchanged in its time is tried again after this.
AGAIN_S = 3600.0


class HttpUpstream:
    """Sends batches with the device's token, and sees to the token. An ``Upstream``; for one thread at a time.

    Every call is over after at most three exchanges, each within ``limits`` (finding the hub's address apart, which the
    system limits).
    """

    def __init__(self, table: UpstreamTable, keyring: Keyring, clock: Clock, limits: Limits = USUAL) -> None:
        self._hub = HubHttp(table, clock, limits)
        self._keyring, self._clock = keyring, clock
        self._not_before_s = 0.0

    @property
    def enrolled(self) -> bool:
        """Whether there is a key that a hub was shown; that the hub still knows it, only the hub can say."""
        return self._keyring.key() is not None and self._keyring.token() is not None

    def enrol(self, code: str, name: str, version: str) -> Enrolled:
        """Become known to the hub by a claim code. ``InputError`` if it is of no use, ``UpstreamError`` for later."""
        return enrol(self._hub, self._keyring, code, self._clock.utc_now(), name=name, version=version)

    def send(self, body: bytes) -> Receipt:
        """Send a batch, as the Protocol has it."""
        if len(body) > MOST_PACKED_BYTES:
            sentence = f"The batch has {len(body)} bytes; at most {MOST_PACKED_BYTES} may be sent."
            return Receipt(Verdict.REJECTED, sentence=sentence)
        try:
            answer = self._answered("POST", "/v1/batches", body, BATCH)
        except InputError as error:
            # A file of key or token that cannot be read: a person may mend that, and the rows wait.
            raise UpstreamError(str(error)) from None
        return receipt_of(answer, self._hub.name, self._clock.utc_now())

    def hand_in(self, about: Mapping[str, str], body: bytes) -> None:
        """Hand in a file of a report; whatever was handed in with the same words goes. ``UpstreamError`` if not taken.

        ``about`` has the report's name, how often it comes (``every``), its ``first`` and ``last`` day, and the name of
        the ``file``.
        """
        if len(body) > MOST_REPORT_BYTES:
            raise UpstreamError(f"{about['file']} has {len(body)} bytes; {self._hub.name} takes {MOST_REPORT_BYTES}.")
        try:
            answer = self._answered("PUT", f"/v1/reports?{urlencode(about)}", body, FILE)
        except InputError as error:
            raise UpstreamError(str(error)) from None
        if answer.status in UNKNOWN and words(answer):
            raise UpstreamError(f"{self._hub.name} keeps no reports; bring the hub up to date first.")
        if answer.status != TAKEN:
            raise trouble(answer, self._hub.name, self._clock.utc_now())

    def close(self) -> None:
        """Let go of the connection."""
        self._hub.close()

    def _answered(self, method: str, path: str, body: bytes, kind: Mapping[str, str]) -> Answer:
        answer = self._shown(self._token(), method, path, body, kind)
        if answer.status == UNAUTHORIZED:
            answer = self._shown(self._renew(), method, path, body, kind)
        if answer.status == UNAUTHORIZED:
            raise UpstreamError(f"{self._hub.name} does not know the token it has just given; see to the hub.")
        return answer

    def _shown(self, token: str, method: str, path: str, body: bytes, kind: Mapping[str, str]) -> Answer:
        return self._hub.ask(method, path, body, {"Authorization": f"Bearer {token}", **kind}).without(token)

    def _token(self) -> str:
        """The token; another one if there is none or it is time. An old one is good as long as there is no newer."""
        token = self._keyring.token()
        if token is None:
            return self._renew()
        now_s, due = self._clock.monotonic_s(), token.due(self._clock.utc_now())
        if due and now_s >= self._not_before_s and self._keyring.key() is not None:
            self._not_before_s = now_s + AGAIN_S
            try:
                return self._renew()
            except DeviceRefusedError:
                raise
            except UpstreamError:
                # Nothing is lost by it: rows first.
                return token.secret
        return token.secret

    def _renew(self) -> str:
        key = self._keyring.key()
        if key is None:
            raise DeviceRefusedError(f"{self._hub.name} does not know this device yet; enrol it with acm enrol CODE.")
        secret = renewed(self._hub, key, self._clock.utc_now())
        # If it cannot be written, it is good in memory. After a restart the key gets another.
        with suppress(OSError, AcmError):
            self._keyring.keep(secret, self._clock.utc_now())
        return secret
