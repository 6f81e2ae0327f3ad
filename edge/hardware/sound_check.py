"""Plays a chime to somebody who is standing there, and says how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from edge.hardware.sound import BUFFERED_S

if TYPE_CHECKING:
    from edge.core.clock import Clock


class TimedSpeaker(Protocol):
    """A speaker that knows how long its sounds last."""

    def load(self, sound: str) -> None:
        """Make a sound ready."""

    def length_s(self, sound: str) -> float:
        """How long a sound lasts."""

    def play(self, sound: str, volume: float = 1.0) -> float:
        """Start a sound; return when it was queued."""


@dataclass(frozen=True, slots=True)
class ChimeTest:
    """How a chime was played. ``queued_s`` and ``ended_s`` are monotonic, ``queue_ms`` is from call to queue."""

    sound: str
    queued_s: float
    ended_s: float
    queue_ms: float
    buffered_ms: float

    def sentence(self) -> str:
        """The outcome for a person."""
        return (
            f"{self.sound}: the first sample was queued {self.queue_ms:.1f} ms after it was asked for;"
            f" the sound card adds up to {self.buffered_ms:.0f} ms."
        )


def test_chime(speaker: TimedSpeaker, name: str, clock: Clock) -> ChimeTest:
    """Play a chime by its name or file and measure; it goes on sounding until ``ended_s``.

    Raises ``DeviceError`` if it cannot be played.
    """
    speaker.load(name)
    length_s = speaker.length_s(name)
    asked_s = clock.monotonic_s()
    queued_s = speaker.play(name)
    ended_s = queued_s + length_s + BUFFERED_S
    return ChimeTest(name, queued_s, ended_s, 1000 * (queued_s - asked_s), 1000 * BUFFERED_S)
