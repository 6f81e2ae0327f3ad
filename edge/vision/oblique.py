"""The oblique mount's eye: motion gate, person detector, tracker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.model import Sighting
from edge.vision.gate import MotionGate
from edge.vision.tracker import Tracker

if TYPE_CHECKING:
    from edge.core.frame import Frame
    from edge.core.ports import Detector


class ObliqueEye:
    """Sees people from the side or from a corner (core.ports.Eye)."""

    def __init__(self, detector: Detector, tracker: Tracker | None = None, gate: MotionGate | None = None) -> None:
        self._detector = detector
        self._tracker = tracker or Tracker()
        self._gate = gate or MotionGate()

    def see(self, frame: Frame) -> Sighting:
        """Look at the next frame; rest if nothing moves and nobody is followed."""
        if not self._gate.open(frame, busy=self._tracker.busy):
            return Sighting(frame.t_s, (), rested=True)
        detections = self._detector.detect(frame)
        tracks, ended = self._tracker.update(detections, frame.t_s, frame.aspect)
        return Sighting(frame.t_s, tuple(tracks), tuple(ended))
