"""A speaker that may be unplugged: it comes back by itself, and in the meantime it is in nobody's way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from edge.core.errors import DeviceError, DeviceLostError
from edge.hardware.lasting import Lasting

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.core.backoff import Reconnect
    from edge.core.clock import Clock


class SoundCard(Protocol):
    """A speaker that is there or not."""

    @property
    def alive(self) -> bool:
        """Whether it is still there."""

    def load(self, sound: str) -> None:
        """Make a sound ready."""

    def length_s(self, sound: str) -> float:
        """How long a sound lasts."""

    def play(self, sound: str, volume: float = 1.0) -> float:
        """Start a sound; return when it was queued."""

    def close(self) -> None:
        """Let go of it."""


class LastingSpeaker:
    """The ``Speaker`` of the product. ``open_card`` opens the sound card or raises ``DeviceError``.

    A card that is not there at the start is told by the first ``tend`` and looked for from then on, ever less often up
    to once a minute. Use it from one thread.
    """

    def __init__(
        self, open_card: Callable[[], SoundCard], clock: Clock, *, reconnect: Reconnect | None = None
    ) -> None:
        self._card = Lasting("The speaker", open_card, clock, reconnect)

    def load(self, sound: str) -> None:
        """Make a sound ready. ``DeviceError`` if there is none such, ``DeviceLostError`` while the card is lost."""
        self._card.device.load(sound)

    def length_s(self, sound: str) -> float:
        """How long a sound lasts. Raises like ``load``."""
        return self._card.device.length_s(sound)

    def play(self, sound: str, volume: float = 1.0) -> float:
        """Start a sound and return at once, with the monotonic seconds at which its first sample was queued.

        Raises ``DeviceError`` if the sound is not one, ``DeviceLostError`` while the card is lost.
        """
        card = self._card.device
        try:
            return card.play(sound, volume)
        except DeviceError as error:
            if card.alive:
                raise
            self._card.lose(error)
            raise DeviceLostError(str(error)) from None

    def tend(self) -> str | None:
        """See whether the card is still there and try to get it back; tell news once.

        Opening a card may take a good part of a second.
        """
        return self._card.tend()

    def close(self) -> None:
        """Fall silent and let go of the card; may be called twice."""
        self._card.close()
