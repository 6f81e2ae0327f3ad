"""Replaying footage: what is counted, kept, written and told."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from edge.analytics.scene import Scene
from edge.config.truth import TruthLine
from edge.core.errors import CameraError, InputError
from edge.core.frame import Frame
from edge.core.model import Box, Detection, Direction, Mount, Tripwire
from edge.recording.clip import ClipWriter
from edge.services.plan import Wish, plan
from edge.services.replay import Filming, Outcome, Progress, event_lines, replay
from edge.services.replay_report import Report, verdicts
from edge.vision.oblique import ObliqueEye

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

WIRE = Tripwire("door", (0.5, 1.0), (0.5, 0.0))


class Roll:
    """A camera that shows noise at 10 pictures a second (so that the motion gate stays open)."""

    def __init__(self, seconds: float) -> None:
        self._left = round(seconds * 10)
        self._number = 0
        self._chance = np.random.default_rng(3)

    def read(self) -> Frame | None:
        if self._number >= self._left:
            return None
        image = self._chance.integers(0, 255, (120, 160, 3), dtype=np.uint8)
        frame = Frame(image, self._number / 10, self._number)
        self._number += 1
        return frame

    def close(self) -> None:
        pass


class Script:
    """A detector that sees what it was told."""

    def __init__(self, walk: Callable[[float], list[Detection]]) -> None:
        self._walk = walk

    def detect(self, frame: Frame) -> Sequence[Detection]:
        return self._walk(frame.t_s)


def body(x: float) -> Detection:
    return Detection(Box(x - 0.06, 0.4, x + 0.06, 0.85), 0.9)


def walker(t_s: float) -> list[Detection]:
    """From left to right in 4 s, over the line at 2 s."""
    return [body(0.1 + 0.2 * t_s)] if t_s <= 4 else []


def run(walk: Callable[[float], list[Detection]] = walker, seconds: float = 6.0, **kwargs: object) -> Outcome:
    return replay(Roll(seconds), ObliqueEye(Script(walk)), lambda aspect: Scene([WIRE], (), aspect), **kwargs)


def test_a_walker_counts_once_at_the_moment_of_crossing() -> None:
    outcome = run()
    (crossing,) = outcome.crossings
    assert crossing.direction is Direction.IN
    assert crossing.t_s == pytest.approx(2.0, abs=0.15)
    assert outcome.totals == {"door": {Direction.IN: 1, Direction.OUT: 0}}
    assert (outcome.frames, outcome.inside) == (60, 1)


def test_what_the_end_of_the_footage_cuts_off_is_told() -> None:
    outcome = run(seconds=2.0)
    assert outcome.crossings == []
    assert [rejected.reason.value for rejected in outcome.rejected] == ["was lost inside the band"]


def test_the_same_footage_gives_the_same_events() -> None:
    def two(t_s: float) -> list[Detection]:
        return [*walker(t_s), *([body(0.95 - 0.2 * t_s)] if t_s <= 4 else [])]

    first, second = run(two), run(two)
    assert event_lines(first.crossings) == event_lines(second.crossings)
    assert first.crossings


def test_no_picture_at_all_is_an_error() -> None:
    with pytest.raises(CameraError, match="no picture"):
        run(seconds=0.0)


def test_event_lines_are_sorted_json() -> None:
    outcome = run(lambda t_s: [body(0.1 + 0.2 * (t_s % 4))] if t_s % 4 < 3.8 else [], seconds=12.0)
    rows = [json.loads(row) for row in event_lines(list(reversed(outcome.crossings))).splitlines()]
    assert len(rows) == 3
    assert [row["t"] for row in rows] == sorted(row["t"] for row in rows)
    assert set(rows[0]) == {"t", "line", "direction", "track", "provisional_t"}
    assert rows[0]["direction"] == "in"
    assert rows[0]["line"] == "door"
    assert rows[0]["provisional_t"] >= rows[0]["t"]


def test_the_rendered_clip_plays_and_shows_the_count(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    with ClipWriter(out, 10.0) as clip:
        run(watchers=[Filming(clip)])
    video = cv2.VideoCapture(str(out))
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(10.0)
    seen = 0
    while video.read()[0]:
        seen += 1
    assert seen == 60


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_moves_once_a_second_and_goes() -> None:
    out = Terminal()
    progress = Progress(out, 6.0)
    run(watchers=[progress])
    progress.clear()
    bars = out.getvalue().split("\r")
    assert len(bars) == 1 + 6 + 1
    assert "50%" in bars[4]
    assert bars[-1] == "\033[K"


def test_report_tells_totals_reasons_and_truth() -> None:
    outcome = run(seconds=12.0)
    judged = verdicts(outcome, [("door", [(2.1, Direction.IN), (9.0, Direction.OUT)])])
    text = Report("clip.mp4", outcome, judged, explain=True).text()
    assert "door  in   1  out   0" in text
    assert "right 1 of 2, false 0, missed 1, F1 0.667" in text
    assert "missed: 9.0 s out" in text
    assert "Every track that came to a line was counted." in text
    told = json.loads(Report("clip.mp4", outcome, judged, explain=True).json())
    assert told["lines"][0]["truth"]["missed"] == [{"t": 9.0, "direction": "out"}]
    assert told["rejected"] == []


def test_report_names_every_rejected_track() -> None:
    outcome = run(seconds=2.0)
    text = Report("clip.mp4", outcome, explain=True).text()
    assert "door  track 1: was lost inside the band" in text
    assert "Not counted" not in Report("clip.mp4", outcome).text()


def test_plan_from_typed_lines() -> None:
    planned = plan(Wish(lines=("0.5,0,0.5,1", "0,0.5,1,0.5"), motions=("left-to-right", "top-to-bottom")))
    assert [wire.name for wire in planned.tripwires] == ["line1", "line2"]
    assert (planned.mount, planned.fps) == (Mount.OBLIQUE, 10.0)
    assert plan(Wish(lines=("0.5,0,0.5,1",), motions=("left-to-right",))).tripwires[0].name == "line"


LINE = {"lines": ("0.5,0,0.5,1",), "motions": ("left-to-right",)}


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (Wish(), "No line"),
        (Wish(lines=("0.5,0,0.5,1",)), "--in"),
        (Wish(motions=("left-to-right",)), "--line"),
        (Wish(**LINE, names=("a", "b")), "--name"),
        (Wish(**LINE, camera="door"), "--config"),
        (Wish(lines=("0.5,0,0.5,1",) * 2, motions=("left-to-right",) * 2, names=("a", "a")), "same --name"),
    ],
)
def test_plan_refuses_in_a_sentence(wish: Wish, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        plan(wish)
    assert "\n" not in str(caught.value)


def truth_file(folder: Path, **extra: object) -> Path:
    path = folder / "clip.gt.json"
    line = {"p1": [0.5, 0.0], "p2": [0.5, 1.0], "in": "left-to-right"}
    path.write_text(json.dumps({"clip": "clip.mp4", "line": line, "crossings": [{"t": 2.0, "dir": "in"}], **extra}))
    return path


def test_plan_takes_lines_from_the_truth_or_gives_the_truth_to_the_typed_line(tmp_path: Path) -> None:
    path = truth_file(tmp_path)
    planned = plan(Wish(truth=path))
    assert planned.tripwires == (planned.truth[0].tripwire,)
    assert plan(Wish(lines_from=path)).truth == ()
    typed = plan(Wish(lines=("0.4,0,0.4,1",), motions=("left-to-right",), names=("front",), truth=path))
    assert typed.truth == (TruthLine(typed.tripwires[0], planned.truth[0].crossings),)


def test_plan_refuses_lines_given_twice_and_truth_of_other_lines(tmp_path: Path) -> None:
    path = truth_file(tmp_path)
    with pytest.raises(InputError, match="twice"):
        plan(Wish(**LINE, lines_from=path))
    two = Wish(lines=("0.5,0,0.5,1", "0,0.5,1,0.5"), motions=("left-to-right", "top-to-bottom"), truth=path)
    with pytest.raises(InputError, match="--name"):
        plan(two)


SETTINGS = """
[[camera]]
name = "front"
mount = "overhead"
fps = 5.0
[[camera.line]]
name = "door"
from = [0.0, 0.5]
to = [1.0, 0.5]
in = "top-to-bottom"
[[camera]]
name = "back"
[[camera.line]]
name = "gate"
from = [0.5, 0.0]
to = [0.5, 1.0]
in = "left-to-right"
"""


def test_plan_from_a_settings_file_yields_to_what_was_typed(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(SETTINGS)
    front = plan(Wish(config=path, camera="front"))
    assert ([wire.name for wire in front.tripwires], front.mount, front.fps) == (["door"], Mount.OVERHEAD, 5.0)
    typed = plan(Wish(config=path, camera="front", mount=Mount.OBLIQUE, fps=8.0))
    assert (typed.mount, typed.fps) == (Mount.OBLIQUE, 8.0)
    with pytest.raises(InputError, match="front, back"):
        plan(Wish(config=path))
    with pytest.raises(InputError, match="no camera 'side'"):
        plan(Wish(config=path, camera="side"))
    with pytest.raises(InputError, match="front, back"):
        plan(Wish(lines_from=path))
