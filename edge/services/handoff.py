"""Hands frames from the thread that reads to the thread that looks: the newest wins, nobody waits for the other."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Event as Bell

    from edge.core.frame import Frame


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame on its way. ``taken_s`` is the monotonic time it was taken at.

    ``reel`` goes up by one whenever the camera's own time line starts anew (a recording is played again), and with it
    everything that was known of the people in the picture is void.
    """

    frame: Frame
    taken_s: float
    reel: int = 0


class LatestFrame:
    """Room for one frame. ``dropped`` counts those that were replaced before anybody looked.

    ``bell`` is rung when there is something to fetch.
    """

    def __init__(self, bell: Bell) -> None:
        self._lock = Lock()
        self._bell = bell
        self._shot: Shot | None = None
        self._ended = False
        self.dropped = 0

    def put(self, frame: Frame, taken_s: float, reel: int = 0) -> None:
        """Offer a frame, over one that was not taken yet."""
        with self._lock:
            self.dropped += self._shot is not None
            self._shot = Shot(frame, taken_s, reel)
            self._ended = False
        self._bell.set()

    def end(self) -> None:
        """Say that no frame will follow, of this reel at least."""
        with self._lock:
            self._ended = True
        self._bell.set()

    def poll(self) -> tuple[Shot | None, bool]:
        """The frame if there is one, and whether the reel is at its end after it."""
        with self._lock:
            shot, self._shot = self._shot, None
            return shot, self._ended
