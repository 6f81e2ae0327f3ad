"""A recording from straight above in which people walk to and fro, and what is counted in it without any hurry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

from edge.analytics.scene import Scene
from edge.core.model import Direction, Mount, Tripwire
from edge.hardware.opencv_camera import OpenCvCamera
from edge.hardware.sim import SimCamera, Walker
from edge.services.replay import replay
from edge.vision.overhead import OverheadEye

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GATE = Tripwire("gate", (0.5, 1.0), (0.5, 0.0))
CAMERA = """
[[camera]]
name = "file"
source = "{clip}"
mount = "overhead"
repeat = false
[[camera.line]]
name = "gate"
from = [0.5, 0.0]
to = [0.5, 1.0]
in = "left-to-right"
"""


def walk_clip(path: Path, lasts_s: float) -> Path:
    """Write it: somebody every three seconds."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (640, 480))
    camera = SimCamera(tuple(_walkers(lasts_s)), mount=Mount.OVERHEAD, duration_s=lasts_s)
    while (frame := camera.read()) is not None:
        writer.write(frame.image)
    writer.release()
    return path


def counted(clip: Path) -> tuple[int, int]:
    """In and out, by a replay of the recording."""
    camera = OpenCvCamera(str(clip), fps=10.0)
    outcome = replay(camera, OverheadEye(), lambda aspect: Scene([GATE], (), aspect))
    camera.close()
    total = outcome.totals["gate"]
    return total[Direction.IN], total[Direction.OUT]


def _walkers(lasts_s: float) -> Iterator[Walker]:
    for number, start_s in enumerate(range(3, int(lasts_s) - 5, 3)):
        way = (-0.1, 1.1) if number % 2 else (1.1, -0.1)
        yield Walker(f"w{number}", ((start_s, way[0], 0.5), (start_s + 4.0, way[1], 0.5)), stature=0.2)
