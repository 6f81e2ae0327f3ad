"""A Jetson's sensor behind GStreamer, for those who have neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edge.core.backoff import Reconnect
from edge.core.clock import ManualClock
from edge.core.errors import CameraError
from edge.hardware.jetson_camera import JetsonCamera

if TYPE_CHECKING:
    import cv2

    from edge.hardware.video_source import Limits, Source

THIRTIETH_S = 1 / 30


class Sensor:
    """A sensor behind GStreamer; each grab lasts as long as a picture takes."""

    def __init__(self) -> None:
        self.clock = ManualClock(50.0)
        self.there = True
        self.opened: list[tuple[Source, Limits]] = []
        self.released = 0

    def open(self, source: Source, limits: Limits) -> cv2.VideoCapture:
        self.opened.append((source, limits))
        if not self.there:
            raise CameraError(f"The {source.shown} gives no picture.")
        return self  # type: ignore[return-value]

    def grab(self) -> bool:
        self.clock.advance(THIRTIETH_S)
        return self.there

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, np.full((480, 640, 3), round(self.clock.monotonic_s()) % 256, np.uint8)

    def release(self) -> None:
        self.released += 1

    def camera(self, **settings: object) -> JetsonCamera:
        return JetsonCamera(
            clock=self.clock, reconnect=Reconnect(1.0, jitter=0.0), open_capture=self.open, **settings,  # type: ignore[arg-type]
        )  # fmt: skip
