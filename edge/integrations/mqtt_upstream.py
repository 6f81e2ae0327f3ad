"""The way to the hub over a broker that is there already."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from edge.core.errors import UpstreamError
from edge.core.shipment import MOST_PACKED_BYTES, Receipt, Verdict
from edge.integrations.mqtt import BrokerError, Habits, Message, MqttLink
from edge.integrations.mqtt_batches import SIGNATURE, STATUS, batch_message, batches_topic, receipts_topic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.core.clock import Clock
    from edge.integrations.mqtt import Broker, Heard

    # The receipt that an answer stands for: status, what else was said with it, body. Raises as ``Upstream.send``.
    Reader = Callable[[int, Mapping[str, str], bytes], Receipt]

# A receipt for a full batch of which every row is refused.
MOST_ANSWER_BYTES = 4 * 2**20 + 65_536
MARK_BYTES = 16
# How long a receipt is waited for. A hub that is away longer finds the batch gone, and gets it again later.
WHOLE_S = 60.0


class MqttUpstream:
    """Sends batches signed by ``sign``. An ``Upstream``; for one thread at a time. The connection is kept.

    Once a batch is in the hub it stays there once, however often it is sent: so it may be sent until there is a
    receipt. Between connecting and the receipt lie ``whole_s`` at most.
    """

    def __init__(  # noqa: PLR0913 - who speaks to whom, about what
        self,
        broker: Broker,
        topic: str,
        device: str,
        *,
        sign: Callable[[bytes], str],
        read: Reader,
        clock: Clock,
        whole_s: float = WHOLE_S,
    ) -> None:
        self._broker, self._topic, self._device = broker, topic, device
        self._sign, self._read, self._clock, self._whole_s = sign, read, clock, whole_s
        self._link: MqttLink | None = None

    def send(self, body: bytes) -> Receipt:
        """Send a batch, as the Protocol has it."""
        if len(body) > MOST_PACKED_BYTES:
            sentence = f"The batch has {len(body)} bytes; at most {MOST_PACKED_BYTES} may be sent."
            return Receipt(Verdict.REJECTED, sentence=sentence)
        until_s = self._clock.monotonic_s() + self._whole_s
        try:
            answer = self._answered(body, until_s)
        except BrokerError as error:
            self.close()
            raise UpstreamError(str(error)) from None
        return self._read(_status(answer), answer.words, answer.payload)

    def close(self) -> None:
        """Let go of the connection."""
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _answered(self, body: bytes, until_s: float) -> Heard:
        link = self._connected()
        mark = secrets.token_bytes(MARK_BYTES)
        signature = self._sign(batch_message(self._device, body))
        number = link.publish(Message(
            batches_topic(self._topic, self._device), body, mark=mark, words=((SIGNATURE, signature),),
            expires_s=max(1, round(self._whole_s)),
        ))  # fmt: skip
        while (left_s := until_s - self._clock.monotonic_s()) > 0:
            answer = next((heard for heard in link.work(left_s) if heard.mark == mark and not heard.retained), None)
            if answer is not None:
                return answer
            self._look_at_refusals(link, number)
        raise UpstreamError(f"No receipt has come within {self._whole_s:g} s; see that a hub listens at the broker.")

    def _connected(self) -> MqttLink:
        if self._link is None:
            habits = Habits(
                f"{self._device}-rows", (receipts_topic(self._topic, self._device),), most_bytes=MOST_ANSWER_BYTES,
                connect_s=min(5.0, self._whole_s), answer_s=min(10.0, self._whole_s),
            )  # fmt: skip
            link = MqttLink(self._broker, habits, self._clock)
            link.connect()
            self._link = link
        return self._link

    def _look_at_refusals(self, link: MqttLink, number: int) -> None:
        if number in link.unheard:
            link.unheard.clear()
            raise UpstreamError("No hub listens at the broker; start one with acm hub --broker.")
        if link.refusals:
            topic, reason = link.refusals.popleft()
            raise UpstreamError(f"The broker does not allow {topic} ({reason}); see the rights of this user there.")


def _status(answer: Heard) -> int:
    text = answer.words.get(STATUS, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("200") else 0
