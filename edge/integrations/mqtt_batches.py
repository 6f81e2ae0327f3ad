"""How batches go over a broker: topics, what is signed, and what stands beside a payload. MQTT.md has it in words.

The device publishes to ``TOPIC/v1/DEVICE/batches`` and listens to ``TOPIC/v1/DEVICE/receipts``. An answer carries the
mark of its batch, the status that the hub would give over HTTP, and the same body.
"""

from __future__ import annotations

import hashlib
import re

VERSION = "v1"
BATCHES, RECEIPTS = "batches", "receipts"
SIGNATURE, STATUS, RETRY_AFTER, CONTENT_TYPE = "signature", "status", "retry-after", "content-type"
GROUP = "acm-hub"
SIGNED = "acm-batch-v1"
DEVICE = re.compile(r"[a-z2-7]{16}")


def batches_topic(topic: str, device: str) -> str:
    """Where a device puts its batches; with ``+`` where all of them do."""
    return f"{topic}/{VERSION}/{device}/{BATCHES}"


def receipts_topic(topic: str, device: str) -> str:
    """Where a device finds its receipts."""
    return f"{topic}/{VERSION}/{device}/{RECEIPTS}"


def device_of(topic: str, heard: str) -> str | None:
    """Whose batch came under a topic; None if it is nobody's."""
    device = heard.removeprefix(f"{topic}/{VERSION}/").removesuffix(f"/{BATCHES}")
    return device if DEVICE.fullmatch(device) and heard == batches_topic(topic, device) else None


def batch_message(device: str, body: bytes) -> bytes:
    """What a device signs: that this very batch is from it. No secret passes through somebody else's broker.

    Who heard it may publish it again, and nothing changes: rows have names.
    """
    return f"{SIGNED}\n{device}\n{hashlib.sha256(body).hexdigest()}".encode()
