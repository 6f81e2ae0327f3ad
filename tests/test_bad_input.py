"""Every wrong input is told in one sentence and with exit code 2, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from time import monotonic

import cv2
import numpy as np
import pytest
from clips import write_clip
from streams import HttpCamera, LockedCamera, RtspCamera, SilentCamera, picture
from tiny_models import Given, write_model

from edge.cli import main

WAY = ["--in", "left-to-right"]
LINE = ["--line", "0.5,0,0.5,1", *WAY]
TRUTH = {"p1": [0.5, 0.0], "p2": [0.5, 1.0], "in": "left-to-right"}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with every kind of file, good and bad; it is the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_clip(tmp_path / "door.avi", 20)
    write_clip(tmp_path / "cut.mp4", 30)
    write_clip(tmp_path / "cut.avi", 60)
    for name, part in (("cut.mp4", 0.6), ("cut.avi", 0.02)):
        path = tmp_path / name
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    cv2.imwrite("still.jpg", picture(1))
    logits = {"logits": np.zeros((1, 1001), np.float32)}
    write_model(tmp_path / "classifier.tflite", logits)
    write_model(tmp_path / "grey.tflite", {"out": np.zeros((1, 5, 84), np.float32)}, Given(shape=(1, 64, 64, 1)))
    (tmp_path / "half.tflite").write_bytes((tmp_path / "grey.tflite").read_bytes()[:300])
    os.link("door.avi", "same.avi")
    (tmp_path / "link.jsonl").symlink_to("door.avi")
    (tmp_path / "folder").mkdir()
    for name, content in TEXTS.items():
        (tmp_path / name).write_text(content)
    return tmp_path


TEXTS = {
    "empty.mp4": "",
    "letter.mp4": "Dear Sir or Madam,\n" * 300,
    "letter.tflite": "Dear Sir or Madam,\n" * 300,
    "letter.toml": "Dear Sir or Madam,\n",
    "empty.tflite": "",
    "empty.toml": "",
    "empty.gt.json": "",
    "half.gt.json": json.dumps({"line": TRUTH, "crossings": []})[:-9],
    "list.gt.json": "[]",
    "lineless.gt.json": '{"crossings": []}',
    "good.gt.json": json.dumps({"line": TRUTH, "crossings": []}),
    "outside.gt.json": json.dumps({"line": {**TRUTH, "p2": [0.5, 1.5]}, "crossings": []}),
    "short.gt.json": json.dumps({"line": {**TRUTH, "p2": [0.5, 0.0]}, "crossings": []}),
    "up.gt.json": json.dumps({"line": {**TRUTH, "in": "up"}, "crossings": []}),
    "early.gt.json": json.dumps({"line": TRUTH, "crossings": [{"t": -1, "dir": "in"}]}),
    "text.gt.json": json.dumps({"line": TRUTH, "crossings": [{"t": "3 s", "dir": "in"}]}),
    "inn.gt.json": json.dumps({"line": TRUTH, "crossings": [{"t": 3.0, "dir": "inn"}]}),
    "nan.gt.json": '{"line": {"p1": [NaN, 0], "p2": [0.5, 1], "in": "left-to-right"}, "crossings": []}',
    "twice.gt.json": json.dumps({
        "line": TRUTH, "crossings": [], "extra_lines": [{"name": "line", "line": TRUTH, "crossings": []}],
    }),
    "lineless.toml": "[[camera]]\n",
    "unknown.toml": '[[camera]]\nnmae = "x"\n',
    "typo.toml": "[[camera]\n",
    "rate.toml": "[[camera]]\nfps = 0.0\n",
    "outside.toml": '[[camera]]\nline = [{name = "a", from = [0.5, 0.0], to = [0.5, 2.0], in = "left-to-right"}]\n',
    "two.toml": '[[camera]]\nname = "a"\n[[camera]]\nname = "b"\n',
}  # fmt: skip
WORDS: list[tuple[list[str], str]] = [
    ([], "say what to do: "),
    (["replya"], "did you mean replay?"),
    (["xyzzy"], "there are run"),
    ([""], "there is no command ''"),
    (["--versoin"], "did you mean --version?"),
    (["-x"], "there is no option -x"),
    (["replay"], "needs a video"),
    (["replay", "door.avi", "--truht", "f"], "did you mean --truth?"),
    (["replay", "door.avi", "--truht=f"], "did you mean --truth?"),
    (["replay", "door.avi", *LINE, "--even", "e"], "did you mean --events?"),
    (["demo", "--ones"], "did you mean --once?"),
    (["bench", "--jsno"], "did you mean --json?"),
    (["replay", "door.avi", "other.avi"], "cannot use the word 'other.avi'"),
    (["bench", "door.avi"], "cannot use the word 'door.avi'"),
    (["bench", "--frames", "0"], "--frames: '0' will not do"),
    (["bench", "--frames", "many"], "--frames: 'many' will not do"),
    (["replay", "door.avi", *LINE, "--events"], "--events needs a value"),
    (["replay", "door.avi", *LINE, "--json=yes"], "--json"),
]
LINES: list[tuple[list[str], str]] = [
    ([], "No line to count at"),
    (["--line"], "--line needs a value"),
    (["--line", "0.5,0,0.5,1"], "Each --line needs its --in"),
    (WAY, "Each --line needs its --in"),
    ([*LINE, "--in", "left-to-right"], "Each --line needs its --in"),
    (["--line", "0.5,0,0.5,1", "--in", "left-to-rigth"], "did you mean left-to-right?"),
    (["--line", "0.5,0,0.5,1", "--in", "sideways"], "it is one of left-to-right, "),
    (["--line", "-0.1,0,0.5,1", *WAY], "outside the frame"),
    (["--line", "0.5,0,0.5,1.2", *WAY], "outside the frame"),
    (["--line", "320,0,320,480", *WAY], "not pixels"),
    (["--line", "0.5,0.5,0.5,0.5", *WAY], "no length"),
    (["--line", "0.5,0.5,0.5,0.501", *WAY], "no length"),
    (["--line", "0.5,0,0.5", *WAY], "four numbers"),
    (["--line", "0.5,0,0.5,1,1", *WAY], "four numbers"),
    (["--line", "a,b,c,d", *WAY], "four numbers"),
    (["--line", "", *WAY], "four numbers"),
    (["--line", "nan,0,0.5,1", *WAY], "is not a number"),
    (["--line", "inf,0,0.5,1", *WAY], "is not a number"),
    (["--line", "0.1,0.5,0.9,0.5", *WAY], "runs along the line"),
    ([*LINE, "--name", "a", "--name", "b"], "Name all lines or none"),
    ([*LINE, "--name", ""], "1 to 40 characters"),
    ([*LINE, "--name", "x" * 41], "1 to 40 characters"),
    ([*LINE, *LINE, "--name", "a", "--name", "a"], "the same --name"),
    ([*LINE, "--lines", "good.gt.json"], "The lines are given twice"),
    ([*LINE, "--camera", "door"], "add --config FILE"),
    ([*LINE, "--mount", "ceiling"], "oblique, overhead"),
    ([*LINE, "--mount", "overhaed"], "did you mean overhead?"),
    *(([*LINE, "--fps", rate], "--fps: ") for rate in ("0", "-5", "nan", "inf", "ten", "")),
    *(([*LINE, "--threads", count], "--threads: ") for count in ("0", "-1", "two", "17", "9" * 5000, "1.5")),
]
FILES: list[tuple[list[str], str]] = [
    ([*LINE, "--truth", "none.gt.json"], "none.gt.json: cannot be read"),
    ([*LINE, "--truth", "folder"], "folder: cannot be read"),
    *(
        (["--truth", f"{name}.gt.json"], f"{name}.gt.json: ")
        for name in (
            "empty", "half", "list", "lineless", "outside", "short", "up", "early", "text", "inn", "nan", "twice",
        )
    ),
    (["--lines", "letter.mp4"], "letter.mp4: is not JSON"),
    (["--lines", "none.toml"], "none.toml: cannot be read"),
    (["--config", "none.toml"], "none.toml: cannot be read"),
    (["--config", "folder"], "folder: cannot be read"),
    (["--config", "letter.toml"], "letter.toml:1: is not TOML"),
    (["--config", "typo.toml"], "typo.toml:1: is not TOML"),
    (["--config", "empty.toml"], "no [[camera]]"),
    (["--config", "lineless.toml"], "No line to count at"),
    (["--config", "unknown.toml"], "unknown.toml:2: camera[0].nmae: there is no such setting; did you mean name?"),
    (["--config", "rate.toml"], "rate.toml:2: camera[0].fps: 0.0 will not do"),
    (["--config", "outside.toml"], "2.0 will not do; give the other end as two fractions of the picture"),
    (["--config", "two.toml"], "say which with --camera"),
    (["--config", "two.toml", "--camera", "c"], "no camera 'c'"),
    (["--config", "door.avi"], "is not text in UTF-8"),
    *(
        ([*LINE, "--model", f"{name}.tflite"], f"{name}.tflite: ")
        for name in ("none", "empty", "letter", "half", "classifier", "grey")
    ),
    ([*LINE, "--model", "folder"], "folder: cannot be read"),
    ([*LINE, "--model", "door.avi"], "not a .tflite model"),
    ([*LINE, "--delegate", "none.so"], "none.so: the delegate library cannot be loaded"),
    ([*LINE, "--delegate", "letter.mp4"], "letter.mp4: the delegate library cannot be loaded"),
    ([*LINE, "--events", "folder"], "--events: folder is a folder"),
    ([*LINE, "--events", ""], "--events: . is a folder"),
    ([*LINE, "--events", "no/e.jsonl"], "--events: there is no folder no"),
    ([*LINE, "--events", "door.avi/e.jsonl"], "--events: there is no folder door.avi"),
    ([*LINE, "--events", "/proc/e.jsonl"], "--events: '/proc/e.jsonl' cannot be written"),
    ([*LINE, "--events", "e" * 300], "cannot be written"),
    ([*LINE, "--events", "door.avi"], "--events would overwrite door.avi"),
    ([*LINE, "--events", "./folder/../door.avi"], "--events would overwrite"),
    ([*LINE, "--events", "same.avi"], "--events would overwrite"),
    ([*LINE, "--events", "link.jsonl"], "--events would overwrite"),
    (["--truth", "good.gt.json", "--events", "good.gt.json"], "--events would overwrite"),
    (["--lines", "good.gt.json", "--events", "good.gt.json"], "--events would overwrite"),
    ([*LINE, "--model", "grey.tflite", "--events", "grey.tflite"], "--events would overwrite"),
    ([*LINE, "--render", "film.avi"], "must end in .mp4"),
    ([*LINE, "--render", "no/film.mp4"], "--render: there is no folder no"),
    ([*LINE, "--render", "/proc/film.mp4"], "--render: '/proc/film.mp4' cannot be written"),
    ([*LINE, "--render", "both.mp4", "--events", "both.mp4"], "name the same file"),
]  # fmt: skip
VIDEOS: list[tuple[str, str]] = [
    ("", "No video is named"),
    ("none.mp4", "There is no video none.mp4"),
    ("no/folder/door.mp4", "There is no video"),
    ("empty.mp4", "is empty (0 bytes)"),
    ("letter.mp4", "is not a video"),
    ("half.tflite", "is not a video"),
    ("still.jpg", "is a single picture"),
    ("cut.mp4", "cut short at its start"),
    ("cut.avi", "cut short at its start"),
    ("folder", "is a folder"),
    ("99", "There is no camera /dev/video99"),
    ("/dev/null", "is not a camera"),
    ("rtsp://", "no complete address"),
    ("ftp://cam/x", "no camera speaks ftp"),
    ("admin:hunter2@cam/live", "no complete address"),
]


def told(capsys: pytest.CaptureFixture[str], words: list[str]) -> str:
    """The one sentence on standard error; nothing but hints may stand on the other."""
    before = sorted(Path().rglob("*"))
    code = main(words)
    err = capsys.readouterr().err
    assert code == 2, err
    assert err.startswith("acm: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert "Traceback" not in err
    assert "hunter2" not in err
    assert sorted(Path().rglob("*")) == before
    return err


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("words", "sentence"), WORDS)
def test_wrong_words(capsys: pytest.CaptureFixture[str], words: list[str], sentence: str) -> None:
    assert sentence in told(capsys, words)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("words", "sentence"), LINES)
def test_wrong_lines_and_numbers(capsys: pytest.CaptureFixture[str], words: list[str], sentence: str) -> None:
    assert sentence in told(capsys, ["replay", "door.avi", *words])


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("words", "sentence"), FILES)
def test_wrong_files(capsys: pytest.CaptureFixture[str], words: list[str], sentence: str) -> None:
    assert sentence in told(capsys, ["replay", "door.avi", *words])


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("video", "sentence"), VIDEOS)
@pytest.mark.parametrize(
    "words",
    [
        ["replay", *LINE, "--events", "e.jsonl", "--render", "r.mp4", "--"],
        ["demo", "--no-sound", *LINE],
    ],
    ids=["replay", "demo"],
)
def test_wrong_videos(capsys: pytest.CaptureFixture[str], words: list[str], video: str, sentence: str) -> None:
    assert sentence in told(capsys, [*words, video])


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("video", ["none.mp4", "empty.mp4", "letter.mp4", "cut.avi"])
def test_the_bench_refuses_what_it_cannot_measure_on(capsys: pytest.CaptureFixture[str], video: str) -> None:
    assert video in told(capsys, ["bench", "--video", video])


def test_a_video_that_breaks_off_is_counted_and_told(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    path = write_clip(shop / "long.avi", 60)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert main(["replay", "long.avi", *LINE, "--events", "e.jsonl"]) == 2
    out, err = capsys.readouterr()
    assert "long.avi: " in out
    assert err.startswith("acm: long.avi is incomplete: it breaks off after ")
    assert err.count("\n") == 1
    assert (shop / "e.jsonl").exists()


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_stream_nobody_offers(capsys: pytest.CaptureFixture[str], scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = f"{scheme}://admin:hunter2@127.0.0.1:{door.getsockname()[1]}/live"
    assert "cannot be reached" in told(capsys, ["replay", address, *LINE])


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("camera", "pictures"), [(SilentCamera, None), (HttpCamera, 0), (RtspCamera, 0), (LockedCamera, None)]
)
def test_a_stream_that_gives_nothing_is_told_within_ten_seconds(
    capsys: pytest.CaptureFixture[str], camera: type[SilentCamera], pictures: int | None
) -> None:
    with camera(pictures=pictures) as server:
        start_s = monotonic()
        sentence = told(capsys, ["replay", server.address, *LINE])
        assert monotonic() - start_s < 10
    assert f"{server.scheme}://***@127.0.0.1:{server.port}/live" in sentence
