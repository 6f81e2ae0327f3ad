"""Takes batches from a broker: for fleets that have one already. Any number of processes may do so at once.

A batch is acknowledged when the store has it, or its sender was told why not. A broker gives each batch to one of the
listeners if it can; if not, all of them take it, and it is there once all the same.
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from edge.config.mqtt import PORT, TLS_PORT, TOPIC
from edge.core.backoff import Reconnect
from edge.core.errors import InputError
from edge.core.shipment import MOST_PACKED_BYTES, Verdict
from edge.core.timekeeping import to_ms
from edge.hub.answers import RefusedError
from edge.integrations.mqtt import Broker, BrokerError, Habits, Message, MqttLink, shareable
from edge.integrations.mqtt_batches import (
    GROUP,
    RETRY_AFTER,
    SIGNATURE,
    STATUS,
    batch_message,
    batches_topic,
    device_of,
    receipts_topic,
)
from edge.storage.hub.errors import HubAwayError, HubStorageError
from edge.storage.hub.migrations import bring_up
from edge.storage.hub.store import UnknownDeviceError
from edge.upstream.faults import WireError, WireVersionError
from edge.upstream.keys import public_bytes, verified
from edge.upstream.wire import decode, encode_receipt

if TYPE_CHECKING:
    from threading import Event

    from edge.core.clock import Clock
    from edge.core.shipment import Shipment
    from edge.integrations.mqtt import Heard
    from edge.storage.hub.registry import Registry
    from edge.storage.hub.store import HubStore

log = logging.getLogger("acm.hub")

WAIT_S = 0.3
RETRY_FIRST_S, RETRY_MOST_S = 0.2, 30.0
# Batches that are in memory at a time.
MOST_AT_ONCE = 8
# A receipt nobody has fetched by then is of no use: the batch is sent again.
RECEIPT_EXPIRES_S = 300
# Devices whose purses are remembered; who was silent for longest is forgotten.
MOST_PURSES = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a batch: the status that it would be answered with over HTTP, and the same body."""

    status: int
    body: bytes
    retry_after_s: float | None = None

    def words(self) -> tuple[tuple[str, str], ...]:
        """What stands beside the body."""
        wait = () if self.retry_after_s is None else ((RETRY_AFTER, str(max(1, round(self.retry_after_s)))),)
        return ((STATUS, str(self.status)), *wait)


