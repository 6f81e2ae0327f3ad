"""What all cameras that OpenCV reads have in common: one thread reads, any may close, and what is lost comes back."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np

from edge.core.errors import CameraError
from edge.core.frame import Frame
from edge.hardware.frame_times import Thinning

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from edge.core.backoff import Reconnect
    from edge.core.clock import Clock
    from edge.core.frame import Exposure
    from edge.hardware.video_source import Source

BYTE_BITS = 8
TWO_BYTE_YUV, BGRA = 2, 4


class Capture(Protocol):
    """An opened source of OpenCV's, or what behaves like one."""

    def grab(self) -> bool:
        """Take the next picture; False if there is none."""

    def retrieve(self) -> tuple[bool, Any]:
        """The picture taken last, and whether it is whole."""

    def get(self, propId: int) -> float:  # noqa: N803 - OpenCV's name
        """A property's value."""

    def release(self) -> None:
        """Let go of the source."""


class Reader(Protocol):
    """What takes frames out of an opened source."""

    @property
    def warning(self) -> str | None:
        """One sentence once a recording turned out to be incomplete, else None."""

    @property
    def retry_in_s(self) -> float:
        """Seconds until a lost source is tried again."""

    def read(self) -> Frame | None:
        """The next frame; None at the end."""

    def hurry(self) -> None:
        """Have a read that waits come back: nobody wants any more frames. Called from any thread."""

    def close(self) -> None:
        """Let go of the source; never while a read is under way."""


class ReaderCamera:
    """A camera around a reader that was opened already; ``turned`` puts pictures right that hang upside down."""

    def __init__(self, reader: Reader, *, turned: bool = False) -> None:
        self._reader, self._turned = reader, turned
        self._busy, self._closed = Lock(), False

    @property
    def warning(self) -> str | None:
        """One sentence once a recording turned out to be incomplete, else None."""
        return self._reader.warning

    @property
    def retry_in_s(self) -> float:
        """Seconds until a lost source is tried again, 0 while it is not lost."""
        return self._reader.retry_in_s

    def read(self) -> Frame | None:
        """Return the next frame, or None at a recording's end or after ``close``; ``CameraError`` if it is lost."""
        with self._busy:
            frame = self._reader.read()
        if self._closed:
            self._let_go()
            return None
        if frame is None or not self._turned:
            return frame
        return replace(frame, image=np.asarray(cv2.rotate(frame.image, cv2.ROTATE_180), dtype=np.uint8))

    def close(self) -> None:
        """Let go of the source; may be called twice, and from another thread than the one that reads.

        A read that is waiting for the right moment ends. One that is under way in the library is not torn out of it
        (that crashes): it lets go of the source when it comes back.
        """
        self._closed = True
        self._reader.hurry()
        self._let_go()

    def _let_go(self) -> None:
        if self._busy.acquire(blocking=False):
            try:
                self._reader.close()
            finally:
                self._busy.release()


class LiveReader:
    """Reads a source that goes on for ever, and gets it back when it is lost.

    ``reopen`` gives a capture whose first picture is grabbed, or raises ``CameraError``; ``light`` may tell how a
    picture was exposed.
    """

    warning: str | None = None

    def __init__(
        self,
        source: Source,
        reopen: Callable[[], Capture],
        clock: Clock,
        reconnect: Reconnect,
        light: Callable[[Capture, float], Exposure | None] | None = None,
    ) -> None:
        self._source, self._reopen, self._clock, self._reconnect = source, reopen, clock, reconnect
        self._light = light
        self._capture: Capture | None = None
        self._thinning = Thinning(None)
        self._grabbed = False
        self._closed = False
        self._index = 0

    def start(self, capture: Capture, thinning: Thinning) -> None:
        """Go on with a capture whose first picture is grabbed."""
        self._capture, self._thinning, self._grabbed = capture, thinning, True

    @property
    def retry_in_s(self) -> float:
        """Seconds until a lost source is tried again, 0 while it is not lost."""
        return self._reconnect.wait_s(self._clock.monotonic_s())

    def read(self) -> Frame | None:
        """The next frame that is wanted; ``CameraError`` while the source is lost."""
        while not self._closed:
            capture = self._capture or self._opened_again()
            if not self._grabbed and not capture.grab():
                raise self._lost(f"{_capital(self._source.shown)} is lost")
            self._grabbed = False
            t_s = self._clock.monotonic_s()
            index = self._index
            self._index += 1
            if self._thinning.keeps(t_s):
                image = retrieved(capture)
                if image is None:
                    raise self._lost(f"{_capital(self._source.shown)} sends broken pictures")
                self._reconnect.succeeded()
                return Frame(image, t_s, index, self._light(capture, t_s) if self._light is not None else None)
        return None

    def _opened_again(self) -> Capture:
        if self.retry_in_s > 0:
            raise CameraError(f"{_capital(self._source.shown)} is lost; trying again in {self.retry_in_s:.0f} s.")
        try:
            self._capture = self._reopen()
        except CameraError as error:
            pause_s = self._reconnect.failed(self._clock.monotonic_s())
            raise CameraError(f"{error} Trying again in {pause_s:.0f} s.") from None
        self._grabbed = True
        return self._capture

    def _lost(self, what: str) -> CameraError:
        if self._capture is not None:
            self._capture.release()
            self._capture = None
        pause_s = self._reconnect.failed(self._clock.monotonic_s())
        return CameraError(f"{what}; check power, cable and network. Trying again in {pause_s:.0f} s.")

    def hurry(self) -> None:
        """Read on no more."""
        self._closed = True

    def close(self) -> None:
        """Let go of the source; may be called twice."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None


def _capital(text: str) -> str:
    """At a sentence's start; addresses stay as they are."""
    return text[:1].upper() + text[1:] if text.startswith("camera ") else f"The stream {text}"


def retrieved(capture: Capture) -> NDArray[np.uint8] | None:
    """The picture grabbed last, or None if it cannot be decoded."""
    try:
        whole, image = capture.retrieve()
    except cv2.error:
        return None
    return bgr(np.asarray(image)) if whole and np.size(image) else None


def bgr(image: NDArray[Any]) -> NDArray[np.uint8]:
    """Any picture a camera gives (grey, 16 bits, with alpha, YUYV) as height x width x 3, uint8, BGR."""
    if image.dtype == np.uint16:
        image = (image >> BYTE_BITS).astype(np.uint8)
    channels = 1 if image.ndim == 2 else image.shape[2]  # noqa: PLR2004 - height and width only
    if channels == 1:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    elif channels == TWO_BYTE_YUV:
        image = cv2.cvtColor(image, cv2.COLOR_YUV2BGR_YUYV)
    elif channels == BGRA:
        image = cv2.cvtColor(image, cv2.COLOR_BGRA2BGR)
    return np.asarray(image, dtype=np.uint8)
