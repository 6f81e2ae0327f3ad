"""A Pi's own camera, through picamera2 (libcamera).

The camera makes two pictures of every exposure: a small one for the analysis, as the image processor gives it for
nothing, and a big one that is only fetched when somebody wants to see it (``still``). With each come the facts of the
exposure, from which day and night are told apart.

Known trouble that is met here: a capture may never end (picamera2 issue 1090: a loose cable is enough), so every one
has a time limit; many sensor modes show only the middle of the picture, so one is chosen that shows all of it.
"""

from __future__ import annotations

import contextlib
import importlib
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as NoAnswerError
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from edge.core.backoff import Reconnect
from edge.core.clock import Clock, SystemClock
from edge.core.errors import CameraError
from edge.core.frame import Frame
from edge.hardware.pi_pictures import MICROS, Sizes, exposure_of, grey_as_bgr, sizes_for, whole_view, yuv420_as_bgr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

READ_LIMIT_S = 5.0
BUFFERS = 4
# A time the camera tells is believed if it is no further from the clock's own.
BELIEVED_S = 2.0
# The first release that can let go of a camera that hangs.
LETS_GO = "cancel_all_and_flush"
INSTALL = (
    "install it (apt install python3-picamera2) and use a virtual environment made with --system-site-packages"
)


