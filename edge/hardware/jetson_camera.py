"""A Jetson's own camera: NVIDIA's source for GStreamer, read through an OpenCV that was built with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from edge.core.backoff import Reconnect
from edge.core.clock import Clock, SystemClock
from edge.core.errors import CameraError
from edge.hardware.frame_times import Thinning
from edge.hardware.live_reader import LiveReader, ReaderCamera
from edge.hardware.opencv_camera import TIMEOUT_S
from edge.hardware.video_source import Kind, Limits, Source, primed

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.hardware.live_reader import Capture

# What the sensor is asked for: four by three shows the whole view of the usual sensors, and at 30 a second no exposure
# is so long that people who walk are smeared.
SENSOR_PX = (1640, 1232)
SENSOR_FPS = 30
PICTURE_PX = (640, 480)
# NVIDIA's numbers for how a picture is turned.
UPRIGHT, UPSIDE_DOWN = 0, 2
# Where NVIDIA's source is. Without it GStreamer builds the pipeline all the same, and OpenCV waits 40 s for nothing.
ELEMENT = "nvarguscamerasrc"
LIBRARIES = Path("/usr/lib")
# The first OpenCV that can be told how long to wait for a picture of GStreamer.
BOUNDED_SINCE = (4, 7)


class JetsonCamera(ReaderCamera):
    """Camera ``sensor`` of a Jetson, thinned out to ``fps`` pictures a second of ``size_px``.

    Opens at once, first picture included, and raises ``CameraError`` if that cannot be done. That takes at most
    ``timeout_s``, unless GStreamer itself is stuck (OpenCV waits 40 s for it then); each later read takes at most 0.35
    of it. Frames carry the clock's monotonic seconds. They never end: a lost camera
    raises ``CameraError`` on every read until it is back; it is tried again on a read, but not before ``retry_in_s``.
    ``open_capture`` takes a pipeline and the limits and gives a capture with its first picture grabbed.
    """

    live = True
    duration_s: float | None = None

    def __init__(  # noqa: PLR0913 - the number of a camera, and what has a good default
        self,
        sensor: int = 0,
        *,
        fps: float | None = None,
        size_px: tuple[int, int] = PICTURE_PX,
        turned: bool = False,
        timeout_s: float = TIMEOUT_S,
        clock: Clock | None = None,
        reconnect: Reconnect | None = None,
        open_capture: Callable[[Source, Limits], Capture] | None = None,
    ) -> None:
        source = Source(Kind.DEVICE, pipeline(sensor, size_px, turned=turned), f"camera jetson:{sensor}")
        limits = Limits.within(timeout_s)
        open_it = open_capture or open_pipeline
        reader = LiveReader(
            source, lambda: open_it(source, limits), clock or SystemClock(), reconnect or Reconnect()
        )
        reader.start(open_it(source, limits), Thinning(fps))
        super().__init__(reader)


def pipeline(sensor: int, size_px: tuple[int, int], *, turned: bool) -> str:
    """The way of a picture through GStreamer: sensor, image processor (turns and shrinks for nothing), OpenCV.

    The sink keeps the newest picture only, so that nobody looks at an old one.
    """
    wide, high = size_px
    return (
        f"nvarguscamerasrc sensor-id={sensor}"
        f" ! video/x-raw(memory:NVMM), width={SENSOR_PX[0]}, height={SENSOR_PX[1]}, format=NV12,"
        f" framerate={SENSOR_FPS}/1"
        f" ! nvvidconv flip-method={UPSIDE_DOWN if turned else UPRIGHT}"
        f" ! video/x-raw, width={wide}, height={high}, format=BGRx"
        " ! videoconvert ! video/x-raw, format=BGR"
        " ! appsink drop=true max-buffers=1 sync=false"
    )


def open_pipeline(source: Source, limits: Limits, libraries: Path = LIBRARIES) -> Capture:
    """Open a pipeline and take its first picture. ``CameraError`` says what is missing."""
    if not cv2.videoio_registry.hasBackend(cv2.CAP_GSTREAMER):
        raise CameraError(
            f"The {source.shown} cannot be opened: this OpenCV was built without GStreamer; use the one of NVIDIA's"
            " JetPack in a virtual environment made with --system-site-packages (pip's has none)."
        )
    if _version() < BOUNDED_SINCE:
        raise CameraError(
            f"The {source.shown} cannot be opened: OpenCV {cv2.__version__} may wait for a picture for ever;"
            f" use {BOUNDED_SINCE[0]}.{BOUNDED_SINCE[1]} or newer (JetPack 6 brings 4.8)."
        )
    plugin = f"gstreamer-1.0/libgst{ELEMENT}.so"
    if ELEMENT in source.place and not [*libraries.glob(plugin), *libraries.glob(f"*/{plugin}")]:
        raise CameraError(
            f"The {source.shown} cannot be opened: NVIDIA's camera source for GStreamer is not installed"
            " (apt install nvidia-l4t-gstreamer), or this is no Jetson."
        )
    timeouts = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(1000 * limits.open_s),
        cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(1000 * limits.read_s),
    ]  # fmt: skip
    capture = primed(source.place, cv2.CAP_GSTREAMER, timeouts)
    pictures = None if capture is None else WholePictures(capture)
    if pictures is None or not pictures.look():
        if pictures is not None:
            pictures.release()
        raise CameraError(
            f"The {source.shown} gives no picture: there is none of this number, another program uses it, or NVIDIA's"
            " camera service hangs; check the cable and restart it (systemctl restart nvargus-daemon)."
        )
    return pictures


class WholePictures:
    """A capture that has a picture when it says so: OpenCV's own grab says yes even if GStreamer's time ran out."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture
        self._image: Any = None

    def look(self) -> bool:
        """Whether there is a picture to what was grabbed last."""
        try:
            whole, self._image = self._capture.retrieve()
        except cv2.error:
            return False
        return bool(whole) and np.size(self._image) > 0

    def grab(self) -> bool:
        """Take the next picture; False if there is none in time."""
        return self._capture.grab() and self.look()

    def retrieve(self) -> tuple[bool, Any]:
        """The picture taken last, and whether it is whole."""
        return self._image is not None, self._image

    def get(self, propId: int) -> float:  # noqa: N803 - OpenCV's name
        """A property's value."""
        return self._capture.get(propId)

    def release(self) -> None:
        """Let go of the camera."""
        self._capture.release()


def _version() -> tuple[int, int]:
    major, minor = cv2.__version__.split(".")[:2]
    return int(major), int(minor)
