"""A panel that is flooded, hangs and is killed, while people are counted beside it: not one of them is lost."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import httpx
from daemon_kit import SILENT, Daemon
from walk_clip import CAMERA, counted, walk_clip

from edge.app.demo_panel import DemoPanel

if TYPE_CHECKING:
    from pathlib import Path

LASTS_S = 18.0
VIEWERS, A_SECOND, FLOOD_S = 4, 200.0, 5.0
HANGS_S, COMES_ROUND_S, LIMIT_S = 3.0, 30.0, 60.0


def test_flooded_hung_and_killed_beside_a_recording(tmp_path: Path) -> None:
    clip = walk_clip(tmp_path / "walk.avi", LASTS_S)
    with Daemon(tmp_path, SILENT + CAMERA.format(clip=clip)) as daemon:
        # Where a demonstration has its records, too.
        daemon.state, daemon.records = tmp_path, tmp_path / "records.db"
        with DemoPanel(tmp_path, daemon.control) as panel:
            link = panel.link(lambda: False)
            daemon.start()
            told = flooded(link)
            assert told["viewers"] == VIEWERS
            assert set(told["answers"]) <= {"200", "303", "401", "429"}
            assert told["answers"]["429"] > sum(told["answers"].values()) / 3
            panel.signal(signal.SIGSTOP)
            daemon.hear("\0", HANGS_S)
            assert daemon.ask("status")["state"] == "running"
            panel.signal(signal.SIGCONT)
            answers(link)
            panel.signal(signal.SIGKILL)
        with DemoPanel(tmp_path, daemon.control) as panel:
            answers(panel.link(lambda: False))
            status = daemon.status_when(lambda status: status["cameras"][0]["state"] == "ended", LASTS_S + LIMIT_S)
        daemon.stop()
    truth = counted(clip)
    assert sum(truth) >= 3
    assert [(line["in"], line["out"]) for line in status["lines"]] == [truth]
    assert kept(daemon.records) == truth


def flooded(link: str) -> dict[str, Any]:
    """What four viewers and somebody who calls without end were answered."""
    asked = json.dumps({"link": link, "viewers": VIEWERS, "a_second": A_SECOND, "for_s": FLOOD_S})
    words = [sys.executable, "-m", "edge", "bench", "panel", "--child"]
    done = subprocess.run(words, input=asked, capture_output=True, text=True, check=False, timeout=LIMIT_S)  # noqa: S603 - ourselves
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def answers(link: str) -> None:
    """Wait until the panel lets a visitor in."""
    end_s = time.monotonic() + COMES_ROUND_S
    while httpx.get(urljoin(link, "/sign-in"), timeout=COMES_ROUND_S).status_code != 200:
        assert time.monotonic() < end_s, "it does not come round"


def kept(records: Path) -> tuple[int, int]:
    """In and out, as they are on the disk."""
    with closing(sqlite3.connect(f"file:{records}?mode=ro", uri=True)) as plain:
        counts = dict(plain.execute("SELECT direction, count(*) FROM crossing GROUP BY 1").fetchall())
    return counts.get(0, 0), counts.get(1, 0)
