"""Real footage with a truth noted by hand: what a user gets from ``acm replay``.

The clips are not part of the project. They are looked for in the folder named by ACM_FOOTAGE, in ``footage`` and in
``../shared/footage``; where there are none, these tests are not there either (conftest.py).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from footage import FOOTAGE

from edge.cli import main

if TYPE_CHECKING:
    from pathlib import Path

# At least so many right, at most so many false, as the product promises it at 10 pictures a second.
CLIPS = [
    ("o1_room_one_by_one", "oblique", 12, 12, 0),
    ("o2_plaza_pets_s2l1", "oblique", 27, 26, 1),
    ("o3_bus_door_overhead", "overhead", 13, 12, 1),
    ("o4_overhead_mono_sun", "overhead", 4, 4, 1),
]


def replayed(name: str, mount: str, fps: str, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    """The outcome of one replay."""
    assert FOOTAGE is not None
    clip, truth = FOOTAGE / f"{name}.mp4", FOOTAGE / f"{name}.gt.json"
    assert main(["replay", str(clip), "--truth", str(truth), "--mount", mount, "--fps", fps, "--json", *words]) == 0
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return told


def tally(told: dict[str, object]) -> tuple[int, int, int]:
    """Right, false and missed over all lines."""
    verdicts = [line["truth"] for line in told["lines"]]  # type: ignore[attr-defined]
    return (
        sum(verdict["right"] for verdict in verdicts),
        sum(len(verdict["false"]) for verdict in verdicts),
        sum(len(verdict["missed"]) for verdict in verdicts),
    )


@pytest.mark.parametrize(("name", "mount", "real", "least", "most_false"), CLIPS)
def test_at_ten_pictures_a_second(
    name: str, mount: str, real: int, least: int, most_false: int, capsys: pytest.CaptureFixture[str]
) -> None:
    right, false, missed = tally(replayed(name, mount, "10", capsys))
    assert right + missed == real
    assert right >= least
    assert false <= most_false


@pytest.mark.parametrize(("name", "mount"), [clip[:2] for clip in CLIPS])
def test_at_five_at_most_one_is_lost(name: str, mount: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, false, missed = tally(replayed(name, mount, "5", capsys))
    assert missed <= 1
    assert false <= 1


def test_the_same_clip_gives_the_same_events(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = []
    for number in range(2):
        path = tmp_path / f"{number}.jsonl"
        replayed("o3_bus_door_overhead", "overhead", "10", capsys, "--events", str(path))
        written.append(path.read_bytes())
    assert written[0] == written[1] != b""
