"""Hands frames from the thread that reads to the thread that looks: the newest wins, the reader never waits."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Event as Bell

    from edge.core.errors import CameraError
    from edge.core.frame import Frame


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame on its way. ``taken_s`` is the monotonic time it was taken at.

    ``reel`` goes up by one whenever the camera's own time line starts anew (a recording is played again), and with it
    everything that was known of the people in the picture is void.
    """

    frame: Frame
    taken_s: float = 0.0
    reel: int = 0


class LatestFrame:
    """Room for one frame. ``dropped`` counts those that were replaced before anybody looked.

    ``bell`` is rung when there is something to fetch.
    """

    def __init__(self, bell: Bell | None = None) -> None:
        self._changed = Condition()
        self._bell = bell
        self._shot: Shot | None = None
        self._ended = False
        self._error: CameraError | None = None
        self.dropped = 0

    def put(self, frame: Frame, taken_s: float = 0.0, reel: int = 0) -> None:
        """Offer a frame, over one that was not taken yet."""
        with self._changed:
            self.dropped += self._shot is not None
            self._shot = Shot(frame, taken_s, reel)
            self._ended = False
            self._changed.notify()
        self._ring()

    def end(self, error: CameraError | None = None) -> None:
        """Say that no frame will follow (of this reel), and why if something broke."""
        with self._changed:
            self._ended, self._error = True, error
            self._changed.notify()
        self._ring()

    def poll(self) -> tuple[Shot | None, bool]:
        """The frame if there is one, and whether the reel is at its end after it. Does not wait."""
        with self._changed:
            shot, self._shot = self._shot, None
            return shot, self._ended

    def take(self) -> Frame | None:
        """Wait for the next frame; None at the end. Raises the ``CameraError`` that ended it.

        The wait is bounded by the camera's own time limit: a reader always puts or ends.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._shot is not None or self._ended)
            shot, self._shot = self._shot, None
            if shot is None and self._error is not None:
                raise self._error
            return None if shot is None else shot.frame

    def _ring(self) -> None:
        if self._bell is not None:
            self._bell.set()
