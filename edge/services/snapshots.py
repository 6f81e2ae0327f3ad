"""The newest picture of each camera, for whoever aims it. It stays on the machine and in memory."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2

from edge.core.errors import InputError
from edge.services.replay import looks
from edge.vision.draw import LineLook, Painter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.analytics.scene import Scene
    from edge.core.clock import Clock
    from edge.core.events import Event
    from edge.core.frame import Frame
    from edge.core.model import Sighting

QUALITY = 85


@dataclass(frozen=True, slots=True)
class _Look:
    frame: Frame
    sighting: Sighting
    lines: list[LineLook]
    inside: int
    at_s: float


class Snapshot:
    """One camera's newest picture: kept as it is and made a JPEG when somebody asks, never before."""

    def __init__(self, camera: str, clock: Clock) -> None:
        self.camera = camera
        self._clock = clock
        self._look: _Look | None = None

    def saw(self, frame: Frame, sighting: Sighting, scene: Scene, events: Sequence[Event]) -> None:  # noqa: ARG002 - Watcher
        """Keep the picture, instead of the one before."""
        self._look = _Look(frame, sighting, looks(scene), scene.inside, self._clock.monotonic_s())

    def told(self, *, painted: bool) -> dict[str, object]:
        """The picture as text, with its size and age; ``painted`` with people and lines. ``InputError`` before any."""
        look = self._look
        if look is None:
            raise InputError(f"The camera {self.camera} has not given a picture yet.")
        image = look.frame.image
        if painted:
            # A painter remembers people's ways between pictures; for a single picture there are none.
            image = Painter().paint(look.frame, look.sighting, look.lines, look.inside)
        jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
        return {
            "camera": self.camera,
            "age_s": round(self._clock.monotonic_s() - look.at_s, 2),
            "width_px": look.frame.width_px,
            "height_px": look.frame.height_px,
            "jpeg": base64.b64encode(jpeg).decode("ascii"),
        }
