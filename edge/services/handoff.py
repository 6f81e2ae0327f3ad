"""Hands frames from the thread that reads to the thread that looks: the newest wins, the reader never waits."""

from __future__ import annotations

from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.core.errors import CameraError
    from edge.core.frame import Frame


class LatestFrame:
    """Room for one frame. ``dropped`` counts those that were replaced before anybody looked."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._frame: Frame | None = None
        self._ended = False
        self._error: CameraError | None = None
        self.dropped = 0

    def put(self, frame: Frame) -> None:
        """Offer a frame, over one that was not taken yet."""
        with self._changed:
            self.dropped += self._frame is not None
            self._frame = frame
            self._changed.notify()

    def end(self, error: CameraError | None = None) -> None:
        """Say that no frame will follow, and why if something broke."""
        with self._changed:
            self._ended, self._error = True, error
            self._changed.notify()

    def take(self) -> Frame | None:
        """Wait for the next frame; None at the end. Raises the ``CameraError`` that ended it.

        The wait is bounded by the camera's own time limit: a reader always puts or ends.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self._ended)
            frame, self._frame = self._frame, None
            if frame is None and self._error is not None:
                raise self._error
            return frame
