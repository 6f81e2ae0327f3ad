"""The motion gate: an empty shop costs almost nothing.

A small grey picture is compared with a slow running average. Figures as Frigate found them to hold over many cameras
(100 lines high, difference 30 of 255, average 1 % a frame at 10 a second); the average's speed is in seconds here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edge.core.frame import Frame


@dataclass(frozen=True, slots=True)
class GateSettings:
    """``least_area`` is the part of the picture that must change; ``unrest_area`` is light, not people."""

    height_px: int = 100
    difference: int = 24
    least_area: float = 0.0008
    unrest_area: float = 0.8
    learn_s: float = 10.0
    look_anyway_s: float = 2.0


class MotionGate:
    """Says for each frame whether the detector should look."""

    def __init__(self, settings: GateSettings | None = None) -> None:
        self._settings = settings or GateSettings()
        self._average: NDArray[np.float32] | None = None
        self._t_s = 0.0
        self._looked_t_s = float("-inf")

    def open(self, frame: Frame, *, busy: bool) -> bool:
        """Whether to look at ``frame``; ``busy`` (somebody is being followed) always says yes."""
        moved = self._moved(frame)
        look = busy or moved or frame.t_s - self._looked_t_s >= self._settings.look_anyway_s
        if look:
            self._looked_t_s = frame.t_s
        return look

    def _moved(self, frame: Frame) -> bool:
        s = self._settings
        grey = self._small(frame.image)
        if self._average is None or self._average.shape != grey.shape:
            self._average = grey.astype(np.float32)
            self._t_s = frame.t_s
            return True
        change = cv2.absdiff(grey, cv2.convertScaleAbs(self._average))
        part = float(cv2.countNonZero(cv2.threshold(change, s.difference, 255, cv2.THRESH_BINARY)[1])) / grey.size
        if part > s.unrest_area:
            self._average = grey.astype(np.float32)
        else:
            weight = 1 - exp(-max(frame.t_s - self._t_s, 0.0) / s.learn_s)
            cv2.accumulateWeighted(grey, self._average, weight)
        self._t_s = frame.t_s
        return part >= s.least_area

    def _small(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A grey picture ``height_px`` high, lightly smoothed against sensor noise."""
        high, wide = image.shape[:2]
        size = (max(1, wide * self._settings.height_px // high), self._settings.height_px)
        small = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
        return np.asarray(cv2.blur(grey, (3, 3)), dtype=np.uint8)
