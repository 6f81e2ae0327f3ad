"""The newest picture of each camera, for whoever looks at it. Made when somebody asks, people covered as is set."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

import cv2
import numpy as np

from edge.core.errors import InputError
from edge.services.replay import looks
from edge.vision.draw import LineLook, Painter
from edge.vision.privacy import hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from edge.analytics.scene import Scene
    from edge.core.clock import Clock
    from edge.core.events import Event
    from edge.core.frame import Frame
    from edge.core.model import Sighting, Zone

QUALITY, LIVE_QUALITY = 85, 72
# A live picture is no wider: a phone shows no more, and a board has to encode it.
LIVE_WIDE_PX = 960
# Whoever asks again within this gets the same picture: five a second, however many look.
LIVE_S = 0.18
LOCKED = "Pictures are locked (privacy_lock in [panel] of the settings)."


@dataclass(frozen=True, slots=True)
class _Look:
    frame: Frame
    sighting: Sighting
    lines: list[LineLook]
    zones: list[Zone]
    inside: int
    at_s: float


class Snapshot:
    """One camera's newest picture: kept as it is and made a JPEG when somebody asks, never before.

    ``privacy`` tells how people are covered (blur, black, clear), or None if there is to be no picture at all.
    """

    def __init__(self, camera: str, clock: Clock, privacy: Callable[[], str | None] = lambda: "clear") -> None:
        self.camera = camera
        self._clock, self._privacy = clock, privacy
        self._look: _Look | None = None
        self._lock = Lock()
        self._painter = Painter()
        self._made: dict[tuple[bool, str], tuple[float, dict[str, object]]] = {}
        # How many pictures were encoded for lookers: none while nobody looks.
        self.encoded = 0

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:  # noqa: ARG002 - Watcher
        """Keep the picture, instead of the one before, and where people came from."""
        zones = [watch.zone for watch in scene.zones]
        with self._lock:
            self._painter.remember(sighting)
            self._look = _Look(frame, sighting, looks(scene), zones, scene.inside, self._clock.monotonic_s())

    def told(self, *, painted: bool) -> dict[str, object]:
        """The picture as text, with its size and age; ``painted`` with people and lines.

        ``InputError`` before there is any, and while pictures are locked.
        """
        look, how, painter = self._asked()
        frame = _covered(look, how)
        if painted:
            return self._told(look, painter.paint(frame, look.sighting, look.lines, look.inside, look.zones), QUALITY)
        return self._told(look, frame.image, QUALITY)

    def live(self, *, lines: bool) -> dict[str, object]:
        """The same to be looked at all the time: smaller, with people's boxes and trails, and ``lines`` and zones.

        However often it is asked for, a picture is encoded at most every ``LIVE_S``. Errors as for ``told``.
        """
        look, how, painter = self._asked()
        now_s = self._clock.monotonic_s()
        made_s, made = self._made.get((lines, how), (float("-inf"), {}))
        if now_s - made_s < LIVE_S:
            return made
        frame = _smaller(_covered(look, how))
        drawn = (look.lines, look.zones) if lines else ([], [])
        told = self._told(look, painter.paint(frame, look.sighting, drawn[0], None, drawn[1]), LIVE_QUALITY)
        self._made = {key: kept for key, kept in self._made.items() if key[1] == how}
        self._made[lines, how] = now_s, told
        return told

    def _asked(self) -> tuple[_Look, str, Painter]:
        how = self._privacy()
        if how is None:
            raise InputError(LOCKED)
        with self._lock:
            look, painter = self._look, self._painter.twin()
        if look is None:
            raise InputError(f"The camera {self.camera} has not given a picture yet.")
        return look, how, painter

    def _told(self, look: _Look, image: NDArray[np.uint8], quality: int) -> dict[str, object]:
        self.encoded += 1
        jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        return {
            "camera": self.camera,
            "age_s": round(self._clock.monotonic_s() - look.at_s, 2),
            "width_px": image.shape[1],
            "height_px": image.shape[0],
            "jpeg": base64.b64encode(jpeg).decode("ascii"),
        }


def _covered(look: _Look, how: str) -> Frame:
    """The frame with the people in it covered."""
    if how == "clear":
        return look.frame
    return replace(look.frame, image=hidden(look.frame.image, [track.box for track in look.sighting.tracks], how))


def _smaller(frame: Frame) -> Frame:
    """The frame, no wider than a live picture."""
    if frame.width_px <= LIVE_WIDE_PX:
        return frame
    size = LIVE_WIDE_PX, round(frame.height_px * LIVE_WIDE_PX / frame.width_px)
    return replace(frame, image=np.asarray(cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA), np.uint8))
