"""A recording and a network camera at once: the network fails for a while, and the recording's count is exact.

By hand with a longer failure: ``RTSP_DOWN_S=30 pytest tests/test_two_cameras.py``.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from daemon_kit import SILENT, Daemon
from streams import RtspCamera
from walk_clip import CAMERA, counted, walk_clip

if TYPE_CHECKING:
    from pathlib import Path

DOWN_S = float(os.environ.get("RTSP_DOWN_S", "2"))
BACK_WITHIN_S = 15.0
LASTS_S = 18.0 + DOWN_S
SETTINGS = SILENT + CAMERA + """
[[camera]]
name = "net"
source = "{address}"
[[camera.line]]
name = "entrance"
from = [0.5, 0.0]
to = [0.5, 1.0]
in = "left-to-right"
"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return walk_clip(tmp_path_factory.mktemp("clip") / "walk.avi", LASTS_S)


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
