"""What goes over the MQTT broker of the settings, and whether it can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.clock import SystemClock
from edge.core.errors import DeviceRefusedError
from edge.host.doctor import Check, fail, ok
from edge.integrations.mqtt import Broker, BrokerError, Habits, MqttLink
from edge.integrations.mqtt_upstream import WHOLE_S, MqttUpstream
from edge.upstream.answers import receipt_of
from edge.upstream.hub_http import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.config.mqtt import MqttTable
    from edge.config.schema import Config
    from edge.core.clock import Clock
    from edge.core.shipment import Receipt
    from edge.host.doctor import Finding
    from edge.upstream.keyring import Keyring

THE_HUB = "The hub behind the broker"
HURRIED_S = 4.0
LOOK_S = 3.0


def broker(table: MqttTable) -> Broker:
    """The broker of the settings."""
    return Broker(
        table.host, table.usual_port, table.tls, table.ca_file, table.user, table.password.get_secret_value(),
        table.client_certificate, table.client_key,
    )  # fmt: skip


def mqtt_upstream(config: Config, keyring: Keyring, clock: Clock, *, hurried: bool = False) -> MqttUpstream:
    """The way to the hub over the broker; ``hurried`` gives up within seconds.

    Raises ``DeviceRefusedError`` if the device has no key that a hub could know.
    """
    key = keyring.key()
    if key is None:
        raise DeviceRefusedError(f"{THE_HUB} does not know this device yet; enrol it with acm enrol CODE.")

    def read(status: int, words: Mapping[str, str], body: bytes) -> Receipt:
        return receipt_of(Answer(status, words, body), THE_HUB, clock.utc_now())

    return MqttUpstream(
        broker(config.mqtt), config.mqtt.topic, key.device, sign=key.sign, read=read, clock=clock,
        whole_s=HURRIED_S if hurried else WHOLE_S,
    )  # fmt: skip


def broker_checks(config: Config) -> list[Check]:
    """The doctor's: whether the broker lets this box in."""
    wanted = config.mqtt.enabled or (config.upstream.enabled and config.upstream.transport == "mqtt")
    return [Check("broker", lambda: _look_at_broker(config.mqtt))] if wanted else []


def _look_at_broker(table: MqttTable) -> Finding:
    place = broker(table)
    # By a name of its own: the broker throws out who is there already by the same.
    link = MqttLink(place, Habits("acm-doctor", connect_s=LOOK_S, answer_s=LOOK_S), SystemClock())
    try:
        link.connect()
    except BrokerError as error:
        return fail(str(error), "See [mqtt] of the settings, and that the broker runs.")
    link.close()
    return ok(f"T{place.place[1:]} lets this box in.")
