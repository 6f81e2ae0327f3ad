"""A recording and a network camera at once: the network fails for a while, and the recording's count is exact.

By hand with a longer failure: ``RTSP_DOWN_S=30 pytest tests/test_two_cameras.py``.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import cv2
import pytest
from daemon_kit import SILENT, Daemon
from streams import RtspCamera

from edge.analytics.scene import Scene
from edge.core.model import Direction, Mount, Tripwire
from edge.hardware.opencv_camera import OpenCvCamera
from edge.hardware.sim import SimCamera, Walker
from edge.services.replay import replay
from edge.vision.overhead import OverheadEye

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOWN_S = float(os.environ.get("RTSP_DOWN_S", "2"))
BACK_WITHIN_S = 15.0
LASTS_S = 18.0 + DOWN_S
GATE = Tripwire("gate", (0.5, 1.0), (0.5, 0.0))
SETTINGS = SILENT + """
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

[[camera]]
name = "net"
source = "{address}"
[[camera.line]]
name = "entrance"
from = [0.5, 0.0]
to = [0.5, 1.0]
in = "left-to-right"
"""


def walkers() -> Iterator[Walker]:
    """Somebody every three seconds, to and fro."""
    for number, start_s in enumerate(range(3, int(LASTS_S) - 5, 3)):
        way = (-0.1, 1.1) if number % 2 else (1.1, -0.1)
        yield Walker(f"w{number}", ((start_s, way[0], 0.5), (start_s + 4.0, way[1], 0.5)), stature=0.2)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "walk.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (640, 480))
    camera = SimCamera(tuple(walkers()), mount=Mount.OVERHEAD, duration_s=LASTS_S)
    while (frame := camera.read()) is not None:
        writer.write(frame.image)
    writer.release()
    return path


def counted(clip: Path) -> tuple[int, int]:
    """What a replay of the recording counts."""
    camera = OpenCvCamera(str(clip), fps=10.0)
    outcome = replay(camera, OverheadEye(), lambda aspect: Scene([GATE], (), aspect))
    camera.close()
    total = outcome.totals["gate"]
    return total[Direction.IN], total[Direction.OUT]


def test_the_network_fails_and_comes_back_and_the_recording_is_counted_exactly(tmp_path: Path, clip: Path) -> None:
    server = RtspCamera()
    with Daemon(tmp_path, SETTINGS.format(clip=clip, address=server.address)) as daemon:
        try:
            daemon.start()
            daemon.status_when(lambda status: status["cameras"][1]["state"] == "running")
            server.close()
            daemon.status_when(lambda status: status["cameras"][1]["state"] == "lost")
            daemon.hear("\0", DOWN_S)
            server = RtspCamera(server.port)
            up_s = time.monotonic()
            daemon.status_when(lambda status: status["cameras"][1]["state"] == "running")
            assert time.monotonic() - up_s <= BACK_WITHIN_S
            status = daemon.status_when(lambda status: status["cameras"][0]["state"] == "ended", LASTS_S + 20)
            (gate,) = [line for line in status["lines"] if line["camera"] == "file"]
            truth = counted(clip)
            assert (gate["in"], gate["out"]) == truth
            assert sum(truth) >= 3
            assert status["cameras"][1]["losses"] == 1
            assert "hunter2" not in daemon.said
            daemon.stop()
        finally:
            server.close()
