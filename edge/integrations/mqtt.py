"""One connection to an MQTT broker. It has no thread: whoever owns it calls ``work``, and every call ends in time.

MQTT 5, since only there a broker says why it refuses something.
"""

from __future__ import annotations

import select
import socket
import ssl
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.core.errors import AcmError

if TYPE_CHECKING:
    from collections.abc import Callable

    from paho.mqtt.client import ConnectFlags, DisconnectFlags, MQTTMessage
    from paho.mqtt.reasoncodes import ReasonCode

    from edge.core.clock import Clock

# A broker takes us for gone after one and a half of it.
KEEP_ALIVE_S = 30
# For the connection, for the handshake of TLS, and for the broker's answers after it.
CONNECT_S, ANSWER_S = 5.0, 10.0
# What a broker may send at once, and what it may send unacknowledged.
MOST_BYTES, MOST_AT_ONCE = 65_536, 20
# What is refused is remembered until somebody looks.
MOST_REFUSALS = 20
FAILURE, NOBODY_LISTENS = 0x80, 0x10
NOT_SIGNED_IN = {0x86, 0x87, 0x8C}
UNSUPPORTED = 0x84
TLS_FAULT = "does not come to terms about TLS"


class BrokerError(AcmError):
    """The broker cannot be had, or was lost. ``refused``: it does not let us in, which a person has to mend."""

    def __init__(self, sentence: str, *, refused: bool = False) -> None:
        super().__init__(sentence)
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker is, and who we are to it: a user with a password, or who has a certificate, or both."""

    host: str
    port: int
    tls: bool = False
    ca_file: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    client_certificate: str = ""
    client_key: str = ""

    @property
    def place(self) -> str:
        """How sentences call it."""
        return f"the broker at {self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Message:
    """Something to be published. ``mark`` comes back with an answer; ``words`` go beside the payload.

    A broker that could not deliver it within ``expires_s`` seconds forgets it; 0 for never.
    """

    topic: str
    payload: bytes = b""
    retain: bool = False
    qos: int = 1
    mark: bytes = b""
    words: tuple[tuple[str, str], ...] = ()
    expires_s: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that came. ``retained``: it was lying there; ``number`` is for ``MqttLink.taken``."""

    topic: str
    payload: bytes
    retained: bool
    mark: bytes
    words: dict[str, str]
    number: int
    qos: int


@dataclass(frozen=True, slots=True)
class Habits:
    """How a connection behaves.

    ``topics`` are listened to; ``will`` is published by the broker when we are gone without a word. ``by_hand``:
    what came is acknowledged by ``taken`` only.
    """

    client_id: str
    topics: tuple[str, ...] = ()
    will: Message | None = None
    by_hand: bool = False
    most_bytes: int = MOST_BYTES
    most_at_once: int = MOST_AT_ONCE
    connect_s: float = CONNECT_S
    answer_s: float = ANSWER_S