class BrokerIntake:
    """Listens at a broker under ``topic``. ``name`` is this process's own there."""

    def __init__(  # noqa: PLR0913, PLR0917 - from where, to where
        self, broker: Broker, topic: str, store: HubStore, registry: Registry, clock: Clock, name: str
    ) -> None:
        self._broker, self._topic, self._name = broker, topic, name
        self._store, self._registry, self._clock = store, registry, clock
        self._purses: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._sound = False

    def run(self, stop: Event) -> None:
        """Take batches until ``stop`` is set. A broker or database that is away is waited for."""
        again = Reconnect(RETRY_FIRST_S, RETRY_MOST_S)
        told = ""
        while not stop.is_set():
            try:
                self._take_until(stop, again)
            except BrokerError as error:  # noqa: PERF203 - it may come back
                if str(error) != told:
                    told = str(error)
                    log.warning("%s Batches from there wait.", told)
                stop.wait(again.failed(self._clock.monotonic_s()))

    def answer(self, device: str, body: bytes, signature: str) -> Answer:
        """Take a batch that came under a device's topic, and say what became of it. Raises nothing."""
        try:
            return self._taken(device, body, signature)
        except RefusedError as error:
            told = json.dumps({"error": error.sentence, **error.fields}).encode()
            return Answer(error.status, told, error.retry_after_s)
        except Exception:  # whatever it is, it must not keep other devices from sending
            log.exception("A batch of %s failed.", device)
            return Answer(500, b'{"error": "The hub failed over this batch; its log tells more."}')

    def _taken(self, device: str, body: bytes, signature: str) -> Answer:
        wait_s = self._pays(device)
        if wait_s:
            raise RefusedError(429, "The device sends too many batches; put more rows into each.", wait_s)
        if len(body) > MOST_PACKED_BYTES:
            raise RefusedError(413, f"The batch has {len(body)} bytes; at most {MOST_PACKED_BYTES} may be sent.")
        try:
            if not self._sound:
                # The database may not have been there when the hub was started.
                bring_up(self._store.database)
                self._sound = True
            self._refuse_stranger(device, body, signature)
            receipt = self._store.take(_shipment(device, body), self._clock.utc_now())
        except HubStorageError as error:
            log.warning("%s", error)
            sentence = "The hub's database cannot be used now; what was sent was not taken."
            raise RefusedError(503, sentence, HubAwayError.retry_after_s) from None
        except UnknownDeviceError as error:
            raise RefusedError(403, str(error)) from None
        if receipt.verdict is Verdict.KEPT:
            raise RefusedError(409, receipt.sentence, cursor=receipt.cursor)
        return Answer(200, encode_receipt(receipt))

    def _refuse_stranger(self, device: str, body: bytes, signature: str) -> None:
        known = self._registry.public_key(device)
        if known is None:
            raise RefusedError(403, f"The device {device} is not known here; enrol it with a code.")
        key, revoked = known
        if revoked:
            raise RefusedError(403, "The device was revoked; it may send no more.")
        if not verified(public_bytes(key), signature, batch_message(device, body)):
            raise RefusedError(403, "The batch is not signed by the device whose topic it came under.")

    def _connected(self) -> MqttLink:
        everyone = batches_topic(self._topic, "+")
        for topic in (shareable(everyone, GROUP), everyone):
            habits = Habits(
                self._name, (topic,), by_hand=True, most_bytes=2 * MOST_PACKED_BYTES, most_at_once=MOST_AT_ONCE
            )
            link = MqttLink(self._broker, habits, self._clock)
            link.connect()
            if not link.refusals:
                return link
            said = link.refusals[-1][1]
            link.close()
        raise BrokerError(f"The broker does not let us listen to {everyone} ({said}); see the rights of this user.")

    def _take_until(self, stop: Event, again: Reconnect) -> None:
        link = self._connected()
        log.info("Batches are taken from %s, too.", self._broker.place)
        again.succeeded()
        try:
            while not stop.is_set():
                for heard in link.work(WAIT_S):
                    self._take(link, heard)
        finally:
            link.close()

    def _take(self, link: MqttLink, heard: Heard) -> None:
        device = device_of(self._topic, heard.topic)
        # Who wants no receipt does not know how this is done; what lies there is from long ago.
        if device is not None and heard.mark and not heard.retained:
            answer = self.answer(device, heard.payload, heard.words.get(SIGNATURE, ""))
            link.publish(Message(
                receipts_topic(self._topic, device), answer.body, mark=heard.mark, words=answer.words(),
                expires_s=RECEIPT_EXPIRES_S,
            ))  # fmt: skip
        link.taken(heard)

    def _pays(self, device: str) -> float:
        """How long a device has to wait until it may send again; 0 if it may now, and has paid."""
        allowance, now_ms = self._store.allowance, to_ms(self._clock.utc_now())
        amount, at_ms = self._purses.pop(device, (allowance.a_minute * 1000, now_ms))
        wait_s = allowance.wait_s(amount, at_ms, now_ms)
        self._purses[device] = (amount, at_ms) if wait_s else (allowance.less_one(amount, at_ms, now_ms), now_ms)
        if len(self._purses) > MOST_PURSES:
            self._purses.popitem(last=False)
        return wait_s


def broker_of(url: str, password: str = "", ca_file: str = "") -> tuple[Broker, str]:
    """The broker and the topic of an address such as ``mqtts://hub@broker.example.org/acm``. Raises ``InputError``."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _no_address() from None
    topic = unquote(parts.path).strip("/") or "acm"
    odd = parts.scheme not in ("mqtt", "mqtts") or "?" in url or "#" in url
    if odd or not host or port == 0 or not TOPIC.fullmatch(topic):
        raise _no_address()
    if parts.password is not None:
        raise InputError("A password does not belong into the broker's address; give it in the file of secrets.")
    tls = parts.scheme == "mqtts"
    user = unquote(parts.username or "")
    return Broker(host, port or (TLS_PORT if tls else PORT), tls, ca_file, user, password), topic


def _no_address() -> InputError:
    return InputError("That is no broker's address; give one such as mqtts://hub@broker.example.org:8883/acm.")


def _shipment(device: str, body: bytes) -> Shipment:
    try:
        shipment = decode(body)
    except WireError as error:
        raise RefusedError(415 if isinstance(error, WireVersionError) else 400, str(error)) from None
    if shipment.device != device:
        raise RefusedError(403, "The batch is of another device than its topic; each device sends its own.")
    return shipment
