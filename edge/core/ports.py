"""What each device must be able to do. One Protocol a device; services know these and never a vendor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.frame import Frame
    from edge.core.model import Detection, Sighting


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
    """Makes itself heard."""

    def play(self, sound: str) -> None:
        """Start a sound, by its name or the path of a file; return at once. ``DeviceError`` if it cannot be played."""

    def close(self) -> None:
        """Fall silent and let go of the device; may be called twice."""


class Detector(Protocol):
    """Finds people in one frame."""

    def detect(self, frame: Frame) -> Sequence[Detection]:
        """People in the frame above the low threshold, best first, overlaps already suppressed."""


class Eye(Protocol):
    """One camera's pipeline from pixels to tracks; one implementation for each mount."""

    def see(self, frame: Frame) -> Sighting:
        """Look at the next frame and say who is where. Frames come in order of time, at any spacing."""