class MqttLink:
    """Connects once; a lost one is closed and another one made. Nothing of an old connection is sent by a new one.

    One thread at a time; ``wake`` and ``leave`` from any.
    """

    def __init__(self, broker: Broker, habits: Habits, clock: Clock) -> None:
        self._broker, self._habits, self._clock = broker, habits, clock
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)  # noqa: FBT003 - the system's own word
        self._waker.setblocking(False)  # noqa: FBT003 - as above
        self._leaving = False
        self._heard: deque[Heard] = deque()
        self._unanswered: dict[int, str] = {}
        self._subscribed: dict[int, str] = {}
        self._why = ""
        self._refused_us = False
        self._signed_in = False
        self.refusals: deque[tuple[str, str]] = deque(maxlen=MOST_REFUSALS)
        self.unheard: deque[int] = deque(maxlen=MOST_REFUSALS)
        self.shares = True
        self._client = self._made_client()

    def connect(self) -> None:
        """Sign in and listen to the topics, in time. Raises ``BrokerError``, and is closed then."""
        try:
            self._sign_in()
            until_s = self._clock.monotonic_s() + self._habits.answer_s
            self._work_until(lambda: self._signed_in, until_s)
            self._listen(until_s)
        except BrokerError:
            self.close()
            raise

    def work(self, wait_s: float) -> list[Heard]:
        """Send and take what there is, waiting for up to ``wait_s`` for something to come. Raises ``BrokerError``."""
        if not self._heard:
            self._turn(wait_s)
        heard = list(self._heard)
        self._heard.clear()
        return heard

    def publish(self, message: Message) -> int:
        """Send a message, or as much of it as goes now; return its number. Raises ``BrokerError``."""
        info = self._client.publish(
            message.topic, message.payload, message.qos, message.retain, properties=_beside(message)
        )
        if info.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise self._lost()
        if message.qos:
            self._unanswered[info.mid] = message.topic
        return info.mid

    def settle(self, within_s: float) -> bool:
        """Work until the broker has everything that was published; whether it has. Raises ``BrokerError``."""
        until_s = self._clock.monotonic_s() + within_s
        while self.unsettled and (left_s := until_s - self._clock.monotonic_s()) > 0:
            self._turn(left_s)
        return not self.unsettled

    @property
    def unsettled(self) -> int:
        """How many messages the broker has not said it has."""
        return len(self._unanswered)

    def waits_for(self, number: int) -> bool:
        """Whether the broker has not yet said that it has a message."""
        return number in self._unanswered

    def taken(self, heard: Heard) -> None:
        """Acknowledge what came (``by_hand``)."""
        self._client.ack(heard.number, heard.qos)

    def wake(self) -> None:
        """End the waiting of ``work``. From any thread."""
        # With the line full of wakings, or gone, there is nobody to wake.
        with suppress(OSError):
            self._waker.send(b"\0")

    def leave(self) -> None:
        """End ``connect`` or the waiting of ``work``. From any thread."""
        self._leaving = True
        self.wake()

    def close(self) -> None:
        """Say goodbye, if there is still somebody to hear it. May be called twice."""
        with suppress(OSError, ValueError):
            self._client.disconnect()
        self._woken.close()
        self._waker.close()

    def _sign_in(self) -> None:
        broker, habits = self._broker, self._habits
        if self._leaving:
            raise BrokerError(f"{self._place()} is not asked any more.")
        properties = _properties(PacketTypes.CONNECT)
        properties.MaximumPacketSize, properties.ReceiveMaximum = habits.most_bytes, habits.most_at_once
        try:
            if broker.tls:
                self._client.tls_set_context(_trust(broker))
            self._client.connect(broker.host, broker.port, KEEP_ALIVE_S, clean_start=True, properties=properties)
        except (OSError, ValueError) as error:
            raise BrokerError(f"{self._place()} {_told(error, habits.connect_s)}") from None

    def _made_client(self) -> Client:
        habits, broker = self._habits, self._broker
        client = Client(
            CallbackAPIVersion.VERSION2, habits.client_id, protocol=MQTTv5, manual_ack=habits.by_hand
        )
        client.connect_timeout = habits.connect_s
        if broker.user:
            client.username_pw_set(broker.user, broker.password)
        if habits.will is not None:
            will = habits.will
            client.will_set(will.topic, will.payload, will.qos, will.retain)
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_message, client.on_publish, client.on_subscribe = self._came, self._published, self._listened
        return client

    def _listen(self, until_s: float) -> None:
        for wanted in self._habits.topics:
            # Asked to share, a broker that has said it cannot hangs up.
            topic = wanted if self.shares else unshared(wanted)
            _, number = self._client.subscribe(topic, options=SubscribeOptions(qos=1))
            if number is None:
                raise self._lost()
            self._subscribed[number] = topic
        self._work_until(lambda: not self._subscribed, until_s)

    def _work_until(self, done: Callable[[], bool], until_s: float) -> None:
        while not done():
            left_s = until_s - self._clock.monotonic_s()
            if left_s <= 0 or self._leaving:
                raise BrokerError(f"{self._place()} does not answer; see that it is one, and its port.")
            self._turn(left_s)

    def _turn(self, wait_s: float) -> None:
        """Wait for something to do, and do it."""
        line = self._client.socket()
        if line is None:
            raise self._lost()
        number = line.fileno()
        look = select.poll()
        look.register(number, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        look.register(self._woken, select.POLLIN)
        # What TLS has unpacked already is not seen from outside.
        ready = isinstance(line, ssl.SSLSocket) and line.pending() > 0
        wait_ms = 0 if ready else max(0, int(wait_s * 1000) + 1)
        events = dict(look.poll(wait_ms))
        if self._woken.fileno() in events:
            with suppress(BlockingIOError):
                self._woken.recv(4096)
        if ready or events.get(number, 0) & ~select.POLLOUT:
            self._client.loop_read()
        if events.get(number, 0) & select.POLLOUT:
            self._client.loop_write()
        self._client.loop_misc()
        if self._client.socket() is None:
            raise self._lost()

    def _lost(self) -> BrokerError:
        return BrokerError(f"{self._place()} {self._why or 'has closed the connection.'}", refused=self._refused_us)

    def _place(self) -> str:
        place = self._broker.place
        return f"{place[0].upper()}{place[1:]}"

    def _connected(
        self, _: Client, __: Any, ___: ConnectFlags, code: ReasonCode, properties: Properties | None  # noqa: ANN401
    ) -> None:
        if code.value < FAILURE:
            self._signed_in = True
            self.shares = getattr(properties, "SharedSubscriptionAvailable", 1) == 1
            return
        self._refused_us = code.value in NOT_SIGNED_IN
        if self._refused_us:
            self._why = f"does not let us in ({_words(code)}); see the user and the password."
        elif code.value == UNSUPPORTED:
            self._why = "does not speak MQTT 5; use one that does."
        else:
            self._why = f"does not let us in ({_words(code)})."

    def _disconnected(
        self, _: Client, __: Any, flags: DisconnectFlags, code: ReasonCode, ___: Properties | None  # noqa: ANN401
    ) -> None:
        if not self._why:
            said = f" ({_words(code)})" if flags.is_disconnect_packet_from_server else ""
            self._why = f"has closed the connection{said}."

    def _came(self, _: Client, __: Any, message: MQTTMessage) -> None:  # noqa: ANN401 - as paho calls it
        try:
            topic = message.topic
        except UnicodeDecodeError:
            # Nobody listens to such a topic; it has come by a wildcard.
            self._client.ack(message.mid, message.qos)
            return
        properties = message.properties
        words = dict(getattr(properties, "UserProperty", None) or [])
        mark = getattr(properties, "CorrelationData", None) or b""
        heard = Heard(topic, bytes(message.payload), bool(message.retain), mark, words, message.mid, message.qos)
        self._heard.append(heard)

    def _published(self, _: Client, __: Any, number: int, code: ReasonCode, ___: Properties) -> None:  # noqa: ANN401
        topic = self._unanswered.pop(number, "")
        if code.value >= FAILURE:
            self.refusals.append((topic, _words(code)))
        if code.value == NOBODY_LISTENS:
            self.unheard.append(number)

    def _listened(
        self, _: Client, __: Any, number: int, codes: list[ReasonCode], ___: Properties | None  # noqa: ANN401
    ) -> None:
        topic = self._subscribed.pop(number, "")
        for code in codes:
            if code.value >= FAILURE:
                self.refusals.append((topic, _words(code)))


class _Line(ssl.SSLSocket):
    """Closes itself: when a handshake fails, nobody else has it."""

    def __del__(self) -> None:
        self.close()


def shareable(topic: str, group: str) -> str:
    """The topic as one of several listeners, each of whom gets a part of what comes."""
    return f"$share/{group}/{topic}"


def unshared(topic: str) -> str:
    """The topic as a listener of all that comes."""
    return topic.split("/", 2)[2] if topic.startswith("$share/") else topic


def _trust(broker: Broker) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=broker.ca_file or None)
    except (OSError, ValueError) as error:
        raise _unusable(broker.ca_file, "there is no certificate (PEM) in it", error) from None
    if broker.client_certificate:
        try:
            # Without an answer to the question for a password it would be asked on the terminal.
            context.load_cert_chain(broker.client_certificate, broker.client_key or None, password=lambda: b"")
        except (OSError, ValueError) as error:
            reason = "it holds no certificate with a key that fits, in PEM and without a password"
            raise _unusable(broker.client_certificate, reason, error) from None
    context.sslsocket_class = _Line
    return context


