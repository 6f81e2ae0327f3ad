"""Where live figures are told: one topic for each thing, all under ``TOPIC/NAME``. MQTT.md has them in words."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ONLINE, OFFLINE = b"online", b"offline"
ON, OFF = b"ON", b"OFF"
PLAIN = re.compile(r"[a-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of the box called ``name``."""

    topic: str
    name: str

    @property
    def root(self) -> str:
        """What all of them begin with."""
        return f"{self.topic}/{self.name}"

    @property
    def available(self) -> str:
        """Whether the box is there: online or offline."""
        return f"{self.root}/available"

    @property
    def state(self) -> str:
        """What is counted, as JSON."""
        return f"{self.root}/state"

    @property
    def health(self) -> str:
        """How the box is, as JSON."""
        return f"{self.root}/health"

    @property
    def notice(self) -> str:
        """What the box last said about itself, as JSON."""
        return f"{self.root}/notice"

    def relay(self, short: str) -> str:
        """Whether a relay is on: ON or OFF."""
        return f"{self.root}/relay/{short}/state"

    def relay_command(self, short: str) -> str:
        """Where a relay is switched; with ``+`` any of them."""
        return f"{self.root}/relay/{short}/set"

    @property
    def chime_command(self) -> str:
        """Where the chime is rung."""
        return f"{self.root}/chime/set"


def shorts(names: Iterable[str]) -> dict[str, str]:
    """What names are called within a topic: as they are, or their plain letters and four of a fingerprint."""
    return {name: name if PLAIN.fullmatch(name) else _shortened(name) for name in names}


def _shortened(name: str) -> str:
    plain = re.sub(r"[^a-z0-9_-]+", "_", name.lower()).strip("_")
    return f"{plain[:30]}-{hashlib.sha256(name.encode()).hexdigest()[:4]}".lstrip("-")
