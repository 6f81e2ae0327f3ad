"""How a V4L2 camera exposes its pictures, as far as its driver tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

from edge.core.frame import Exposure

if TYPE_CHECKING:
    from typing import Protocol

    class Capture(Protocol):
        """An opened camera."""

        def get(self, propId: int) -> float:  # noqa: N803 - OpenCV's name
            """A property's value, 0 or less if there is none."""


# V4L2 counts exposure in steps of a tenth of a millisecond (V4L2_CID_EXPOSURE_ABSOLUTE).
STEP_S = 1e-4
# Asking takes the driver's time; light does not change faster than this matters.
ASK_EVERY_S = 1.0


class V4l2Light:
    """Asks a camera's driver for the exposure once a second.

    Many drivers tell the same values for ever while the camera sees to its exposure itself. So nothing is told before
    they were seen to change. Every maker counts gain in steps of his own, and some from 0: of it only more or less
    means something, and 1 is the least.
    """

    def __init__(self) -> None:
        self._asked_t_s = float("-inf")
        self._first: tuple[float, float] | None = None
        self._moves = False
        self._latest: Exposure | None = None

    def __call__(self, capture: Capture, t_s: float) -> Exposure | None:
        """The exposure of a picture taken at the monotonic time ``t_s``; None while nothing is known."""
        if t_s - self._asked_t_s >= ASK_EVERY_S:
            self._asked_t_s = t_s
            told = (capture.get(cv2.CAP_PROP_EXPOSURE), capture.get(cv2.CAP_PROP_GAIN))
            if told[0] > 0:
                self._first = self._first or told
                self._moves = self._moves or told != self._first
                self._latest = Exposure(told[0] * STEP_S, max(1.0, told[1])) if self._moves else None
        return self._latest
