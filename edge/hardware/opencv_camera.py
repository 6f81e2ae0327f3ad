"""Cameras that OpenCV can read: video files, V4L2 devices, network streams."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import cv2

from edge.core.backoff import Reconnect
from edge.core.clock import Clock, SystemClock
from edge.core.frame import Frame
from edge.hardware.frame_times import RecordingTimes, Thinning, sane_fps
from edge.hardware.live_reader import LiveReader, Reader, ReaderCamera, retrieved
from edge.hardware.v4l2_light import V4l2Light
from edge.hardware.video_source import Kind, Limits, Source, opened, source_of

if TYPE_CHECKING:
    from collections.abc import Callable

# A person is told within ten seconds, starting the program included.
TIMEOUT_S = 9.0
# Less than this may be missing at a recording's end: sound often lasts a little longer than the pictures.
MISSING_S = 0.5
MISSING_PART = 0.02
# So many pictures in a row may be spoiled before a file is given up. At a file's end trying on costs microseconds.
MOST_SPOILED = 250


class OpenCvCamera(ReaderCamera):
    """A video file, a V4L2 device (``/dev/video0`` or ``0``) or a stream (``rtsp://``, ``http://`` ...).

    Opens at once, first picture included; raises ``CameraError`` if that cannot be done. For a stream that takes at
    most ``timeout_s``, and each later read at most 0.35 of it.

    ``fps`` thins the pictures out by their times; None gives all. Frames of a recording carry the seconds into it and
    end with None; with ``realtime`` they are given at the pace they were shot (times ``speed``), by way of
    ``wait(seconds)``. Frames of devices and streams carry the clock's monotonic seconds and never end: a lost source
    raises ``CameraError`` on every read until it is back. It is tried again on a read, but not before ``retry_in_s``
    have passed, so whoever reads should wait that long. ``live`` tells which of the two it is. ``turned`` is for a
    camera that hangs upside down.
    """

    def __init__(  # noqa: PLR0913 - the name of a source and five things that have a good default
        self,
        source: str,
        *,
        fps: float | None = None,
        realtime: bool = False,
        speed: float = 1.0,
        turned: bool = False,
        timeout_s: float = TIMEOUT_S,
        clock: Clock | None = None,
        wait: Callable[[float], object] | None = None,
        reconnect: Reconnect | None = None,
    ) -> None:
        clock = clock or SystemClock()
        place, limits = source_of(source), Limits.within(timeout_s)
        capture = opened(place, limits)
        frames, file_fps = capture.get(cv2.CAP_PROP_FRAME_COUNT), capture.get(cv2.CAP_PROP_FPS)
        # A recording on a web server has a length, a live stream has none.
        recorded = place.kind is Kind.FILE or (place.place.lower().startswith("http") and frames > 0)
        self.live = not recorded
        self.duration_s = _duration_s(frames, file_fps) if recorded else None
        reader: Reader
        if recorded:
            pace = _Pace(clock, wait, speed) if realtime else None
            reader = _Recording(place, capture, Thinning(fps), self.duration_s, pace)
        else:
            light = V4l2Light() if place.kind is Kind.DEVICE else None
            live = LiveReader(place, lambda: opened(place, limits), clock, reconnect or Reconnect(), light)
            live.start(capture, Thinning(fps))
            reader = live
        super().__init__(reader, turned=turned)


def _duration_s(frames: float, fps: float) -> float | None:
    rate = sane_fps(fps)
    return frames / rate if rate is not None and frames > 0 else None


class _Pace:
    """Holds a recording back to the speed it was shot at, or so many times that."""

    def __init__(self, clock: Clock, wait: Callable[[float], object] | None, speed: float) -> None:
        self._clock, self._speed = clock, speed
        self._closed = Event()
        self._wait = wait or self._closed.wait
        self._start_s: float | None = None

    def hold(self, t_s: float) -> bool:
        """Return when it is time for the picture taken at ``t_s``; False if nobody wants it any more."""
        now_s = self._clock.monotonic_s()
        if self._start_s is None:
            self._start_s = now_s - t_s / self._speed
        early_s = self._start_s + t_s / self._speed - now_s
        if early_s > 0:
            self._wait(early_s)
        return not self._closed.is_set()

    def close(self) -> None:
        """Hold nobody back any more."""
        self._closed.set()


class _Recording:
    """Reads a file to its end, with the times the pictures have in it."""

    retry_in_s = 0.0

    def __init__(
        self,
        source: Source,
        capture: cv2.VideoCapture,
        thinning: Thinning,
        duration_s: float | None,
        pace: _Pace | None,
    ) -> None:
        self.warning: str | None = None
        self._source, self._capture, self._thinning = source, capture, thinning
        self._times = RecordingTimes(capture.get(cv2.CAP_PROP_FPS))
        self._duration_s = duration_s
        self._pace = pace
        self._index = 0
        self._over = False

    def read(self) -> Frame | None:
        while not self._over:
            if not self._grabbed():
                self._end()
                break
            index = self._index
            self._index += 1
            t_s = self._times.at(index, self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
            if self._thinning.keeps(t_s) and (image := retrieved(self._capture)) is not None:
                wanted = self._pace is None or self._pace.hold(t_s)
                return Frame(image, t_s, index) if wanted else None
        return None

    def _grabbed(self) -> bool:
        """Go to the next picture; False at the end. Spoiled ones are passed over: what follows may be sound."""
        # The first picture was grabbed when the file was opened.
        if not self._index or self._capture.grab():
            return True
        if self._source.kind is not Kind.FILE or not self._missing():
            return False
        for spoiled in range(1, MOST_SPOILED):
            if self._capture.grab():
                self._index += spoiled
                return True
        return False

    def _missing(self) -> bool:
        """Whether the file should go on by what its head says."""
        missing_s = (self._duration_s or 0.0) - self._times.end_s
        return self._duration_s is not None and missing_s > max(MISSING_S, MISSING_PART * self._duration_s)

    def _end(self) -> None:
        self._over = True
        self._capture.release()
        if self._duration_s is not None and self._missing():
            self.warning = (
                f"{self._source.shown} is incomplete: it breaks off after {self._times.end_s:.1f} of"
                f" {self._duration_s:.1f} s; what is there was used, record or copy it again for the rest."
            )

    def hurry(self) -> None:
        self._over = True
        if self._pace is not None:
            self._pace.close()

    def close(self) -> None:
        self._over = True
        self._capture.release()
