"""The command line: every wrong input is told in one sentence, and the right ones do their work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import write_clip
from streams import HttpCamera

from edge import __version__
from edge.cli import main

LINE = ["--line", "0.5,0,0.5,1", "--in", "left-to-right"]


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of a bright square that walks to the right."""
    path = tmp_path_factory.mktemp("clip") / "walk.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (160, 120))
    for number in range(30):
        image = np.full((120, 160, 3), 40, dtype=np.uint8)
        cv2.rectangle(image, (5 * number, 40), (5 * number + 20, 100), (230, 230, 230), cv2.FILLED)
        writer.write(image)
    writer.release()
    return path


def test_replay_counts_writes_and_tells(capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path) -> None:
    events, film = tmp_path / "e.jsonl", tmp_path / "r.mp4"
    truth = tmp_path / "walk.gt.json"
    line = {"p1": [0.5, 0.0], "p2": [0.5, 1.0], "in": "left-to-right"}
    truth.write_text(json.dumps({"clip": "walk.avi", "line": line, "crossings": []}))
    words = ["replay", str(clip), "--truth", str(truth), "--events", str(events), "--render", str(film), "--json"]
    assert main(words) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["video"] == "walk.avi"
    assert out["frames"] == 30
    rows = [json.loads(row) for row in events.read_text().splitlines()]
    assert len(rows) == out["lines"][0]["in"] + out["lines"][0]["out"]
    assert cv2.VideoCapture(str(film)).get(cv2.CAP_PROP_FRAME_COUNT) == 30
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e.jsonl", "r.mp4", "walk.gt.json"]


def test_fps_thins_the_pictures_out(capsys: pytest.CaptureFixture[str], clip: Path) -> None:
    assert main(["replay", str(clip), *LINE, "--fps", "5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == 15


def test_demo_once_shows_counts_and_ends(capsys: pytest.CaptureFixture[str], clip: Path) -> None:
    assert main(["demo", str(clip), "--once", "--no-sound"]) == 0
    out = capsys.readouterr().out
    assert "No line is given" in out
    assert "Watch it at http://127.0.0.1:" in out
    assert "middle" in out.splitlines()[-1]


def acm(*words: object, **options: object) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    command = [sys.executable, "-m", "edge", *map(str, words)]
    return subprocess.Popen(command, text=True, cwd=Path(__file__).parent.parent, **pipes)  # noqa: S603 - ourselves


def test_version() -> None:
    process = acm("--version")
    assert process.communicate(timeout=60)[0] == f"acm {__version__}\n"
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_the_demonstration_tells_the_totals(clip: Path, number: signal.Signals) -> None:
    process = acm("demo", clip, "--no-sound")
    assert process.stdout is not None
    assert "No line" in process.stdout.readline()
    assert "Watch it" in process.stdout.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.splitlines()[-1].startswith("Stopped ")
    assert err == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_replay_that_is_interrupted_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "out").mkdir()
    video = write_clip(tmp_path / "long.avi", 3000)
    seen, terminal = os.openpty()
    films = ["--render", tmp_path / "out" / "film.mp4", "--events", tmp_path / "out" / "events.jsonl"]
    process = acm("replay", video, *LINE, *films, stderr=terminal)
    os.close(terminal)
    # The bar has begun: it is in the midst of it.
    assert b"[" in os.read(seen, 100)
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    os.close(seen)
    assert process.returncode == 130
    assert out == ""
    assert list((tmp_path / "out").iterdir()) == []


def test_a_live_camera_is_counted_until_it_is_stopped(tmp_path: Path) -> None:
    with HttpCamera() as camera:
        process = acm("replay", camera.address, *LINE, "--events", tmp_path / "e.jsonl")
        assert process.stderr is not None
        assert "until Ctrl-C" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "pictures looked at, the last at 0." in out
    assert (tmp_path / "e.jsonl").read_text() == ""


def test_a_live_camera_that_is_lost_is_told_after_the_totals(capsys: pytest.CaptureFixture[str]) -> None:
    with HttpCamera(pictures=30) as camera:
        assert main(["replay", camera.address, *LINE]) == 2
    told = capsys.readouterr()
    assert "pictures looked at" in told.out
    assert "is lost; check power" in told.err
    assert "hunter2" not in told.out + told.err


def test_a_reader_that_leaves_is_no_failure(clip: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "edge", "replay", str(clip), *LINE]
    done = subprocess.run(  # noqa: S603 - ourselves
        command,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parent.parent,
    )
    os.close(writing)
    assert done.returncode == 141
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_a_full_disk_is_told(clip: Path) -> None:
    with Path("/dev/full").open("w") as full:
        process = acm("replay", clip, *LINE, stdout=full)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith("acm: The output cannot be written")
    assert err.count("\n") == 1


def test_a_name_that_is_no_letters_is_told(clip: Path, tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"door\xff.avi")
    odd.write_bytes(clip.read_bytes())
    process = acm("replay", odd, *LINE)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert err.startswith("acm: ")
    assert err.count("\n") == 1


def test_bench_measures_everything_on_a_given_video(capsys: pytest.CaptureFixture[str], clip: Path) -> None:
    assert main(["bench", "--video", str(clip), "--frames", "25", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["frames"] > 0
    assert 0 < out["overhead_share"] < 5
    assert 0 < out["gated_share"] < 1
    assert 20 < out["peak_rss_mb"] < 500
    assert (out["invoke"]["litert_benchmark_ms"] is None) == (out["invoke"]["reason"] is not None)
