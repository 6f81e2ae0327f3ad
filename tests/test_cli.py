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


def told(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """Exit code and the one sentence."""
    code = main([str(word) for word in words])
    err = capsys.readouterr().err
    assert err.count("\n") == 1, err
    assert err.startswith("acm: ")
    assert "Traceback" not in err
    return code, err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ([], "replay, demo, bench"),
        (["replya"], "did you mean replay?"),
        (["xyzzy"], "there are replay"),
        (["--versoin"], "did you mean --version?"),
        (["replay"], "needs a video"),
        (["replay", "v.mp4", "--truht", "f"], "did you mean --truth?"),
        (["replay", "v.mp4", "--truht=f"], "did you mean --truth?"),
        (["demo", "--ones"], "did you mean --once?"),
        (["bench", "--jsno"], "did you mean --json?"),
        (["replay", "v.mp4", "w.mp4"], "w.mp4"),
        (["replay", "v.mp4"], "No line"),
        (["replay", "v.mp4", "--line"], "--line needs a value"),
        (["replay", "v.mp4", "--line", "0.5,0,0.5,1"], "--in"),
        (["replay", "v.mp4", "--line", "0.5,0,0.5,1", "--in", "left-to-rigth"], "did you mean left-to-right?"),
        (["replay", "v.mp4", "--line", "-0.1,0,0.5,1", "--in", "left-to-right"], "--line"),
        (["replay", "v.mp4", "--line", "0.5,0,0.5,1.2", "--in", "left-to-right"], "--line"),
        (["replay", "v.mp4", "--line", "0.5,0.5,0.5,0.5", "--in", "left-to-right"], "--line"),
        (["replay", "v.mp4", "--line", "0.5,0,0.5", "--in", "left-to-right"], "--line"),
        (["replay", "v.mp4", *LINE, "--mount", "ceiling"], "oblique, overhead"),
        (["replay", "v.mp4", *LINE, "--fps", "0"], "--fps"),
        (["replay", "v.mp4", *LINE, "--fps", "-5"], "--fps"),
        (["replay", "v.mp4", *LINE, "--fps", "nan"], "--fps"),
        (["replay", "v.mp4", *LINE, "--fps", "inf"], "--fps"),
        (["replay", "v.mp4", *LINE, "--fps", "ten"], "--fps"),
        (["replay", "v.mp4", *LINE, "--threads", "0"], "--threads"),
        (["replay", "v.mp4", *LINE, "--threads", "-1"], "--threads"),
        (["replay", "v.mp4", *LINE, "--threads", "two"], "--threads"),
        (["replay", "no/such/video.mp4", *LINE], "no/such/video.mp4"),
        (["replay", "v.mp4", "--truth", "no/such.gt.json"], "no/such.gt.json"),
        (["replay", "v.mp4", "--config", "no/such.toml"], "no/such.toml"),
        (["bench", "--frames", "0"], "--frames"),
        (["demo", "no/such/video.mp4", "--no-sound"], "no/such/video.mp4"),
    ],
)
def test_wrong_words_are_told_in_one_sentence(capsys: pytest.CaptureFixture[str], words: list[str], hint: str) -> None:
    code, err = told(capsys, *words)
    assert code == 2
    assert hint in err


def test_what_cannot_be_written_is_refused_before_the_run(
    capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    for option, path in (
        ("--events", tmp_path),
        ("--events", tmp_path / "no" / "e.jsonl"),
        ("--events", clip),
        ("--render", tmp_path / "no" / "r.mp4"),
        ("--render", tmp_path / "r.avi"),
        ("--render", clip),
    ):
        code, err = told(capsys, "replay", clip, *LINE, option, path)
        assert code == 2
        assert option in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.mp4", b""), ("text.mp4", b"this is no video\n" * 50), ("noise.avi", bytes(range(256)) * 99)],
)
def test_what_is_no_video_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    code, err = told(capsys, "replay", path, *LINE)
    assert code == 2
    assert name in err


@pytest.mark.parametrize(("fourcc", "name"), [("MJPG", "cut.avi"), ("mp4v", "cut.mp4")])
def test_a_truncated_video_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path, fourcc: str, name: str) -> None:
    path = tmp_path / name
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), 10.0, (160, 120))
    chance = np.random.default_rng(5)
    for _ in range(30):
        writer.write(chance.integers(0, 255, (120, 160, 3), dtype=np.uint8))
    writer.release()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    code, err = told(capsys, "replay", path, *LINE)
    assert code == 2
    assert name in err


def test_what_is_no_model_is_refused(capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path) -> None:
    model = tmp_path / "other.tflite"
    model.write_bytes(b"no model" * 100)
    code, err = told(capsys, "replay", clip, *LINE, "--model", model)
    assert code == 2
    assert "other.tflite" in err
    assert told(capsys, "replay", clip, *LINE, "--model", tmp_path / "none.tflite")[0] == 2


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"line": {}}', '{"line": {"p1": [0, 0], "p2": [1, 1], "in": "up"}, "crossings": []}', "{"],
)
def test_a_malformed_truth_is_refused(
    capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path, content: str
) -> None:
    truth = tmp_path / "clip.gt.json"
    truth.write_text(content)
    code, err = told(capsys, "replay", clip, "--truth", truth)
    assert code == 2
    assert "clip.gt.json" in err


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


def test_bench_measures_everything_on_a_given_video(capsys: pytest.CaptureFixture[str], clip: Path) -> None:
    assert main(["bench", "--video", str(clip), "--frames", "25", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["frames"] > 0
    assert 0 < out["overhead_share"] < 5
    assert 0 < out["gated_share"] < 1
    assert 20 < out["peak_rss_mb"] < 500
    assert (out["invoke"]["litert_benchmark_ms"] is None) == (out["invoke"]["reason"] is not None)