class PiCamera:
    """Camera ``number`` of a Pi, at ``fps`` pictures a second, ``turned`` if it hangs upside down.

    ``tuning`` is the name or path of a tuning file: a camera without infra-red filter has false colours with the usual
    one. Opens at once; raises ``CameraError`` if that cannot be done. Frames carry the monotonic seconds at which their
    exposure began, and what it was. They never end: a camera that gives no picture for ``limit_s`` raises
    ``CameraError`` on every read until it is back. It is tried again on a read, but not before ``retry_in_s``.
    """

    live = True
    warning: str | None = None
    duration_s: float | None = None

    def __init__(  # noqa: PLR0913 - the number of a camera, and what has a good default
        self,
        number: int = 0,
        *,
        fps: float = 10.0,
        turned: bool = False,
        mono: bool = False,
        tuning: str = "",
        limit_s: float = READ_LIMIT_S,
        clock: Clock | None = None,
        reconnect: Reconnect | None = None,
    ) -> None:
        self._number, self._fps, self._turned, self._tuning, self._limit_s = number, fps, turned, tuning, limit_s
        self._mono = mono
        self._longest_s = 1 / fps
        self._clock = clock or SystemClock()
        self._reconnect = reconnect or Reconnect()
        self._shown = f"camera picamera:{number}"
        self._closed, self._busy = Event(), Lock()
        self._index = 0
        self._last_t_s = float("-inf")
        self._camera: Any = None
        self._sizes = Sizes((0, 0), (0, 0))
        self._open()

    @property
    def retry_in_s(self) -> float:
        """Seconds until a lost camera is tried again, 0 while it is not lost."""
        return self._reconnect.wait_s(self._clock.monotonic_s())

    def read(self) -> Frame | None:
        """Return the next frame, or None after ``close``; ``CameraError`` while the camera is lost."""
        got = self._copied("lores")
        if got is None:
            return None
        yuv, told = got
        wide, high = self._sizes.lores
        image = grey_as_bgr(yuv[:high, :wide]) if self._mono else yuv420_as_bgr(yuv, wide, high)
        self._reconnect.succeeded()
        index = self._index
        self._index += 1
        return Frame(image, self._time_of(told), index, exposure_of(told))

    def still(self) -> NDArray[np.uint8]:
        """The big picture of the next exposure: height x width x 3, uint8, BGR. ``CameraError`` if there is none."""
        got = self._copied("main")
        if got is None:
            raise CameraError(f"The {self._shown} is closed.")
        return np.ascontiguousarray(got[0], dtype=np.uint8)

    def set_mono(self, mono: bool) -> None:  # noqa: FBT001 - on or off is what it is about
        """Give grey pictures (as under an infra-red lamp) or coloured ones, from one of the next frames on."""
        self._mono = mono
        if self._camera is not None:
            _ask(self._camera, {"Saturation": 0.0 if mono else 1.0})

    def set_longest_exposure(self, seconds: float) -> None:
        """Let an exposure last so long in the dark; frames come more slowly then. Never shorter than a frame lasts."""
        self._longest_s = max(1 / self._fps, seconds)
        if self._camera is not None:
            _ask(self._camera, self._pace())

    def close(self) -> None:
        """Let go of the camera; may be called twice, and from another thread than the one that reads.

        A read that is waiting for a picture ends; one that is copying it lets go of the camera when it has done so.
        """
        self._closed.set()
        camera = self._camera
        if camera is not None:
            with contextlib.suppress(RuntimeError):
                camera.cancel_all_and_flush()
        self._end()

    def _end(self) -> None:
        """Let go of a closed camera, unless somebody reads: that one does it then."""
        if self._closed.is_set() and self._busy.acquire(blocking=False):
            try:
                self._let_go()
            finally:
                self._busy.release()

    def _pace(self) -> dict[str, Any]:
        return {"FrameDurationLimits": (round(MICROS / self._fps), round(MICROS * self._longest_s))}

    def _copied(self, stream: str) -> tuple[NDArray[np.uint8], Mapping[str, Any]] | None:
        """One of the pictures of the next exposure, and its facts; None when closed. ``CameraError`` while lost."""
        try:
            with self._busy:
                request = self._captured()
                return None if request is None else self._copy(request, stream)
        finally:
            # Somebody may have closed the camera in the meantime.
            self._end()

    def _copy(self, request: Any, stream: str) -> tuple[NDArray[np.uint8], Mapping[str, Any]]:  # noqa: ANN401 - theirs
        try:
            return request.make_array(stream), request.get_metadata()
        except RuntimeError as error:
            fault = _reason(error)
        finally:
            request.release()
        raise self._lost(f"fails ({fault})")

    def _captured(self) -> Any:  # noqa: ANN401 - picamera2's
        """The next exposure, to be released after use; None when closed. ``CameraError`` while lost."""
        if self._closed.is_set():
            return None
        if self._camera is None:
            self._open_again()
        camera = self._camera
        try:
            return camera.wait(camera.capture_request(wait=False), timeout=self._limit_s)
        except CancelledError:
            if self._closed.is_set():
                return None
            raise self._lost("was taken away") from None
        except NoAnswerError:
            raise self._lost(f"has given no picture for {self._limit_s:.0f} s") from None
        except RuntimeError as error:
            raise self._lost(f"fails ({_reason(error)})") from None

    def _open_again(self) -> None:
        if self.retry_in_s > 0:
            raise CameraError(f"The {self._shown} is lost; trying again in {self.retry_in_s:.0f} s.")
        try:
            self._open()
        except CameraError as error:
            pause_s = self._reconnect.failed(self._clock.monotonic_s())
            raise CameraError(f"{error} Trying again in {pause_s:.0f} s.") from None

    def _lost(self, what: str) -> CameraError:
        self._let_go()
        pause_s = self._reconnect.failed(self._clock.monotonic_s())
        return CameraError(
            f"The {self._shown} {what}; check its ribbon cable (with the power off). Trying again in {pause_s:.0f} s."
        )

    def _let_go(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            # What it may say now is of no use to anybody: it is given up either way.
            with contextlib.suppress(RuntimeError, OSError):
                camera.cancel_all_and_flush()
                camera.close()

    def _open(self) -> None:
        kind = _kind()
        self._check_number(kind)
        tuning = self._loaded_tuning(kind)
        try:
            camera = kind(self._number, tuning=tuning)
        except (RuntimeError, IndexError) as error:
            raise CameraError(
                f"The {self._shown} cannot be opened ({_reason(error.__cause__ or error)}); if another program uses it"
                " (rpicam-hello, motion, a second acm), stop that one."
            ) from None
        try:
            self._start(camera)
        except RuntimeError as error:
            with contextlib.suppress(RuntimeError):
                camera.close()
            raise CameraError(
                f"The {self._shown} cannot be started ({_reason(error)}); restart the Pi, and if that does not help,"
                " check its ribbon cable (with the power off)."
            ) from None
        self._camera = camera

    def _check_number(self, kind: Any) -> None:  # noqa: ANN401 - picamera2's
        try:
            there = kind.global_camera_info()
        except RuntimeError as error:
            raise CameraError(f"The {self._shown} cannot be opened: libcamera fails ({_reason(error)}).") from None
        if not there:
            raise CameraError(
                f"There is no {self._shown}: the Pi sees no camera at all; check its ribbon cable (with the power off),"
                " then look with: rpicam-hello --list-cameras"
            )
        if self._number >= len(there):
            models = ", ".join(f"picamera:{number} ({info.get('Model')})" for number, info in enumerate(there))
            raise CameraError(f"There is no {self._shown}; there is {models}.")

    def _loaded_tuning(self, kind: Any) -> Any:  # noqa: ANN401 - picamera2's
        if not self._tuning:
            return None
        path = Path(self._tuning)
        folder = str(path.parent) if path.is_absolute() else None
        try:
            return kind.load_tuning_file(path.name if folder else self._tuning, folder)
        except (RuntimeError, OSError, ValueError) as error:
            raise CameraError(
                f"The tuning file {self._tuning} of the {self._shown} cannot be used ({_reason(error)}); see which"
                " there are with: ls /usr/share/libcamera/ipa/rpi/*/"
            ) from None

    def _start(self, camera: Any) -> None:  # noqa: ANN401 - picamera2's
        libcamera = importlib.import_module("libcamera")
        mode = whole_view(_modes(camera), self._fps)
        self._sizes = sizes_for(camera.sensor_resolution)
        turn = int(self._turned)
        camera.configure(
            camera.create_video_configuration(
                main={"size": self._sizes.main, "format": "RGB888"},
                lores={"size": self._sizes.lores, "format": "YUV420"},
                transform=libcamera.Transform(hflip=turn, vflip=turn),
                # As OpenCV takes YUV to be when it turns it into colours.
                colour_space=libcamera.ColorSpace.Smpte170m(),
                buffer_count=BUFFERS,
                sensor={} if mode is None else {"output_size": mode["size"], "bit_depth": mode["bit_depth"]},
            )
        )
        self._sizes = Sizes(*(tuple(camera.camera_configuration()[name]["size"]) for name in ("main", "lores")))
        # Rather noise than blur: who walks is smeared over half his width at a tenth of a second.
        short = libcamera.controls.AeExposureModeEnum.Short
        _ask(camera, {**self._pace(), "AeExposureMode": short, "Saturation": 0.0 if self._mono else 1.0})
        camera.start()

    def _time_of(self, told: Mapping[str, Any]) -> float:
        """When the exposure began. A clock that is not ours, or jumps, is not believed."""
        now_s = self._clock.monotonic_s()
        told_s = told.get("SensorTimestamp", 0) / 1e9
        t_s = told_s if abs(now_s - told_s) <= BELIEVED_S else now_s
        self._last_t_s = max(t_s, self._last_t_s + 1e-3)
        return self._last_t_s


def _modes(camera: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - picamera2's
    """The sensor's modes; none if they cannot be told apart (cameras that are no Pi's lack the facts it takes)."""
    try:
        return list(camera.sensor_modes)
    except KeyError:
        return []


def _ask(camera: Any, controls: Mapping[str, Any]) -> None:  # noqa: ANN401 - picamera2's
    """Ask for controls; those a camera does not have are left out (a USB camera has few)."""
    camera.set_controls({name: value for name, value in controls.items() if name in camera.camera_controls})


def _kind() -> Any:  # noqa: ANN401 - picamera2's
    """The class of picamera2. ``CameraError`` if it cannot be had."""
    try:
        kind = importlib.import_module("picamera2").Picamera2
    except (ImportError, AttributeError, OSError) as error:
        # pip's picamera2 on another libcamera misses names in it.
        raise CameraError(f"The Pi's camera library does not load ({_reason(error)}); {INSTALL}.") from None
    except ValueError as error:
        # Compiled parts of Debian's packages met a NumPy from elsewhere.
        raise CameraError(
            f"The Pi's camera library does not fit this environment's NumPy ({_reason(error)}); {INSTALL} and with"
            " Debian's NumPy."
        ) from None
    if not hasattr(kind, LETS_GO):
        raise CameraError("The Pi's camera library is too old; bring it up to date (apt upgrade python3-picamera2).")
    return kind


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