def _unusable(path: str, reason: str, error: OSError | ValueError) -> BrokerError:
    if not isinstance(error, ssl.SSLError):
        # ssl.SSLError is an OSError whose errno is none of the system's.
        reason = (error.strerror if isinstance(error, OSError) else None) or "its name cannot be one"
    return BrokerError(f"The file {path!r} of [mqtt] cannot be used ({reason}); give another one.", refused=True)


def _beside(message: Message) -> Properties | None:
    """What goes beside the payload."""
    if not (message.mark or message.words or message.expires_s):
        return None
    properties = _properties(PacketTypes.PUBLISH)
    if message.mark:
        properties.CorrelationData = message.mark
    if message.words:
        properties.UserProperty = list(message.words)
    if message.expires_s:
        properties.MessageExpiryInterval = message.expires_s
    return properties


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call] # paho's own


def _told(error: OSError | ValueError, limit_s: float) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"shows a certificate that is not to be trusted ({error.verify_message}); see the clock and ca_file."
    if isinstance(error, ssl.SSLError):
        return f"{TLS_FAULT} ({error.reason or 'it broke off'}); see tls and the port."
    if isinstance(error, TimeoutError):
        return f"cannot be connected to within {limit_s:g} s; see whether the network is up."
    if isinstance(error, socket.gaierror):
        return "is not known by that name; see host, and whether the network is up."
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return f"cannot be reached ({reason}); see that it runs, and host and port."


def _words(code: ReasonCode) -> str:
    return str(code).lower()

