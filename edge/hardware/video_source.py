"""Where pictures come from: tells files, devices and streams apart, and opens them within a time limit.

The video library gives no reasons, so what can be told is found out here. It does its own logging to the process's
standard error; that is switched off where the process starts (it listens to environment variables only).
Every step over the network has a limit (``CAP_PROP_OPEN_TIMEOUT_MSEC``, ``CAP_PROP_READ_TIMEOUT_MSEC``) but one:
looking up a host's name, which lasts as long as the machine's resolver is configured to take. A V4L2 device is given
10 s for each picture by the library itself.
RTSP goes over TCP: FFmpeg, as OpenCV sets it up, asks for that first.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import unquote, urlsplit

import cv2

from edge.core.errors import CameraError
from edge.core.masking import masked

STREAMS = ("rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "rtp", "udp", "tcp", "srt")
EXAMPLE = "rtsp://user:password@192.168.1.20:554/path"
# An address whose scheme was forgotten or mistyped; there may be a password in it.
_ADDRESS_ALIKE = re.compile(r"^[^\s]*:[^\s]*@")
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


class Kind(Enum):
    """What gives the pictures."""

    FILE = "file"
    DEVICE = "device"
    STREAM = "stream"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long opening and each read of a stream may take."""

    open_s: float
    read_s: float

    @classmethod
    def within(cls, timeout_s: float) -> Limits:
        """Opening a stream and getting its first picture take less than ``timeout_s`` together."""
        return cls(0.55 * timeout_s, 0.35 * timeout_s)


@dataclass(frozen=True, slots=True)
class Source:
    """``place`` is what the library opens; ``shown`` is what may be shown to people."""

    kind: Kind
    place: str
    shown: str


def source_of(text: str) -> Source:
    """What a person means by ``text``: the number or path of a device, the address of a stream, or a file."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _local(text)
    kind = scheme[1].lower()
    if kind == "file":
        return _local(unquote(urlsplit(text).path))
    shown = masked(text)
    if kind not in STREAMS:
        raise CameraError(f"{shown}: no camera speaks {kind}; give an address with rtsp://, http:// or https://.")
    try:
        host, port = urlsplit(text).hostname, urlsplit(text).port
    except ValueError:
        host = port = None
    if not host or port == 0:
        raise CameraError(f"{shown} is no complete address; write it like {EXAMPLE}.")
    return Source(Kind.STREAM, text, shown)


def _local(text: str) -> Source:
    if not text:
        raise CameraError("No video is named; give a file, a device such as /dev/video0, or an address.")
    if _ADDRESS_ALIKE.match(text) and not Path(text).exists():
        raise CameraError(f"***@{text.rpartition('@')[2]} is no complete address; write it like {EXAMPLE}.")
    if text.isascii() and text.isdigit():
        return Source(Kind.DEVICE, f"/dev/video{int(text)}", f"camera /dev/video{int(text)}")
    if text.startswith("/dev/"):
        return Source(Kind.DEVICE, text, f"camera {text}")
    # An absolute path cannot be mistaken for a protocol, whatever the file is called.
    return Source(Kind.FILE, str(Path(text).absolute()), text)


def opened(source: Source, limits: Limits) -> cv2.VideoCapture:
    """Open a source and grab its first picture (``retrieve`` it before grabbing on).

    Raises ``CameraError`` with the place, the reason as far as it can be known, and the remedy.
    """
    open_it = {Kind.FILE: _file, Kind.DEVICE: _device, Kind.STREAM: _stream}[source.kind]
    return open_it(source, limits)


def _file(source: Source, _: Limits) -> cv2.VideoCapture:
    _check_readable(source)
    backend = cv2.CAP_FFMPEG if _has_ffmpeg() else cv2.CAP_ANY
    capture = primed(source.place, backend, [])
    if capture is None:
        raise CameraError(f"{source.shown} is not a video, or is cut short at its start; give a file that plays.")
    if _is_picture(source.place, backend):
        capture.release()
        raise CameraError(f"{source.shown} is a single picture; give a video.")
    return capture


def _check_readable(source: Source) -> None:
    path = Path(source.place)
    try:
        # The video library dies of a name that is not UTF-8.
        source.place.encode()
        facts = path.stat()
        if stat.S_ISDIR(facts.st_mode):
            raise CameraError(f"{source.shown} is a folder; name a video file in it.")
        if not stat.S_ISREG(facts.st_mode):
            raise CameraError(f"{source.shown} is neither a file nor a camera; give a video file.")
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise CameraError(f"There is no video {source.shown}; check the name and the folder.") from None
    except PermissionError:
        raise CameraError(
            f"The video {source.shown} may not be read by this user; allow it (chmod a+r) or copy it."
        ) from None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "its name cannot be one"
        raise CameraError(f"The video {source.shown!r} cannot be read ({reason}); give another file.") from None
    if facts.st_size == 0:
        raise CameraError(f"The video {source.shown} is empty (0 bytes); record or copy it again.")


def _is_picture(place: str, backend: int) -> bool:
    """FFmpeg takes a single picture for a video of one frame."""
    if not cv2.haveImageReader(place):
        return False
    capture = cv2.VideoCapture(place, backend)
    try:
        return not (capture.grab() and capture.grab())
    finally:
        capture.release()


def _device(source: Source, _: Limits) -> cv2.VideoCapture:
    if not Path(source.place).exists():
        raise CameraError(f"There is no {source.shown}; plug it in, or look what is there with: ls /dev/video*")
    if not os.access(source.place, os.R_OK | os.W_OK):
        raise CameraError(f"The {source.shown} may not be used by this user; add the user to the group video.")
    capture = primed(source.place, cv2.CAP_V4L2, [])
    if capture is None:
        raise CameraError(
            f"The {source.shown} gives no picture: it is in use by another program, or is not a camera;"
            " stop the other program or name another device."
        )
    return capture


def _stream(source: Source, limits: Limits) -> cv2.VideoCapture:
    if not _has_ffmpeg():
        raise CameraError(
            f"{source.shown} cannot be opened: this OpenCV was built without FFmpeg; install opencv-python-headless."
        )
    timeouts = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(1000 * limits.open_s),
        cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(1000 * limits.read_s),
    ]  # fmt: skip
    capture = primed(source.place, cv2.CAP_FFMPEG, timeouts)
    if capture is None:
        raise CameraError(
            f"The stream {source.shown} cannot be reached or sends no picture (waited up to"
            f" {limits.open_s + limits.read_s:.0f} s); check address, network, user and password."
        )
    return capture


def _has_ffmpeg() -> bool:
    return bool(cv2.videoio_registry.hasBackend(cv2.CAP_FFMPEG))


def primed(place: str, backend: int, parameters: list[int]) -> cv2.VideoCapture | None:
    """A capture with its first picture grabbed, or None. ``parameters`` are properties and values in turn."""
    try:
        capture = cv2.VideoCapture(place, backend, parameters)
    except cv2.error:
        return None
    if capture.isOpened() and capture.grab():
        return capture
    capture.release()
    return None
