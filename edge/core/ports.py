"""What each device must be able to do. One Protocol a device; services know these and never a vendor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.frame import Frame
    from edge.core.light import LightMode
    from edge.core.model import Detection, Sighting
    from edge.core.shipment import Receipt


class Camera(Protocol):
    """Gives frames, newest first to come.

    ``read`` waits for a bounded time. It returns None when the source has ended for good (a file's end) and raises
    ``CameraError`` when it cannot be read now (unplugged, stream silent). ``close`` may be called twice.
    """

    def read(self) -> Frame | None:
        """Return the next frame, or None at the end."""

    def close(self) -> None:
        """Let go of the device."""


class Speaker(Protocol):
    """Makes itself heard. A lost speaker is no reason to stop: it comes back by itself as long as it is tended."""

    def load(self, sound: str) -> None:
        """Make a sound ready, so that playing it need not wait for a file; ``DeviceError`` if there is none such."""

    def play(self, sound: str, volume: float = 1.0) -> float:
        """Start a sound, by its name or the path of a file; return at once.

        ``volume`` (0..1) is a part of the loudness set for the speaker. Returns the monotonic seconds at which the
        first sample was queued. Raises ``DeviceError`` if the sound cannot be played, and ``DeviceLostError`` (which
        is one) while the device is lost: ``tend`` tells that once, so nobody need tell it again.
        """

    def tend(self) -> str | None:
        """Look after the device: to be called about once a second, where it may wait for a moment.

        Returns a sentence when the device was lost or is back since the last call, else None.
        """

    def close(self) -> None:
        """Fall silent and let go of the device; may be called twice."""


class Display(Protocol):
    """Shows people at the door how full it is. All calls come from one thread: screens insist on that."""

    def show(self, inside: int, limit: int | None = None) -> None:
        """Show how many are inside; with a ``limit`` also whether one more may come in. Cheap if nothing changed.

        Raises ``DeviceError`` if the screen is lost, and ``DeviceLostError`` while that is known already.
        """

    def tend(self) -> str | None:
        """Look after the device: to be called about once a second. Returns a sentence when it was lost or is back."""

    def close(self) -> None:
        """Let go of the screen; may be called twice."""


class Relay(Protocol):
    """A switch for something electric. Opened, it is in its safe state at once, without passing the other one.

    After ``close`` nobody drives the line: only what is wired to it decides (``config/switches.py`` says which
    relays that leaves on).
    """

    name: str
    safe: bool

    @property
    def on(self) -> bool:
        """Whether it was last switched on."""

    def set(self, on: bool) -> None:  # noqa: FBT001 - what a switch is set to is on or off
        """Switch it. ``DeviceError`` if it is closed or its pin is lost."""

    def close(self) -> None:
        """Go to the safe state and let go of the pin; may be called twice."""


class Button(Protocol):
    """A push-button or contact."""

    name: str

    @property
    def pressed(self) -> bool:
        """Whether it is active now (``DeviceError`` if it is closed)."""

    def take_presses(self) -> int:
        """How many times it became active since the last call, even if it is let go again already."""

    def close(self) -> None:
        """Let go of the pin; may be called twice."""


class Infrared(Protocol):
    """A camera's infra-red parts: lamp, filter before the sensor, colourless picture."""

    @property
    def mode(self) -> LightMode:
        """What it was last asked for."""

    @property
    def lit(self) -> bool:
        """Whether the lamp is on now."""

    def want(self, mode: LightMode, now_s: float) -> float | None:
        """Begin to change to a mode; return when ``step`` is to be called next, None if all is done."""

    def step(self, now_s: float) -> float | None:
        """Do what is due; return when to call again, None if all is done. ``DeviceError`` if a pin is lost."""

    def close(self) -> None:
        """Put the lamp out, release the filter's motor and let go of the pins; may be called twice."""


class Detector(Protocol):
    """Finds people in one frame."""

    def detect(self, frame: Frame) -> Sequence[Detection]:
        """People in the frame above the low threshold, best first, overlaps already suppressed."""


class Eye(Protocol):
    """One camera's pipeline from pixels to tracks; one implementation for each mount."""

    def see(self, frame: Frame) -> Sighting:
        """Look at the next frame and say who is where. Frames come in order of time, at any spacing."""


class Upstream(Protocol):
    """The way to the hub. Each call is bounded in time."""

    def send(self, body: bytes) -> Receipt:
        """Send a batch, as bytes on the wire, and wait for its receipt.

        Raises ``UpstreamError`` when nobody can say what became of it or it cannot be taken now: the batch is kept and
        sent again. ``HubFailedError`` (which is one): the hub failed over it, maybe because of it.
        ``DeviceRefusedError`` (which is one): this device is not welcome, whatever it sends.
        """

    def close(self) -> None:
        """Let go of the connection; may be called twice."""
