"""The overhead mount's eye: background, blobs of a learned person size, tracker.

From straight above a person is a head and two shoulders; detectors trained on standing people find nothing there.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from edge.core.model import Anchor, Sighting
from edge.vision.background import Background
from edge.vision.blobs import AREA_BY_BREADTH2, BlobFinder
from edge.vision.person_size import PersonSize
from edge.vision.tracker import Build, Tracker, TrackerSettings

if TYPE_CHECKING:
    from edge.core.frame import Frame
    from edge.core.model import Box

# Walking is three breadths a second, a run six; people start, stop and turn within a second.
OVERHEAD = TrackerSettings(
    confirm_hits=3,
    memory_s=0.8,
    glimpse_memory_s=0.4,
    fresh_s=0.45,
    reach=0.5,
    reach_most=2.0,
    reach_weak=0.8,
    twin_reach=0.8,
    twin_apart=0.4,
    anchor=Anchor.CENTRE,
    pace=3.0,
    stir=6.0,
    jitter=0.1,
)


class OverheadEye:
    """Sees people from straight above (core.ports.Eye)."""

    def __init__(self) -> None:
        self._background = Background()
        self._size = PersonSize()
        self._tracker = Tracker(OVERHEAD, Build(self._breadth, lambda _box, _aspect: True))

    def see(self, frame: Frame) -> Sighting:
        """Look at the next frame."""
        difference = self._background.compare(frame)
        expected = self._tracker.expected(frame.t_s)
        blobs = BlobFinder(difference, self._size.area, known_size=self._size.known).find(expected)
        tracks, ended = self._tracker.update([blob.detection for blob in blobs], frame.t_s, frame.aspect)
        # While exposure moves blobs tell no size; who ends then is forgotten all the same.
        self._size.learn(blobs if difference.settled else (), tracks, ended, frame.aspect)
        return Sighting(frame.t_s, tuple(tracks), tuple(ended))

    def _breadth(self, box: Box, aspect: float) -> float:  # noqa: ARG002 - as Build has it
        """Everybody is as big as people here are; a box says less, cut by the frame or with an arm held out."""
        return sqrt(self._size.area / AREA_BY_BREADTH2)
